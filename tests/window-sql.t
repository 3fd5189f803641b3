#!/usr/bin/perl
# lode-window and lode-dedupe against SQLite on random small tapes, the laws they keep, and queries in the manner of NEXMark.
# LODE_SEED: another set of tapes; LODE_ROUNDS: how many of each kind.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Temp qw(tempdir);
use POSIX qw(strftime);
use Test::More;
use Lode qw(bin sanitized run slurp spew difference);

plan skip_all => 'no sqlite3' unless grep { -x "$_/sqlite3" } split /:/, $ENV{PATH};
my $dir = tempdir(CLEANUP => 1);
my $seed = $ENV{LODE_SEED} // 20250620;
my $rounds = $ENV{LODE_ROUNDS} // (sanitized() ? 10 : 40);
srand $seed;
my @columns = qw(known period area partner commodity indicator value unit status source ref);

sub pick { $_[int rand @_] }
sub instant { strftime('%Y-%m-%dT%H:%M:%SZ', gmtime shift) }
sub month { sprintf '%04d-%02d', 1970 + int($_[0] / 12), $_[0] % 12 + 1 } # months since 1970-01

sub tape {
	my ($lines, @extra) = @_;
	return join '', map { join("\t", @$_) . "\n" } [ @columns, @extra ], @$lines;
}

# Sorted lines without the header; the given columns.
sub fields {
	my ($tape, @names) = @_;
	my ($header, @lines) = split /\n/, $tape;
	my @all = split /\t/, $header;
	my %at = map { $all[$_] => $_ } 0 .. $#all;
	return join '', sort map { my @f = split /\t/, $_, -1; join("\t", @f[ @at{@names} ]) . "\n" } @lines;
}

sub lode {
	my ($program, $input, @words) = @_;
	my $r = run(command => [ bin() . "/$program", @words ], input => $input, dir => $dir);
	die "$program @words: $r->{status}: $r->{err}" if $r->{status} != 0;
	return $r->{out};
}

# The answer of SQLite over table t, which holds the tape; sorted lines.
sub sql {
	my ($tape, $query) = @_;
	spew("$dir/t.tsv", $tape);
	my $r = run(command => [ 'sqlite3', '-batch', ':memory:' ], dir => $dir, input => ".mode tabs\n.import t.tsv t\n$query;\n");
	die "$query\n$r->{err}" if $r->{err} ne '' || $r->{status} != 0;
	return join '', sort $r->{out} =~ /[^\n]*\n/g;
}

# A column of whole hundredths (2 digits) or millionths (6), as SQL gives it, with its point and no zeros at the end.
sub plain {
	my ($text, $column, $digits) = @_;
	return join '', sort map {
		my @f = split /\t/, $_, -1;
		if ($f[$column] ne '' && $digits > 0) {
			$f[$column] = sprintf '%0*d', $digits + 1, $f[$column];
			$f[$column] =~ s/(\d{$digits})\z/.$1/;
			$f[$column] =~ s/\.?0+\z//;
		}
		join("\t", @f) . "\n";
	} split /\n/, $text;
}

# min, max and last keep the digits that were published: compare as numbers.
sub as_numbers {
	my ($text) = @_;
	return join '', sort map { s/\t(\d+)\.(\d*?)0*\n/$2 eq '' ? "\t$1\n" : "\t$1.$2\n"/er } $text =~ /[^\n]*\n/g;
}

# Monthly figures with revisions: releases in order, some months late, no figure twice in one release.
sub figures {
	my %how = (releases => 15, months => 12, @_);
	my @lines;
	my $known = 1700000000;
	for my $release (0 .. $how{releases} - 1) {
		$known += 86400 * (1 + int rand 40);
		my %seen;
		for (0 .. int rand 9) {
			my $first = 12 * 54 + int rand(2 + $how{months} * ($release + 1) / $how{releases});
			my ($partner, $commodity) = (pick(qw(MM LA)), pick(qw(hs:2846 hs:2805)));
			next if $seen{"$first $partner $commodity"}++;
			my $value = rand() < 0.05 ? '' : sprintf '%.2f', rand 1000;
			push @lines, [ instant($known), month($first), 'CN', $partner, $commodity, 'import.mass', $value, 'kg', 'A', 'gacc', 'f:' . @lines ];
		}
	}
	return \@lines;
}

sub shuffled_within_known {
	my ($lines) = @_;
	return [ map { $_->[1] } sort { $a->[1][0] cmp $b->[1][0] || $a->[0] <=> $b->[0] } map { [ rand, $_ ] } @$lines ];
}

