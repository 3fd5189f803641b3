#!/usr/bin/perl
# Runs every folder tests/cases/FILTER/CASE (README.md); `tests/cases.t --update [FILTER[/CASE] ...]` writes what they want.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Basename qw(basename);
use File::Temp qw(tempdir);
use Lode qw(top shared bin filters run slurp spew difference);
use Test::More;

my $cases = top() . '/tests/cases';
my $update = @ARGV && $ARGV[0] eq '--update' ? shift @ARGV : '';
my @only = map { s{^(?:.*/)?tests/cases/|/+$}{}gr } @ARGV;

# What a case needs and is not here, "" when all is.
sub missing {
	my ($case) = @_;
	return '' unless -e "$case/needs";
	for my $need (split ' ', slurp("$case/needs")) {
		my $there = $need =~ m{^\.\./shared/(.*)} ? -e shared() . "/$1"
		    : $need =~ m{/} ? -e top() . "/$need"
		    : grep { -x "$_/$need" } bin(), split /:/, $ENV{PATH};
		return "no $need" unless $there;
	}
	return '';
}

# The cases run in a copy of the tree, with the other folders of the project around it, so that they may make files and
# use those of a case beside them.
my $copy = tempdir(CLEANUP => 1);
mkdir "$copy/tests" or die;
system('cp', '-R', $cases, "$copy/tests/cases") == 0 or die "cannot copy $cases\n";
symlink $_, "$copy/" . basename($_) for grep { !m{/tests$} } glob(top() . '/*');

sub result {
	my ($name) = @_;
	return run(command => ['/bin/sh', './cmd'], dir => "$copy/tests/cases/$name");
}

sub want {
	my ($case, $part, $default) = @_;
	return -e "$case/want.$part" ? slurp("$case/want.$part") : $default;
}

my $done = 0;
for my $case (sort glob("$cases/*/*")) {
	my $name = $case =~ s{^\Q$cases/}{}r;
	next unless -d $case && (!@only || grep { $name eq $_ || index($name, "$_/") == 0 } @only);
	$done++;
	unless (-e "$case/cmd") {
		fail("$name: has a cmd");
		next;
	}
	my $missing = missing($case);
	if ($missing ne '') {
		SKIP: { skip "$name: $missing", 1 }
		next;
	}
	my $got = result($name);
	if ($update && $got->{status} == 127) {
		print "did not write $name: $got->{err}";
		next;
	}
	if ($update) {
		my %part = (out => $got->{out}, err => $got->{err}, status => $got->{status} ? "$got->{status}\n" : '');
		for my $part (sort keys %part) {
			unlink "$case/want.$part";
			spew("$case/want.$part", $part{$part}) if $part{$part} ne '';
		}
		print "wrote $name (status $got->{status})\n";
		next;
	}
	my $difference = difference(want($case, 'out', ''), $got->{out}, 'out') . difference(want($case, 'err', ''), $got->{err}, 'err')
	    . difference(want($case, 'status', "0\n"), "$got->{status}\n", 'status');
	ok($difference eq '', $name) or diag($difference);
}
exit($done ? 0 : 1) if $update;
plan skip_all => 'there are no cases' unless $done;
# Each option that is the filter's own has a case that gives it.
for my $name (@only ? () : filters()) {
	my $commands = join '', map { slurp($_) } glob("$cases/$name/*/cmd");
	my @without;
	my $help = run(command => [ bin() . "/$name", '--help' ])->{out};
	while ($help =~ /^  (?:-(\w), |    )--([a-z][a-z0-9-]*)/mg) {
		my ($letter, $long) = ($1, $2);
		next if $long =~ /^(?:rejects|allow-rejects|max-record|name|help|version)$/;
		push @without, "--$long" unless $commands =~ /(?<=\s)--$long\b/ || (defined $letter && $commands =~ /(?<=\s)-\w*$letter/);
	}
	is("@without", '', "$name: every option has a case");
}
done_testing();
