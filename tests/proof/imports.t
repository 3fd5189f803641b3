#!/usr/bin/perl
# More imports never raise a probability, on the fixtures: each figure a tenth greater, of all months, the last twelve, three and one; then
# every single figure of Myanmar, Laos and Malaysia in turn. The same random numbers are drawn throughout, so nothing is allowed for chance.
#
# A single figure of the past may raise a probability: what an event took from the months behind it, or the season, was then more than thought, or
# a figure now counts as an outlier. How often and how much is printed; at most 0.02 holds.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Temp qw(tempdir);
use Lode qw(top run);
use Test::More;

my $tables = top() . '/pipelines/heavy-rare-earths';
my $work = tempdir(CLEANUP => 1);
my $key = 'read -ra article < article';
my $made = run(command => ['bash', '-c', "set -e; $tables/tape " . top() . "/fixtures . 2>&1; $key; " .
	"lode-asof --as-of 2025-12-31 \"\${article[\@]}\" merged > known; lode-assay --tables $tables known > tape"], dir => $work, seconds => 300);
is($made->{status}, 0, 'the tape of the fixtures') or BAIL_OUT($made->{out} . $made->{err});
my @lines = split /\n/, Lode::slurp("$work/tape");
my %at = do { my $i = 0; map { $_ => $i++ } split /\t/, $lines[0] };

# Probabilities of a deficit by region, commodity and horizon, of a tape with some figures a tenth greater.
sub probabilities {
	my ($date, $which) = @_;
	my @tape = map {
		my @f = split /\t/, $_, -1;
		if ($f[$at{indicator}] eq 'feed.mass' && $f[$at{value}] ne '' && $which->(\@f)) {
			$f[$at{value}] = sprintf '%.6f', $f[$at{value}] * 1.1;
		}
		join "\t", @f;
	} @lines[1 .. $#lines];
	my $run = run(command => ['lode-estimate', '--as-of', $date, '--tables', $tables, '--places', 'MM-11,CN-YN', '--paths', 1000],
		input => join("\n", $lines[0], @tape) . "\n");
	$run->{status} == 0 or BAIL_OUT($run->{err});
	my @rows = map { [split /\t/] } split /\n/, $run->{out};
	return { map { ("$_->[2] $_->[4] $_->[1]" => $_->[6]) } grep { $_->[5] eq 'deficit.probability' } @rows };
}

sub rise {
	my ($base, $more) = @_;
	my ($most, $least) = (0, 0);
	for (keys %$base) {
		my $by = $more->{$_} - $base->{$_};
		$most = $by if $by > $most;
		$least = $by if $by < $least;
	}
	return ($most, $least);
}

for my $date (qw(2021-09-25 2022-05-01 2023-10-25 2024-11-15 2025-01-17 2025-06-20)) {
	my $base = probabilities($date, sub { 0 });
	my %months = map { (substr($_->[$at{period}], -7) => 1) }
		grep { $_->[$at{indicator}] eq 'feed.mass' && $_->[$at{known}] le $date } map { [split /\t/, $_, -1] } @lines[1 .. $#lines];
	my @months = sort keys %months;
	for my $last (scalar @months, 12, 3, 1) {
		my $from = $months[-$last];
		my ($most, $least) = rise($base, probabilities($date, sub { substr($_[0][$at{period}], -7) ge $from }));
		ok($most == 0, "$date: figures from $from on a tenth greater: " . sprintf('rises up to %.3f, falls up to %.3f', $most, -$least));
	}
}

my $date = '2025-01-17';
my $base = probabilities($date, sub { 0 });
my %figures = map { ($_ => 1) } map { join ' ', @$_[@at{qw(period partner basket)}] }
	grep { $_->[$at{indicator}] eq 'feed.mass' && $_->[$at{partner}] =~ /^(MM|LA|MY)$/ && $_->[$at{value}] > 0 && $_->[$at{known}] le $date }
	map { [split /\t/, $_, -1] } grep { /\tfeed\.mass\t[^\t]/ } @lines;
my ($rises, $worst, $which, $deepest) = (0, 0, '', 0);
for my $figure (sort keys %figures) {
	my ($most, $least) = rise($base, probabilities($date, sub { join(' ', @{$_[0]}[@at{qw(period partner basket)}]) eq $figure }));
	$rises++ if $most > 0;
	($worst, $which) = ($most, $figure) if $most > $worst;
	$deepest = $least if $least < $deepest;
}
diag(sprintf '%s: %d figures in turn: %d raise a probability somewhere, by up to %.4f (%s); falls up to %.4f', $date, scalar(keys %figures), $rises,
	$worst, $which, -$deepest);
ok($worst <= 0.02, 'a single figure raises no probability by more than 0.02');
done_testing();
