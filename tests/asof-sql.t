#!/usr/bin/perl
# lode-asof against SQLite on random small tapes: its three uses as queries; and NEXMark's question 3.
# LODE_SEED: another set of tapes; LODE_ROUNDS: how many of each kind.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Temp qw(tempdir);
use POSIX qw(strftime);
use Test::More;
use Lode qw(bin sanitized run spew difference);

plan skip_all => 'no sqlite3' unless grep { -x "$_/sqlite3" } split /:/, $ENV{PATH};
my $dir = tempdir(CLEANUP => 1);
my $seed = $ENV{LODE_SEED} // 20250620;
my $rounds = $ENV{LODE_ROUNDS} // (sanitized() ? 50 : 200);
srand $seed;
my @columns = qw(known period area partner commodity indicator value unit status source ref);

sub pick { $_[int rand @_] }
sub instant { strftime('%Y-%m-%dT%H:%M:%SZ', gmtime shift) }
sub tape { my ($lines, @extra) = @_; return join '', map { join("\t", @$_) . "\n" } [ @columns, @extra ], @$lines }

sub lode {
	my (@words) = @_;
	my $r = run(command => [ bin() . '/lode-asof', @words ], dir => $dir);
	die "@words: $r->{status}: $r->{err}" if $r->{status} != 0;
	return $r->{out} =~ s/^[^\n]*\n//r;
}

# The answer of SQLite over tables l and r, the tapes of these names with `n` for the place of a line.
sub sql {
	my ($query, @tables) = @_;
	my $load = join '', map { ".import $_.tsv t$_\ncreate table $_ as select rowid as n, * from t$_;\n" } @tables;
	my $r = run(command => [ 'sqlite3', '-batch', ':memory:' ], dir => $dir, input => ".mode tabs\n$load$query;\n");
	die "$query\n$r->{err}" if $r->{err} ne '' || $r->{status} != 0;
	return $r->{out};
}

sub same {
	my ($want, $got, $what) = @_;
	my $fault = difference($want, $got, 'out');
	return 1 if $fault eq '';
	fail("$what (LODE_SEED=$seed)");
	diag($fault);
	return 0;
}

# Times that often coincide, and now and then a gap.
sub ticks {
	my ($n, $indicator, @extra) = @_;
	my $at = 1700000000 + int rand 10;
	my @lines;
	for my $i (1 .. $n) {
		$at += pick(0, 0, 1, 1, 2, 5, rand() < 0.1 ? 100 : 3);
		push @lines, [ instant($at), '2025-05', 'CN', pick('', 'MM', 'LA'), pick(qw(Dy2O3 Tb4O7)), pick(@$indicator),
			rand() < 0.1 ? '' : int rand 100, pick(qw(kg t)), 'A', 'x', "f:$i", map { pick(@$_) } @extra ];
	}
	return \@lines;
}

subtest 'as-of joins' => sub {
	for my $round (1 .. $rounds) {
		spew("$dir/l.tsv", tape(ticks(int rand 30, [ 'trade.mass' ], [ 'a', 'b' ]), 'basket'));
		spew("$dir/r.tsv", tape(ticks(int rand 30, [ 'price.exw.avg', 'price.fob.avg', 'fx.rate' ], [ 'a', 'b' ]), 'grade'));
		my ($on, @words) = @{ pick(
			[ 'r.area = l.area and r.partner = l.partner and r.commodity = l.commodity' ],
			[ 'r.commodity = l.commodity', '--on', 'commodity' ],
			[ 'r.commodity = l.commodity and r.partner = l.partner', '--on', 'commodity,partner' ],
			[ 'r.commodity = l.commodity and r.grade = l.basket', '--on', 'commodity,basket=grade' ],
			[ 'r.unit = l.unit and r.commodity = l.commodity', '--on', 'unit', '--key', 'commodity' ],
			[ '1', '--on', 'none' ]) };
		my ($which, @indicator) = @{ pick([ '1' ], [ "r.indicator like 'price.%'", '--indicator', 'price.' ],
			[ "r.indicator in ('fx.rate', 'price.fob.avg')", '-i', 'fx,price.fob' ]) };
		my $tolerance = pick(undef, 0, 1, 3, 60);
		my @take = @{ pick([ qw(value unit known ref) ], [ qw(ref) ], [ qw(grade indicator value) ]) };
		my $inner = pick(0, 1);
		push @words, @indicator, defined $tolerance ? ('--tolerance', "${tolerance}s") : (), '--take', join(',', @take), $inner ? '--inner' : ();
		my $within = defined $tolerance ? "and strftime('%s', l.known) - strftime('%s', r.known) <= $tolerance" : '';
		my $query = 'select ' . join(', ', map { "l.$_" } @columns, 'basket') . ', ' . join(', ', map { "ifnull(r.$_, '')" } @take)
		    . " from l left join r on r.n = (select r.n from r where $on and $which and r.known <= l.known $within order by r.known desc, r.n desc limit 1)"
		    . ($inner ? ' where r.n is not null' : '') . ' order by l.n';
		same(sql($query, 'l', 'r'), lode('--join', 'r.tsv', @words, 'l.tsv'), "round $round: @words") or return;
	}
	pass("$rounds rounds");
};

