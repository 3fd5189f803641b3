#!/usr/bin/perl
# The layers of common/: who may include whom, which calls are not made, and that each header compiles alone.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Basename qw(basename);
use File::Temp qw(tempdir);
use Test::More;
use Lode qw(top slurp run);

my $top = top();
my %row;     # module -> row
my %streams; # rows in which a module may not reach a file or a pipe

# | 4 methods | `ssm` `random` ... | ... |
for (split /\n/, slurp("$top/common/README.md")) {
	my ($number, $modules) = /^\| *(\d) [^|]*\|([^|]*)\|/ or next;
	for my $module ($modules =~ /`([a-z0-9_]+)`/g) {
		ok(!exists $row{$module}, "$module stands in one row only");
		$row{$module} = $number;
	}
}
my @sources = (sort glob("$top/common/*.c"), sort glob("$top/common/*.h"));
my %there = map { basename($_) =~ s/\.[ch]$//r => 1 } @sources;
is(join(' ', grep { !exists $row{$_} } sort keys %there), '', 'every module is named in common/README.md');
is(join(' ', grep { !$there{$_} } sort keys %row), '', 'and nothing else is');

# Calls that no module and no filter makes, with what to use.
my %forbidden = (
	strcpy => 'str or buf', strcat => 'buf', sprintf => 'snprintf', vsprintf => 'vsnprintf', gets => 'rows', atoi => 'dec_parse',
	atof => 'dec_parse', atol => 'dec_parse', strtok => 'str_split', system => 'nothing', popen => 'nothing', setlocale => 'nothing',
	localtime => 'instant', mktime => 'instant', scanf => 'dec_parse', sscanf => 'dec_parse', tmpnam => 'mkstemp', rand => 'random');
my $forbidden = join '|', keys %forbidden;

# What a method may not do, besides including a stream.
my $streams = 'source|peek|sink|tape|collate|rejects';
my $io = 'fopen|open|read|write|printf|fprintf|puts|fputs|putchar|fread|fwrite|getenv|time|clock_gettime|gettimeofday';

for my $path (@sources, sort glob("$top/filters/*.c")) {
	my $file = $path =~ s{^\Q$top/}{}r;
	my $module = basename($file) =~ s/\.[ch]$//r;
	my $text = slurp($path);
	my @included = $text =~ /^#include "([a-z0-9_]+)\.h"/mg;
	# without comments and strings, line by line as it was
	my $code = $text =~ s{/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'}{ $& =~ tr/\n//cdr }gesr;
	my @calls = $code =~ /(?<![\w.>])($forbidden)\s*\(/g;
	is(join(' ', @calls), '', "$file makes no forbidden call") or diag(map { "instead of $_: $forbidden{$_}\n" } @calls);
	unlike($text, qr/[ \t]+$/m, "$file has no blanks at the end of a line");
	next unless $file =~ /^common/ && exists $row{$module};
	my @up = grep { ($row{$_} // 9) > $row{$module} } @included;
	is(join(' ', @up), '', "$file includes only from rows 0 to $row{$module}");
	if ($row{$module} == 4) {
		is(join(' ', grep { /^(?:$streams)$/ } @included), '', "$file includes no stream");
		is(join(' ', $code =~ /(?<![\w.>])($io)\s*\(/g), '', "$file does no I/O");
	} elsif ($row{$module} < 3) {
		is(join(' ', $code =~ /(?<![\w.>])(fopen|open|printf|fprintf|puts|fputs|getenv|time|exit|abort)\s*\(/g), '',
			"$file neither prints nor exits, and reads neither files nor environment nor clock");
	}
}

my $dir = tempdir(CLEANUP => 1);
for my $header (sort glob("$top/common/*.h")) {
	my $got = run(command => [ 'gcc', '-std=c11', '-D_GNU_SOURCE', '-DLODE_VERSION=""', '-Wall', '-Wextra', '-Werror', '-fsyntax-only',
		"-I$top/common", '-x', 'c', $header ]);
	is($got->{err} =~ s/.*#pragma once.*\n//gr, '', basename($header) . ' compiles alone');
}
done_testing();