# Months of a text, hundredths of a value; every moment with what was known at it, and the windows that had ended.
my $prepare = <<'SQL';
create table f as select known, area, partner, commodity, ref, (substr(period, 1, 4) - 1970) * 12 + substr(period, 6, 2) - 1 as m,
    case value when '' then null else cast(round(value * 100) as integer) end as v from t;
create table moment as select k, max(m) + 1 as newest from (select distinct known as k from t) join f on f.known <= k group by k;
SQL

# windows of size months, one every so often: for each moment the latest figures of each window
sub vintages {
	my ($size, $every, $by) = @_;
	return $prepare . <<SQL;
create table w as with recursive s(start) as (select (540 / $every) * $every union all select start + $every from s where start < 700)
    select start, start + $size as stop from s;
create table latest as select k, newest, start, stop, $by, v, m, ref, known, row_number() over
    (partition by k, start, area, partner, commodity, m order by known desc) as nth
    from moment join w join f on f.known <= k and m >= start and m < stop;
SQL
}

# What is said at each moment: what differs from what was said before, from the window's end on.
sub said {
	my ($size, $every, $by, $function) = @_;
	my $value = { sum => 'sum(v)', count => 'nullif(count(v), 0)', min => 'min(v)', max => 'max(v)',
		mean => '(2 * sum(v) * 10000 + count(v)) / (2 * count(v))' }->{$function};
	return vintages($size, $every, $by) . <<SQL;
create table state as select k, newest, start, stop, $by, $value as x from latest where nth = 1 group by k, newest, start, stop, $by;
create table told as select k, start, $by, x, lag(x) over (partition by start, $by order by k) as before from state
    where newest >= stop or k = (select max(k) from moment);
select k, start, $by, ifnull(x, '') from told where x is not before;
SQL
}

sub window_period {
	my ($text, $size) = @_; # lines known, start, ...
	return join '', sort map {
		my ($known, $start, @rest) = split /\t/, $_, -1;
		join "\t", $known, $size == 1 ? month($start) : month($start) . '/' . month($start + $size - 1), @rest;
	} $text =~ /[^\n]*\n/g;
}

my %digits = (sum => 2, min => 2, max => 2, mean => 6, count => 0);

subtest 'windows over period, with every revision' => sub {
	for my $round (1 .. $rounds) {
		my $tape = tape(figures());
		my $size = pick(1, 2, 3, 6, 12);
		my $every = pick(grep { $size % $_ == 0 } 1, 2, 3, $size);
		my ($by, $group) = @{ pick([ 'partner, commodity' ], [ 'commodity', 'area,commodity,indicator,unit,source' ]) };
		my $function = pick(sort keys %digits);
		my @names = ('known', 'period', split(/, /, $by), 'value');
		my @words = ('--size', "$size-month", '--every', "$every-month", '-f', $function, defined $group ? ('--by', $group) : ());
		my $want = window_period(plain(sql($tape, said($size, $every, $by, $function)), 2 + split(/, /, $by), $digits{$function}), $size);
		my $got = fields(lode('lode-window', $tape, @words), @names);
		is(difference(as_numbers($want), as_numbers($got), 'out'), '', "round $round: @words") or last;
	}
};

