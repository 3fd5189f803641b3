#!/usr/bin/perl
# Damaged input, made from each filter's contract input by a fixed sequence of random numbers: whatever comes in, a filter ends with
# a status of its own (no crash, no report of a sanitizer, in time), says why when it stops, and leaves whole lines of one width.
# LODE_ONLY: a regular expression, for some filters only; LODE_ROUNDS: how many inputs each.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use Test::More;
use Lode qw(top bin filters run slurp spew);

my $contract = top() . '/tests/contract';
my $dir = tempdir(CLEANUP => 1);
my $rounds = $ENV{LODE_ROUNDS} // 40;
my @pieces = ('"', "\r", "\n", "\r\n", "\t", ',', "\0", "\xff", "\xef\xbb\xbf", "\xff\xfe", '\\', '[', '{', '-', '.', '1e999999999',
	'9' x 60, "\x1f\x8b\x08", "PK\x03\x04", '#START', ' ', "\xc4\xea", '2025-13', '0000-00-00T00:00:00Z', 'N/A');

srand 20180101;

sub damage {
	my ($bytes) = @_;
	for (1 .. 1 + int rand 4) {
		my $at = int rand(1 + length $bytes);
		my $n = int rand 20;
		my $kind = int rand 6;
		if ($kind == 0 && $at < length $bytes) {
			substr($bytes, $at, 1) = chr int rand 256;
		} elsif ($kind == 1) {
			substr($bytes, $at, 0) = $pieces[rand @pieces];
		} elsif ($kind == 2) {
			substr($bytes, $at, $n) = '';
		} elsif ($kind == 3) {
			substr($bytes, $at, 0) = substr($bytes, int rand(1 + length $bytes), 10 * $n);
		} elsif ($kind == 4) {
			substr($bytes, $at, $n) = $pieces[rand @pieces];
		} elsif (rand() < 0.3) {
			substr($bytes, $at) = '';
		}
	}
	return $bytes;
}

# What is wrong with a run, or ''.
sub fault {
	my ($got) = @_;
	return "status $got->{status}: $got->{err}" if $got->{status} > 3;
	return "a sanitizer's report: $got->{err}" if $got->{err} =~ /Sanitizer|runtime error/;
	return 'it failed without a word' if $got->{status} != 0 && $got->{err} eq '';
	return '' if $got->{out} eq '';
	return 'the last line is not whole' if $got->{out} !~ /\n\z/;
	my $width;
	for (split /\n/, $got->{out}) {
		next if /^#/;
		my $tabs = tr/\t//;
		return "a line of another width: $_" if $tabs != ($width //= $tabs);
	}
	return '';
}

for my $name (grep { !defined $ENV{LODE_ONLY} || /$ENV{LODE_ONLY}/ } filters()) {
	my $in = slurp(-e "$contract/$name.in" ? "$contract/$name.in" : "$contract/tape.in");
	my $args = -e "$contract/$name.args" ? slurp("$contract/$name.args") =~ s/\s+/ /gr : '';
	my $fault = '';
	for my $round (1 .. $rounds) {
		my @more = $round % 2 ? () : ('--rejects', '/dev/null');
		my $bytes = damage($in);
		my $got = run(command => [ '/bin/sh', '-c', "exec '" . bin() . "/$name' $args \"\$\@\"", 'sh', @more ], input => $bytes, dir => $dir);
		next unless $fault = fault($got);
		my $keep = dirname(bin()) . "/fuzz-$name-$round.in";
		spew($keep, $bytes);
		$fault = "$keep: $fault";
		last;
	}
	is($fault, '', "$name: $rounds damaged inputs");
}
done_testing();
