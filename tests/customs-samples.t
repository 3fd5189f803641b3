#!/usr/bin/perl
# The real samples of customs files that are not China's or Comtrade's: taken byte for byte, every row accounted for, figures checked against the
# file itself.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Temp qw(tempdir);
use Lode qw(top bin shared run slurp);
use Test::More;

my $customs = shared() . '/data/customs';
my $partners = top() . '/pipelines/heavy-rare-earths/partners.tsv';
plan skip_all => "no folder $customs" unless -d $customs;
my $dir = tempdir(CLEANUP => 1);

# What a filter makes of a file, as lists of fields, with what it said.
sub tape_of {
	my ($name, $path, @more) = @_;
	my $got = run(command => [ bin() . "/$name", '--known', '2024-04-15', '--partners', $partners, @more, $path ], dir => $dir);
	my ($header, @lines) = map { [ split /\t/, $_, -1 ] } split /\n/, $got->{out};
	my %column = map { $header->[$_] => $_ } 0 .. $#$header;
	return ($got, map { my $line = $_; +{ map { $_ => $line->[$column{$_}] } keys %column } } @lines);
}

# Rows of a plain file as hashes.
sub rows_of {
	my ($path) = @_;
	my ($header, @rows) = map { [ split /,/, $_, -1 ] } split /\r?\n/, slurp($path);
	return map { my $row = $_; +{ map { $header->[$_] => $row->[$_] } 0 .. $#$header } } @rows;
}

sub checked {
	my ($tape) = @_;
	my $got = run(command => [ bin() . '/lode-check' ], input => $tape, dir => $dir);
	is($got->{status}, 0, 'lode-check passes the tape') or diag($got->{err});
}

subtest 'Comext, the current shape' => sub {
	my ($path) = glob "$customs/comext/*.dat";
	plan skip_all => "no file in $customs/comext" unless defined $path;
	my ($got, @obs) = tape_of('lode-comext', $path);
	my @rows = rows_of($path);
	is("$got->{status} $got->{err}", '0 ', 'every row is taken');
	checked($got->{out});
	is(scalar @obs, 2 * @rows, 'money and mass of every row');
	for my $i (0 .. $#rows) {
		my ($row, $value, $mass) = ($rows[$i], @obs[2 * $i, 2 * $i + 1]);
		my $what = join ' ', @$row{qw(REPORTER PARTNER PRODUCT_NC VALUE_EUR QUANTITY_KG TRADE_TYPE STAT_PROCEDURE)}, substr($row->{PERIOD}, 0, 4) . '-' . substr $row->{PERIOD}, 4;
		is(join(' ', $value->{area}, $value->{partner}, $value->{commodity} =~ s/^hs://r, $value->{value}, $mass->{value}, @$value{qw(trade procedure period)}), $what, "row $i");
		is("$value->{indicator} $value->{unit} $mass->{indicator} $mass->{unit}", 'export.value EUR export.mass kg', "row $i: what they are");
	}
	ok((grep { $_->{commodity} eq 'hs:39XXXXXX' } @obs), 'a confidential code stays text');
};

subtest 'Japan, by customs office' => sub {
	my ($path) = glob "$customs/japan/*by_office*.csv";
	plan skip_all => "no file in $customs/japan" unless defined $path;
	my ($got, @obs) = tape_of('lode-estat', $path);
	my @rows = rows_of($path);
	my @months = qw(Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec);
	my (@want, $zero);
	for my $row (@rows) {
		my $year = 0;
		for my $m (0 .. 11) {
			my ($value, $quantity) = @$row{"Value-$months[$m]", "Quantity2-$months[$m]"};
			$year += $value;
			$value + $quantity == 0 ? $zero++ : push @want, sprintf('%s-%02d %s %s %s', $row->{Year}, $m + 1, $row->{Custom}, $value * 1000, $quantity);
		}
		is($year, $row->{'Value-Year'}, 'the months of a row make its year');
	}
	is($got->{err}, 'lode-estat: ' . 12 * @rows . ' records: ' . @want . " used, $zero no-trade, 0 rejected\n", 'every month is accounted for');
	is($got->{status}, 0, 'status');
	checked($got->{out});
	my @have;
	for (my $i = 0; $i < @obs; $i += 2) {
		is("$obs[$i]{indicator} $obs[$i]{unit} $obs[$i + 1]{indicator} $obs[$i + 1]{unit}", 'export.value JPY export.quantity NO', 'what they are') if $i == 0;
		push @have, join ' ', @{ $obs[$i] }{qw(period place value)}, $obs[$i + 1]{value};
	}
	is(join("\n", @have), join("\n", @want), 'figures, yen times 1000');
	is(join(' ', sort { $a cmp $b } keys %{ { map { $_->{partner} => 1 } @obs } }), 'AU CN FR GB HK KR US', 'partners');
};

subtest 'BACI, the lists of codes' => sub {
	my ($countries) = glob "$customs/codes/baci_country_codes*.csv";
	my ($products) = glob "$customs/codes/baci_product_codes_HS17*.csv";
	plan skip_all => "no lists in $customs/codes" unless defined $countries && defined $products;
	my @codes = map { /^(\d+);/ ? $1 : () } split /\n/, slurp($countries);
	my $year = "t,i,j,k,v,q\n" . join '', map { "2021,$_,156,284690,1.5,NA\n" } @codes;
	my $got = run(command => [ bin() . '/lode-baci', '--known', '2023-01-31', '--partners', $partners, '--edition', 'HS17' ], input => $year, dir => $dir);
	is("$got->{status} $got->{err}", '0 ', 'every country of BACI has an area');
	is(($got->{out} =~ tr/\n//) - 1, scalar @codes, 'and a line');
	my @hs = map { /^"(\d+)"/ ? $1 : () } split /\n/, slurp($products);
	$year = "t,i,j,k,v,q\n" . join '', map { "2021,104,156,$_,1.5,NA\n" } @hs;
	my $lost = grep { length == 5 } @hs;
	$got = run(command => [ bin() . '/lode-baci', '--known', '2023-01-31', '--partners', $partners, '--edition', 'HS17', '--rejects', '/dev/null' ], input => $year, dir => $dir);
	is($got->{err}, 'lode-baci: ' . @hs . ' records: ' . (@hs - $lost) . " used, $lost rejected\n", 'codes without their zero are rejected');
	$got = run(command => [ bin() . '/lode-baci', '--known', '2023-01-31', '--partners', $partners, '--edition', 'HS17', '--pad' ], input => $year, dir => $dir);
	is("$got->{status} $got->{err}", '0 ', 'and taken with --pad');
	ok($got->{out} =~ /\ths17:010121\t/, 'with their zero');
};

done_testing();