subtest 'late lines are dropped: the state at the moment when the window ended' => sub {
	for my $round (1 .. $rounds) {
		my $tape = tape(figures());
		my ($size, $by) = (pick(1, 3), 'partner, commodity');
		my $lateness = pick(0, 31, 62); # days: one or two months more
		my $query = $prepare =~ s/max\(m\) \+ 1 as newest/max(m) + 1 as newest/r;
		$query .= <<SQL;
create table w as with recursive s(start) as (select 540 union all select start + $size from s where start < 700)
    select start, start + $size as stop, date('1970-01-01', (start + $size) || ' months', '$lateness days') as due from s;
create table firing as select start, stop, (select min(k) from moment where date('1970-01-01', newest || ' months') >= due) as at from w;
create table latest as select ifnull(at, (select max(known) from f)) as k, start, partner, commodity, v, row_number() over
    (partition by start, area, partner, commodity, m order by known desc) as nth
    from firing join f on m >= start and m < stop and (at is null or known <= at);
select k, start, partner, commodity, sum(v) from latest where nth = 1 group by k, start, partner, commodity having sum(v) is not null
SQL
		my $want = window_period(plain(sql($tape, $query), 4, 2), $size);
		my @words = ('--size', "$size-month", '--late', 'drop', '--lateness', "${lateness}d");
		my $got = fields(lode('lode-window', $tape, @words), qw(known period partner commodity value));
		is(difference(as_numbers($want), as_numbers($got), 'out'), '', "round $round: @words") or last;
		my $r = run(command => [ bin() . '/lode-window', @words[0, 1, 4, 5], '--late', 'side', '--side', 'side.tsv' ], input => $tape, dir => $dir);
		my ($late) = $r->{err} =~ /(\d+) late/;
		my $n = () = slurp("$dir/side.tsv") =~ /\n/g;
		is($n - 1, $late // 0, 'every late line is in the side file') or last;
	}
};

# Events at any second: windows over known.
sub bids {
	my ($n, $step) = @_;
	my $at = 1750000000;
	return [ map {
		$at += int rand $step;
		[ instant($at), substr(instant($at), 0, 10), '', '', 'auction:' . int(rand 4), 'bid.price', sprintf('%.2f', rand 100), 'USD', 'A', 'nexmark',
			"bid:$_", 'person:' . int rand 5 ]
	} 1 .. $n ];
}

my $seconds = q{cast(strftime('%s', known) as integer)};
my $text = sub { "strftime('%Y-%m-%dT%H:%M:%SZ', $_[0], 'unixepoch')" };

subtest 'windows over known' => sub {
	for my $round (1 .. $rounds) {
		my $tape = tape(bids(60, 20), 'bidder');
		my $size = pick(10, 60, 90, 600);
		my $every = pick(grep { $size % $_ == 0 } 10, 30, $size);
		my $function = pick(qw(sum min max count));
		my $value = { sum => 'sum(v)', min => 'min(v)', max => 'max(v)', count => 'count(v)' }->{$function};
		my $query = <<SQL;
create table f as select $seconds as s, commodity, cast(round(value * 100) as integer) as v from t;
create table nth as with recursive n(i) as (select 0 union all select i + 1 from n where i < $size / $every - 1) select i from n;
create table placed as select ((s - 345600) / $every - i) * $every + 345600 as start, commodity, v from f join nth;
select @{[ $text->("min(start + $size, (select max(s) from f))") ]}, @{[ $text->('start') ]} || '/' || @{[ $text->("start + $size") ]}, commodity, $value
    from placed group by start, commodity
SQL
		my $want = plain(sql($tape, $query), 3, $digits{$function});
		my @words = ('--over', 'known', '--size', "${size}s", '--every', "${every}s", '--all', '-f', $function);
		my $got = fields(lode('lode-window', $tape, @words), qw(known window commodity value));
		is(difference(as_numbers($want), as_numbers($got), 'out'), '', "round $round: @words") or last;
	}
};

subtest 'sessions over known' => sub {
	for my $round (1 .. $rounds) {
		my $tape = tape(bids(80, 30), 'bidder');
		my $gap = pick(5, 20, 60);
		my $query = <<SQL;
create table f as select $seconds as s, known, commodity from t;
create table gaps as select *, ifnull(s - lag(s) over (partition by commodity order by s) > $gap, 1) as new from f;
create table numbered as select *, sum(new) over (partition by commodity order by s) as session from gaps;
select @{[ $text->("min(max(s) + 1 + $gap, (select max(s) from f))") ]}, min(known) || '/' || max(known), commodity, count(*)
    from numbered group by commodity, session
SQL
		my @words = ('--over', 'known', '--gap', "${gap}s", '--all', '-f', 'count');
		my $want = sql($tape, $query);
		my $got = fields(lode('lode-window', $tape, @words), qw(known window commodity value));
		is(difference($want, $got, 'out'), '', "round $round: @words") or last;
	}
};

subtest 'sessions over period, lines in any order of days' => sub {
	for my $round (1 .. $rounds) {
		my $gap = pick(1, 3, 7);
		my ($known, @lines) = (1750000000);
		for (1 .. 60) {
			$known += int rand 20000;
			my $day = substr(instant($known - 86400 * int rand 5), 0, 10);
			push @lines, [ instant($known), $day, pick(qw(MM-11 MM-12)), '', '', 'event.seizure', 1, 1, 'A', 'gdelt', "g:$_" ];
		}
		my $tape = tape(\@lines);
		my $query = <<SQL;
create table f as select area, cast(julianday(period) as integer) as d, period from t;
create table gaps as select *, ifnull(d - lag(d) over (partition by area order by d) > $gap, 1) as new from f;
create table numbered as select *, sum(new) over (partition by area order by d rows unbounded preceding) as session from gaps;
select min(period) || '/' || max(period), area, count(*) from numbered group by area, session
SQL
		# so much lateness that nothing is late: the sessions are those of all lines
		my @words = ('--gap', "${gap}d", '--all', '-f', 'count', '--lateness', '400d');
		is(difference(sql($tape, $query), fields(lode('lode-window', $tape, @words), qw(window area value)), 'out'), '', "round $round: @words") or last;
	}
};

subtest 'totals and their parts' => sub {
	for my $round (1 .. $rounds) {
		my ($known, @lines) = (1700000000);
		my %value;
		for my $partner (qw(MM LA VN)) {
			for my $month (648 .. 659) {
				$value{"$partner $month"} = 100 + int rand 900;
				push @lines, [ instant($known), month($month), 'CN', $partner, 'hs:2846', 'import.mass', $value{"$partner $month"}, 'kg', 'A', 'gacc', 'm' ]
				    if rand() < 0.8;
			}
			for my $first (648, 650, 654) { # two, two and six months
				my $n = $first == 654 ? 6 : 2;
				my $sum = 0;
				$sum += $value{"$partner $_"} for $first .. $first + $n - 1;
				push @lines, [ instant($known), month($first) . '/' . month($first + $n - 1), 'CN', $partner, 'hs:2846', 'import.mass', $sum, 'kg', 'A', 'gacc', 't' ]
				    if rand() < 0.6;
			}
		}
		my $tape = tape(shuffled_within_known(\@lines));
		my $query = <<'SQL';
create table f as select partner, value, (substr(period, 1, 4) - 1970) * 12 + substr(period, 6, 2) - 1 as a,
    (substr(substr(period, -7), 1, 4) - 1970) * 12 + substr(period, -2) - 1 as b from t;
create table total as select *, (select count(*) from f as p where p.partner = f.partner and p.a = p.b and p.a >= f.a and p.b <= f.b) < b - a + 1
    as counts from f where a < b;
select partner, sum(value) from (select partner, value from total where counts union all
    select partner, value from f where a = b and not exists
    (select 1 from total where counts and total.partner = f.partner and f.a >= total.a and f.b <= total.b)) group by partner
SQL
		is(difference(sql($tape, $query), fields(lode('lode-window', $tape, '--size', 'year'), qw(partner value)), 'out'), '', "round $round") or last;
	}
};

subtest 'mean weighted by another indicator' => sub {
	for my $round (1 .. $rounds) {
		my ($known, @lines) = (1700000000);
		for my $partner (qw(MM LA)) {
			for my $month (648 .. 659) {
				my @head = (month($month), 'CN', $partner, 'hs:2846');
				push @lines, [ instant($known + int(rand 3) * 86400), @head, 'price.cif.avg', int(rand 90000), 'USD/kg', 'A', 'gacc', 'p' ];
				push @lines, [ instant($known + int(rand 3) * 86400), @head, 'import.mass', 1 + int(rand 90), 'kg', 'A', 'gacc', 'w' ] if rand() < 0.8;
			}
		}
		my $tape = tape([ sort { $a->[0] cmp $b->[0] } @lines ]);
		my $query = <<'SQL';
create table f as select p.partner, substr(p.period, 1, 4) || '-Q' || ((substr(p.period, 6, 2) + 2) / 3) as q, cast(p.value as integer) as v,
    cast(w.value as integer) as w from t as p join t as w on p.partner = w.partner and p.period = w.period and p.indicator <> w.indicator
    where w.indicator = 'import.mass';
create table ratio as select q, partner, 2 * sum(v * w) * 1000000 + sum(w) as x, 2 * sum(w) as d from f group by q, partner;
select q, partner, x / d - (x % d = 0 and x / d % 2 = 1) from ratio -- half to even
SQL
		my $out = lode('lode-window', $tape, qw(--size quarter -f wmean --weight import.mass));
		my %last; # the newest word on each window
		for (split /\n/, $out) {
			my @f = split /\t/;
			$last{"$f[1]\t$f[3]"} = $f[6] if $f[0] ne 'known';
		}
		my $got = join '', sort map { "$_\t$last{$_}\n" } keys %last;
		is(difference(as_numbers(plain(sql($tape, $query), 2, 6)), as_numbers($got), 'out'), '', "round $round") or last;
	}
};

subtest 'laws of windows' => sub {
	for my $round (1 .. $rounds) {
		my $lines = figures();
		my @words = pick([ qw(--size 3-month --every month) ], [ qw(--size quarter --late drop) ], [ qw(--over known --size 30d) ], [ qw(--size month --clock known --lateness 20d) ]);
		push @{ $words[0] }, '-f', 'sum,mean,last,min,max,count';
		my $out = lode('lode-window', tape($lines), @{ $words[0] });
		my $again = lode('lode-window', tape(shuffled_within_known($lines)), @{ $words[0] });
		is(difference($out, $again, 'out'), '', "round $round: the order within a moment changes nothing (@{ $words[0] })") or last;
		my @known = map { /^([^\t]*)/ } split /\n/, $out;
		shift @known;
		is("@known", join(' ', sort @known), 'the output is in order of known') or last;
		my $sum = 0;
		$sum += sprintf '%.0f', 100 * ($_->[6] || 0) for @$lines;
		my $windows = 0;
		$windows += sprintf '%.0f', 100 * (split /\t/)[6] for grep { !/^known/ } split /\n/, lode('lode-window', tape($lines), '--all', '--lateness', '9999d');
		is($windows, $sum, 'with --all every line is in one month, once') or last;
	}
};

subtest 'dedupe' => sub {
	for my $round (1 .. $rounds) {
		my ($known, @lines) = (1700000000);
		for (1 .. 60) {
			$known += 3600 * int rand 3;
			push @lines, [ instant($known), '2025-0' . (1 + int rand 2), 'CN', pick(qw(MM LA)), 'hs:2846', 'import.mass', 1 + int(rand 3), 'kg', 'A', 'gacc', "f:$_" ];
		}
		my $tape = tape(\@lines);
		my $out = lode('lode-dedupe', $tape);
		my $changes = <<'SQL';
select ref from (select ref, value, lag(value) over (partition by period, partner order by rowid) as before from t) where value is not before
SQL
		is(difference(sql($tape, $changes), fields($out, 'ref'), 'out'), '', "round $round: a line is news when its figure has changed") or last;
		is(lode('lode-dedupe', $out), $out, 'twice is once') or last;
		my $first = 'select ref from (select ref, row_number() over (partition by period, partner, value order by rowid) as n from t) where n = 1';
		is(difference(sql($tape, $first), fields(lode('lode-dedupe', $tape, '--digest'), 'ref'), 'out'), '', 'by digest the first one') or last;
		my $hours = pick(0, 5, 24);
		my $horizon = <<SQL;
create table f as select rowid as i, ref, partner, $seconds as s from t;
with recursive kept(i, partner, s) as (select min(i), partner, min(s) from f group by partner union all
    select n.i, n.partner, n.s from kept join f as n on n.i =
    (select min(f.i) from f where f.partner = kept.partner and f.i > kept.i and f.s - kept.s > $hours * 3600))
select ref from kept join f using (i)
SQL
		my $got = lode('lode-dedupe', $tape, '--by', 'partner', '--within', "${hours}h");
		is(difference(sql($tape, $horizon), fields($got, 'ref'), 'out'), '', 'beyond the horizon a key is forgotten') or last;
		is(lode('lode-dedupe', $got, '--by', 'partner', '--within', "${hours}h"), $got, 'twice is once') or last;
		my $events = lode('lode-dedupe', $tape, '--events', '--within', '24h');
		is(lode('lode-dedupe', $events, '--events', '--within', '24h'), $events, 'events of events are the same') or last;
	}
};

# People, auctions and bids: the person is a bidder or a seller.
sub market {
	my $at = 1750000000;
	my ($n_people, $n_auctions) = (0, 0);
	return [ map {
		$at += 1 + int rand 6;
		my $kind = $n_auctions == 0 ? ($n_people == 0 ? 0 : 1) : pick(0, 1, (2) x 6);
		my $person = 'person:' . ($kind == 0 ? ++$n_people : 1 + int rand $n_people);
		my $auction = $kind == 0 ? '' : 'auction:' . ($kind == 1 ? ++$n_auctions : 1 + int rand $n_auctions);
		[ instant($at), substr(instant($at), 0, 10), '', '', $auction, (qw(person.new auction.new bid.price))[$kind],
			$kind == 2 ? sprintf('%.2f', rand 100) : 1, $kind == 2 ? 'USD' : 1, 'A', 'nexmark', "n:$_", $person ]
	} 1 .. 120 ];
}

# A pipeline under /bin/sh over the tape in market.tsv; sorted lines.
sub shell {
	my ($command) = @_;
	my $r = run(command => [ '/bin/sh', '-c', $command ], dir => $dir);
	die "$command: $r->{err}" if $r->{status} != 0;
	return join '', sort $r->{out} =~ /[^\n]*\n/g;
}

subtest 'queries in the manner of NEXMark' => sub {
	my $extent = sub { $text->("start") . " || '/' || " . $text->("start + $_[0]") };
	my $bids = "create table bid as select $seconds as s, * from t where indicator = 'bid.price'";
	my $lode = 'lode-window --over known --all --indicator bid.price';
	my %query = (
		'q5, the auctions with most bids of the last minute, every 20 s' => [ <<SQL, <<SH ],
$bids;
create table placed as select ((s - 345600) / 20 - i) * 20 + 345600 as start, commodity from bid join (select 0 as i union select 1 union select 2);
create table n as select start, commodity, count(*) as n from placed group by start, commodity;
select @{[ $extent->(60) ]}, commodity, n from n as a where n = (select max(n) from n as b where a.start = b.start)
SQL
$lode --size 60s --every 20s -f count --by commodity,indicator market.tsv | tail -n +2 | awk -F '\t' -v OFS='\t' '
    { n[NR] = \$7; window[NR] = \$12; auction[NR] = \$5; if (\$7 > most[\$12]) most[\$12] = \$7 }
    END { for (i = 1; i <= NR; i++) if (n[i] == most[window[i]]) print window[i], auction[i], n[i] }'
SH
		'q7, the highest bid of each minute' => [ <<SQL, <<SH ],
$bids;
create table best as select (s - 345600) / 60 * 60 + 345600 as start, value, ref, row_number() over
    (partition by (s - 345600) / 60 order by cast(round(value * 100) as integer) desc, s) as nth from bid;
select @{[ $extent->(60) ]}, value, ref from best where nth = 1
SQL
$lode --size 60s -f max --by indicator,unit market.tsv | tail -n +2 | awk -F '\t' -v OFS='\t' '{ print \$12, \$7, \$11 }'
SH
		'q8, who came and opened an auction in the same minute' => [ <<SQL, <<SH ],
create table f as select distinct ($seconds - 345600) / 60 * 60 + 345600 as start, person, indicator from t where indicator <> 'bid.price';
select @{[ $extent->(60) ]}, person from f group by start, person having count(*) = 2
SQL
lode-window --over known --all --indicator person.new,auction.new --size 60s -f count --by person,indicator market.tsv | tail -n +2 |
    cut -f 12,13 | awk -F '\t' -v OFS='\t' '{ print \$2, \$1 }' | sort | uniq -d
SH
		'q11, bids of each bidder while they follow within 30 s' => [ <<SQL, <<SH ],
$bids;
create table gaps as select *, ifnull(s - lag(s) over (partition by person order by s) > 30, 1) as new from bid;
create table numbered as select *, sum(new) over (partition by person order by s) as session from gaps;
select min(known) || '/' || max(known), person, count(*) from numbered group by person, session
SQL
$lode --gap 30s -f count --by person,indicator market.tsv | tail -n +2 | awk -F '\t' -v OFS='\t' '{ print \$13, \$12, \$7 }'
SH
		'q18, the last bid of each bidder at each auction' => [ <<SQL, <<SH ],
$bids;
select person, commodity, value, ref from
    (select *, row_number() over (partition by person, commodity order by s desc) as nth from bid) where nth = 1
SQL
$lode --size year -f last --by person,commodity,indicator market.tsv | tail -n +2 | awk -F '\t' -v OFS='\t' '{ print \$12, \$5, \$7, \$11 }'
SH
		'q18 the other way: the first bid, without state beyond a horizon that holds all' => [ <<SQL, <<SH ],
$bids;
select person, commodity, value, ref from
    (select *, row_number() over (partition by person, commodity order by s) as nth from bid) where nth = 1
SQL
lode-dedupe --by person,commodity,indicator --within 1d market.tsv | awk -F '\t' -v OFS='\t' '\$6 == "bid.price" { print \$12, \$5, \$7, \$11 }'
SH
	);
	for my $round (1 .. $rounds / 5) {
		my $tape = tape(market(), 'person');
		spew("$dir/market.tsv", $tape);
		for my $name (sort keys %query) {
			my ($sql, $shell) = @{ $query{$name} };
			my $want = sql($tape, $sql);
			my $got = shell($shell);
			ok($want ne '' && $want eq $got, "round $round: $name") or diag(difference($want, $got, 'out')) or last;
		}
	}
};

done_testing();