# Months, quarters, years, days and totals of one series side by side; a period is often published again.
sub figures {
	my $at = 1735000000;
	my @lines;
	for my $i (1 .. int rand 40) {
		$at += pick(0, 1, 86400, 3 * 86400);
		my $m = 1 + int rand 6;
		my $period = pick(sprintf('2025-%02d', $m), sprintf('2025-%02d', $m), sprintf('2025-%02d-%02d', $m, 1 + int rand 28),
			'2025-Q' . pick(1, 2), sprintf('2025-%02d/2025-%02d', $m, $m + 1 + int rand 3), pick(qw(2024 2025)));
		push @lines, [ instant($at), $period, 'CN', pick(qw(MM LA)), 'hs:2846', pick(qw(import.mass import.value)), rand() < 0.1 ? '' : $i, 'kg', 'A',
			'gacc', "f:$i", pick(qw(a b)) ];
	}
	return \@lines;
}

# First day of a period and the day behind its last.
sub extents {
	my ($table) = @_;
	my $first = "case length(period) when 4 then period || '-01-01' when 10 then period when 15 then substr(period, 1, 7) || '-01'"
	    . " else iif(period like '%-Q%', substr(period, 1, 5) || printf('%02d', substr(period, 7) * 3 - 2), period) || '-01' end";
	my $behind = "case length(period) when 4 then date($first, '+1 year') when 10 then date(period, '+1 day')"
	    . " when 15 then date(substr(period, 9) || '-01', '+1 month') else date($first, iif(period like '%-Q%', '+3 month', '+1 month')) end";
	return "select *, $first as first, $behind as behind from $table";
}

subtest 'the newest of each key, and of each series the one that is valid' => sub {
	for my $round (1 .. $rounds) {
		my $lines = figures();
		spew("$dir/l.tsv", tape($lines, 'basket'));
		my $as_of = @$lines ? pick(@$lines)->[0] : '2025-01-01T00:00:00Z';
		my ($more, @key) = @{ pick([ '' ], [ ', basket', '--key', 'basket' ]) };
		my $all = join ', ', @columns, 'basket';
		same(sql("select $all from (select *, row_number() over (partition by period, area, partner, commodity, indicator, source$more order by n desc) as nth
		    from l where known <= '$as_of') where nth = 1 order by n", 'l'), lode('--as-of', $as_of, @key, 'l.tsv'), "round $round: --as-of $as_of @key") or return;
		my $valid = pick('2025-03', '2025-04-15', '2025-Q2', '2025', '2025-02/2025-03', '2024-12', '2025-06-30');
		spew("$dir/p.tsv", "period\n$valid\n");
		my $query = 'create table e as ' . extents('l') . '; create table q as ' . extents('p') . ";
		    create table fit as select e.*, e.first <= q.first and e.behind >= q.behind as within, julianday(e.behind) - julianday(e.first) as days from e, q
		    where known <= '$as_of' and ((e.first <= q.first and e.behind >= q.behind) or e.behind <= q.behind);
		    select $all from (select *, row_number() over (partition by area, partner, commodity, indicator, source$more
		    order by within desc, iif(within, '', behind) desc, days, n desc) as nth from fit) where nth = 1 order by n";
		same(sql($query, 'l', 'p'), lode('--as-of', $as_of, '--valid', $valid, @key, 'l.tsv'), "round $round: --as-of $as_of --valid $valid @key") or return;
	}
	pass("$rounds rounds");
};

# NEXMark's question 3: who sells in these states in category 10? The seller is as he was known when the auction began.
subtest 'auctions with their sellers' => sub {
	for my $round (1 .. $rounds / 10) {
		my $at = 1700000000;
		my (@persons, @auctions);
		for my $i (1 .. 60) {
			$at += pick(0, 1, 7);
			if (rand() < 0.4) {
				push @persons, [ instant($at), '2025', 'US', pick(qw(US-OR US-ID US-CA US-NY US-TX)), 'person' . int rand 10, 'person.seen', 1, 1, 'A', 'nexmark',
					"p:$i", pick(qw(Ann Bob Cid)), pick(qw(Bend Boise Reno)) ];
			} else {
				push @auctions, [ instant($at), '2025', 'US', '', "auction$i", 'auction.opened', int rand 100, 'USD', 'A', 'nexmark', "a:$i",
					'person' . int rand 12, pick(8 .. 12) ];
			}
		}
		spew("$dir/p.tsv", tape(\@persons, 'name', 'city'));
		spew("$dir/a.tsv", tape(\@auctions, 'seller', 'category'));
		my $want = sql("select p.name, p.city, p.partner, a.commodity from a join p on p.n = (select max(p.n) from p where p.commodity = a.seller and p.known <= a.known)
		    where a.category = '10' and p.partner in ('US-OR', 'US-ID', 'US-CA') order by a.n", 'a', 'p');
		my $got = join '', map {
			my @f = split /\t/, $_, -1; # category 12, seller_partner, seller_name and seller_city behind it
			$f[12] eq '10' && $f[13] =~ /^US-(OR|ID|CA)$/ ? join("\t", @f[ 14, 15, 13, 4 ]) . "\n" : ();
		} split /\n/, lode('--join', 'p.tsv', '--on', 'seller=commodity', '--take', 'partner,name,city', '--as', 'seller', '--inner', 'a.tsv');
		same($want, $got, "round $round") or return;
	}
	pass('all rounds');
};
done_testing();
