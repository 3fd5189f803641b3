#!/usr/bin/perl
# What lode-news finds in labelled articles, in the half that no table was tuned on, and in the text of the known events.
use strict;
use warnings;
use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::More;
use Lode qw(top bin shared slurp run);

my $here = top() . '/tests/news';

# Each half has every class and every trap.
my (%classes, %traps, %items);
for my $half (qw(tuning kept)) {
	my (undef, @lines) = split /\n/, slurp("$here/$half.tsv");
	for (@lines) {
		my (undef, undef, $trap, undef, undef, undef, $expect) = split /\t/, $_, -1;
		$items{$half}++;
		$traps{$trap}{$half}++ if $trap ne '';
		$classes{$_}{$half}++ for map { /^([a-z-]+?)[-+0]?@/ } split ' ', $expect;
	}
}
is(join(' ', grep { keys %{ $classes{$_} } < 2 } sort keys %classes), '', 'every class is in both halves');
is(join(' ', grep { keys %{ $traps{$_} } < 2 } sort keys %traps), '', 'every trap is in both halves');

SKIP: {
	skip 'lode-news is not built', 1 if !-x bin() . '/lode-news';
	my $refused = run(command => [ "$here/score", '--errors', "$here/kept.tsv" ]);
	isnt($refused->{status}, 0, 'what goes wrong in the half kept apart is not shown');
	is($refused->{out}, '', 'not a line of it');
	my $got = run(command => [ "$here/score", '--figures' ], seconds => 600);
	is($got->{status}, 0, 'scored') or diag($got->{err});
	my %figure = map { split /\t/ } split /\n/, $got->{out};
	for my $half (qw(tuning kept)) {
		note("$half: " . join ', ', map { "$_ " . ($figure{"$half.$_"} // 'none') } qw(micro macro threats places signs days actors quantities));
	}
	cmp_ok($figure{'kept.micro'} // 0, '>=', 0.90, 'F1 in the half kept apart');
	my (%lots, $dir);
	$dir = tempdir(CLEANUP => 1);
	my ($header, @items) = split /\n/, slurp("$here/tuning.tsv");
	push @{ $lots{ /^t-(\d+)/ && $1 <= 803 ? 'mended' : 'fresh' } }, $_ for @items;
	for my $lot (keys %lots) {
		open my $out, '>', "$dir/$lot.tsv" or die "$dir/$lot.tsv: $!\n";
		print $out map { "$_\n" } $header, @{ $lots{$lot} };
		close $out or die "$dir/$lot.tsv: $!\n";
	}
	my $apart = run(command => [ "$here/score", '--figures', "$dir/mended.tsv", "$dir/fresh.tsv" ], seconds => 600);
	is($apart->{status}, 0, 'scored, the later lots apart') or diag($apart->{err});
	my %part = map { split /\t/ } split /\n/, $apart->{out};
	note("$_: F1 $part{\"$_.micro\"}") for qw(mended fresh);
	cmp_ok($part{'mended.micro'} // 0, '>=', 0.94, 'F1 in the tuning half up to t-803');
	cmp_ok($part{'fresh.micro'} // 0, '>=', 0.80, 'F1 in the lots behind, of which less is mended');
	is($figure{'tuning.threats'}, 0, 'no act is reported where only a threat is');
	TODO: {
		local $TODO = 'one of 143 items reports an act that is only threatened';
		is($figure{'kept.threats'}, 0, 'nor in the half kept apart');
	}
	SKIP: {
		skip shared() . '/domain/events.csv is not there', 1 if !-r shared() . '/domain/events.csv';
		cmp_ok($figure{'events.right'} // 0, '>=', 34, "class and sign of the known events, of $figure{'events.of'}");
	}
	my $forms = run(command => [ "$here/forms" ], seconds => 600);
	is($forms->{status}, 0, 'forms of telling crossed with acts') or diag($forms->{err});
	my %form = map { split /\t/ } split /\n/, $forms->{out};
	cmp_ok($form{supposed} // 0, '>', 8000, 'thousands that are not told as done');
	is($form{acts}, 0, 'none of them is an act');
	cmp_ok($form{told} // 0, '>', 900, 'hundreds that are');
	is($form{found}, $form{told}, 'each of them is one');
}
done_testing();
