#!/usr/bin/perl
# The law of streams with checkpoints: a tape that is cut at barriers and goes on in new processes, each with the state that the ones before
# left, gives the lines that it gives in one go; and control lines come through in order. LODE_ONLY: a regular expression, for some filters only.
# LODE_CUTS: how many random ways to cut for each (50; 10 under sanitizers).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Temp qw(tempdir);
use Test::More;
use Lode qw(top bin filters run sanitized slurp);

my $top = top();
my $dir = tempdir(CLEANUP => 1);
my $cuts = $ENV{LODE_CUTS} // (sanitized() ? 10 : 50);
my $seed = $ENV{LODE_SEED} // 20250620;
my $wanted = $ENV{LODE_ONLY} // '.';
my $only = qr/$wanted/;
srand $seed;
note "LODE_SEED=$seed";
my $START = "#START\tv=1\tjob=j\tshard=0\trun=00000000000000aa\tck=0:-\ttxn=t\tgroup=g\toff=\n";

my %words; # of a command, as the shell takes it apart
sub fed {
	my ($command, $input) = @_;
	$words{$command} //= [ split /\0/, run(command => [ '/bin/sh', '-c', "printf '%s\\0' '" . bin() . "'/$command" ])->{out} ];
	return run(command => $words{$command}, input => $input, dir => $dir, seconds => 120);
}

