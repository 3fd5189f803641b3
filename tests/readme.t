#!/usr/bin/perl
# README.md names every filter and every dependency, and nothing that is not there.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Lode qw(top slurp run difference);

my $top = top();
my $readme = slurp("$top/README.md");
is(difference(run(command => [ "$top/tests/readme", '--print' ])->{out}, $readme, 'README.md'), '', 'the table of filters is current (tests/readme writes it)');

# Every library that is linked has its reason there.
my ($libraries) = slurp("$top/Makefile") =~ /^LDLIBS\s*\+=\s*(.*)$/m;
my %called = (isal => 'ISA-L', csv => 'libcsv', jansson => 'jansson', rdkafka => 'librdkafka', nlopt => 'NLopt', expat => 'expat', hs => 'Vectorscan', z => 'zlib', md => 'libmd');
for my $library ($libraries =~ /-l(\w+)/g) {
	next if $library =~ /^(?:m|pthread)$/;
	my $name = $called{$library} // $library;
	like($readme, qr/^- \*\*\Q$name\E\*\*/m, "README.md says why $library is linked");
}
for my $path ($readme =~ /\]\(([^)#:]+)\)/g) {
	ok(-e "$top/$path", "$path is there");
}
done_testing();