# Some lines of many keys, several of them known at once, revised, in order.
sub tape {
	my ($n, $make, $step) = @_; # of days, below
	my $out = "known\tperiod\tarea\tpartner\tcommodity\tindicator\tvalue\tunit\tstatus\tsource\tref\n";
	my $day = 0;
	for my $i (1 .. $n) {
		$day += int rand($step // 3) if rand() < 0.3;
		my $known = sprintf '2025-%02d-%02dT07:00:00Z', 1 + int($day / 28) % 12, 1 + $day % 28;
		$out .= join("\t", $known, $make->($i, $day), "t:$i") . "\n";
	}
	return $out;
}

sub one { return $_[int rand @_] }
sub day { my ($d) = @_; $d = 0 if $d < 0; return sprintf '2025-%02d-%02d', 1 + int($d / 28) % 12, 1 + $d % 28 }

my $figures = tape(120, sub {
	my ($i, $d) = @_;
	return (sprintf('2025-%02d', 1 + int rand 6), 'CN', one(qw(MM LA)), one('hs:28469019', 'Dy2O3'), 'import.mass', 1 + $i, 'kg', 'A', one(qw(gacc other))) });
my $events = tape(120, sub {
	my ($i, $d) = @_;
	return (day($d - int rand 5), one(qw(MM-11 MM LA)), '', '', one(qw(event.airstrike event.all)), one(1, 2, 5), '1', 'A', 'gdelt') });
my $prices = tape(120, sub {
	my ($i, $d) = @_;
	return (day($d), 'EU', '', 'EUR/CNY', 'fx.rate', 7 + int(rand 100) / 100, 'CNY/EUR', 'A', 'ecb') if $i < 4 || rand() < 0.3;
	return (day($d), 'CN', '', one(qw(Dy2O3 Tb4O7)), 'price.exw.' . one(qw(low high avg)), 1000 + $i, 'CNY/kg', 'A', 'komis') });
# For windows: months that follow one another over most of a year, late, revised and withdrawn; what is told twice in one moment is told alike.
sub month { my ($d) = @_; return sprintf '2025-%02d', $d < 28 ? 1 : 1 + int($d / 28) % 12 }
sub single { my %said; return join '', grep { my @f = split /\t/; !$said{join "\t", @f[0 .. 5, 9]}++ } $_[0] =~ /[^\n]*\n/g }
my $months = single(tape(160, sub {
	my ($i, $d) = @_;
	return (month($d - int rand 80), 'CN', one(qw(MM LA)), one('hs:28469019', 'Dy2O3'), 'import.mass', one('', 1 .. 50), 'kg', 'A', one(qw(gacc other))) }, 10));
my $days = single(tape(160, sub {
	my ($i, $d) = @_;
	return (day($d - int rand 9), one(qw(MM-11 MM LA)), '', '', one(qw(event.airstrike event.all)), one('', 1, 2, 5.25, 0.1, 0.7), '1', 'A', 'gdelt') }));
# prices and the masses that weigh them, either of which may come first
my $weighed = single(tape(160, sub {
	my ($i, $d) = @_;
	my @about = (month($d - int rand 80), 'CN', one(qw(MM LA)), 'hs:2846');
	return (@about, 'import.mass', one('', 1 .. 9), 'kg', 'A', 'gacc') if rand() < 0.5;
	return (@about, one(qw(price.cif.low price.cif.high)), one('', 100 + $i), 'USD/kg', 'E', 'gacc') }, 10));
# months, and spans of them that hold some; no two that overlap in part
my $totals = single(tape(160, sub {
	my ($i, $d) = @_;
	my $period = one('2025-01/2025-02', '2025-Q1', '2025', map { sprintf '2025-%02d', $_ } 1 .. 6);
	return ($period, 'CN', one(qw(MM LA)), 'hs:2846', 'import.mass', one('', 10 * (1 + int rand 9)), 'kg', 'A', 'gacc') }, 10));
my %tape = (months => $months, days => $days, weighed => $weighed, totals => $totals, figures => $figures, events => $events, prices => $prices);
$tape{quotes} = join '', map { s/\n/\t/r . (/^known/ ? "tax\n" : "excl\n") } $prices =~ /[^\n]*\n/g;
$tape{signals} = slurp("$top/tests/contract/lode-signal.in");
$tape{estimates} = slurp("$top/tests/contract/lode-estimate.in");
my $arguments = sub { my $file = "$top/tests/contract/$_[0].args"; return -e $file ? slurp($file) =~ s/\s+/ /gr : '' };

# Which filters, on what; a tape is one that has something to keep for it.
my @laws = (
	[ figures => 'lode-assay' . ' ' . $arguments->('lode-assay') ], [ figures => 'lode-merge' ],
	[ figures => 'lode-asof' ], [ figures => 'lode-asof --valid 2025-03' ], [ figures => 'lode-asof --as-of 2025-01-20' ],
	[ prices => 'lode-check --rules form,order,repeat --key ref' ], [ figures => 'lode-check --rules order' ],
	[ figures => 'lode-dedupe' ], [ figures => 'lode-dedupe --within 3d' ], [ events => 'lode-dedupe --digest --within 4d' ],
	[ events => 'lode-dedupe --by area,indicator,value' ], [ events => 'lode-dedupe --events --within 4d --apart 2d' ],
	[ events => 'lode-share' ], [ figures => q(lode-epoch -- awk -F '\t' 'NR == 1 || $7 % 3') ], [ figures => 'lode-epoch -bna 1 -- grep LA' ],
	[ prices => 'lode-convert --currency EUR --max-age 60' ], [ quotes => 'lode-convert --premium' ],
	[ quotes => 'lode-convert --premium --currency EUR --max-age 60' ],
	[ signals => 'lode-signal ' . $arguments->('lode-signal') ],
	map([ months => "lode-window $_" ], '', '--late drop', '--clock known --lateness 20d --late side --side late', '--lateness 40d --late drop',
		'--size quarter --complete', '--size 3-month --every month -f sum,mean,last,min,max,count --by area,indicator,unit --as all',
		'--size 3-month --every month --keep 30d', '--keep 0s --clock known', '--all', '--all --late drop -f last,min --by area,unit --as x',
		'--all --size 3-month --every month -f sum,count --keep 60d', '--all --clock known -f min,max', '--gap 30d -f sum,last',
		'--over known --size 7d --every 3d -f sum,last,count', '--over known --all --size 12h -f max', '--over known --gap 2d -f last,count',
		'--over known --gap 2d --all -f mean --by area,indicator,unit --as x'),
	map([ days => "lode-window $_" ], '--size 7d --every 1d', '--size 3d --all', '--gap 1d', '--gap 2d --all -f sum,last,min',
		'--gap 1d --lateness 3d --by area,unit --as e', '--size 2d --late drop --lateness 1d', '--size 1d --clock known --keep 2d -f count',
		'--gap 1d --over known --by area,period,unit --as e'),
	map([ days => "lode-intensity $_" ], '-l 30d --digits 9', '-l 3d -b day --digits 9', '-l 2d -b day --keep 6d --digits 2', '-l 10d --country --keep 20d --key value',
		'-l 1d --digits 0 -b day --places MM', '--hawkes', '--hawkes --marks -l 10d --since 2025-01-05', '-l 5d --as-of 2025-01-20 --hawkes',
		'-l 12h --keep 1d -b day --key ref', '-d "$LODE_TOP/pipelines/heavy-rare-earths/effects.tsv" -l 90d -b day --max-keys 500'),
	map([ weighed => "lode-window $_" ], '-f wmean,mean -w import.mass', '-f wmean -w import.mass --size 3-month --every month --keep 10d',
		'-f wmean,sum -w import.mass --late drop --clock known --lateness 50d --digits 3'),
	map([ totals => "lode-window $_" ], '--size quarter', '--size quarter --complete -f sum,mean', '--size 2-month --every month --complete',
		'--size year -f last,min,max', '--gap 40d', '--size quarter --late drop --lateness 60d'),
	[ estimates => 'lode-estimate ' . $arguments->('lode-estimate') =~ s/--as-of \S+//r . ' --paths 20' ],
);

# What is forgotten is no state any more: filters of the above that have nothing left at the end of their tape.
my %spent = map { $_ => 1 } 'lode-window --late drop', 'lode-window --lateness 40d --late drop', 'lode-window --gap 30d -f sum,last',
	'lode-window --gap 2d --all -f sum,last,min', 'lode-window --all --late drop -f last,min --by area,unit --as x',
	'lode-window -f wmean,sum -w import.mass --late drop --clock known --lateness 50d --digits 3';

# What of a stream's output is data, and the control lines but for state.
sub data { return join '', grep { !/^#/ } $_[0] =~ /[^\n]*\n/g }
sub control { return join '', grep { /^#(?!state\t)/ } $_[0] =~ /[^\n]*\n/g }

# The last value of each key, undef where it is gone.
sub take_state {
	my ($state, $out) = @_;
	for ($out =~ /^#state\t[^\n]*\n/mg) {
		my ($key) = /\tkey=([^\t\n]*)/;
		$state->{$key} = /\tvalue=/ ? $_ : undef;
	}
}

# One way to cut: the parts, each a stream of its own; the state in between is that of the last value of each key. All but the last break off; that
# has the rest of the lines, or none but what ends it.
sub cut_once {
	my ($command, $header, $lines, $want) = @_;
	my ($got, $from, $n, %state) = ('', 0, 0);
	my @at = sort { $a <=> $b } map { int rand(@$lines + 1) } 1 .. 1 + int rand 4;
	push @at, scalar @$lines if rand() < 0.5;
	for my $to (@at, -1) {
		my $in = $START . $header . join('', map { $state{$_} } grep { defined $state{$_} } sort keys %state) . "#restored\n";
		for my $line (@$lines[$from .. ($to < 0 ? @$lines : $to) - 1]) {
			$in .= "#BARRIER\tck=1:00000000000000aa\toff=\n" if rand() < 0.1;
			$in .= "#mark\tn=" . $n++ . "\n" if rand() < 0.05;
			$in .= $line;
		}
		$in .= "#WM\tts=inf\n" if $to < 0;
		$in .= "#BARRIER\tck=2:00000000000000aa\toff=\n";
		$in .= "#END\twhy=eof\n" if $to < 0;
		my $part = fed($command, $in);
		return "status $part->{status} of a part: $part->{err}" if $part->{status} != ($to < 0 ? 0 : 3);
		return "control lines are not those of the input" if control($part->{out}) ne control($in);
		$got .= data($part->{out}) =~ s/\A[^\n]*\n//r;
		take_state(\%state, $part->{out});
		$from = $to;
	}
	return Lode::difference($want, $got, 'data') if $got ne $want;
	my @left = grep { defined $state{$_} && !/^(?:columns|options|known|clock)\z/ } sort keys %state;
	return $spent{$command} && @left ? "left as state: @left" : '';
}

for (@laws) {
	my ($name, $command) = @$_;
	next if $command !~ /$only/;
	my ($header, @lines) = $tape{$name} =~ /[^\n]*\n/g;
	my $whole = fed($command, $header . join '', @lines);
	my $want = $whole->{out} =~ s/\A[^\n]*\n//r;
	my $wrong = $whole->{status} == 0 ? '' : "status $whole->{status} of the whole: $whole->{err}";
	for (1 .. $cuts) {
		last if $wrong ne '';
		$wrong = cut_once($command, $header, \@lines, $want);
	}
	is($wrong, '', "$command: " . length($want) . " bytes, $cuts ways to cut");
}

# What keeps no state says so, and has not begun.
for my $name (qw(lode-detect lode-score)) {
	next if $name !~ /$only/;
	my $got = fed("$name " . $arguments->($name), $START . $figures);
	is($got->{status}, 2, "$name refuses a stream with checkpoints");
	like($got->{err}, qr/$name keeps no state in the stream/, 'and says why');
}

my $lines = join '', ($figures =~ /[^\n]*\n/g)[0 .. 3];
for ([ "#NEWS\tx=1\n", qr/unknown control line '#NEWS'/ ], [ $START, qr/#START behind the first line/ ],
    [ "#state\tname=lode-asof\tkey=a\tvalue=1 b\n", qr/two filters keep state as 'lode-asof'/ ]) {
	my ($line, $says) = @$_;
	my $got = fed('lode-asof', $START . $lines . $line);
	is($got->{status}, 1, 'status 1: ' . $line =~ s/\t.*//sr);
	like($got->{err}, $says, 'and a reason');
}
my $died = fed('lode-asof', $START . $lines);
is($died->{status}, 3, 'a stream that ends without #END');
is(data($died->{out}), ($lines =~ /\A([^\n]*\n)/)[0], 'and nothing but the header is written');
my ($header) = $lines =~ /\A([^\n]*\n)/;
for ([ 'ahead of its header', $START ], [ 'in the middle of its header', $START . substr($header, 0, 20) ], [ 'in the middle of a line', substr($START . $lines, 0, -9) ],
    [ 'in the middle of a control line', "$START$lines#BARRIER\tck=1:00" ]) {
	my ($where, $stream) = @$_;
	my $cut = fed('lode-asof', $stream);
	is($cut->{status}, 3, "a stream that ends $where");
	is($cut->{err}, "lode-asof: -: the stream ends without #END: what writes it has died\n", 'and a reason');
}
done_testing;
