#!/usr/bin/perl
# The law of branches: a stream that goes through tee to several filters and comes together in lode-merge gives the lines of the same commands over
# files, byte for byte, wherever its barriers stand, wherever it is cut and goes on in new processes, and however slow a branch is; control lines come
# out once and in order. Then what is refused. LODE_ONLY: a regular expression, for some commands only. LODE_CUTS: how many random ways to cut for each (6).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Temp qw(tempdir);
use Test::More;
use Lode qw(top bin run slurp spew sanitized);

my $dir = tempdir(CLEANUP => 1);
my $cuts = $ENV{LODE_CUTS} // (sanitized() ? 2 : 6);
my $seed = $ENV{LODE_SEED} // 20250620;
my $only = $ENV{LODE_ONLY} // '.';
srand $seed;
note "LODE_SEED=$seed";
my $header = "known\tperiod\tarea\tpartner\tcommodity\tindicator\tvalue\tunit\tstatus\tsource\tref\n";
my $start = "#START\tv=1\tjob=j\tshard=0\trun=00000000000000aa\tck=0:-\ttxn=t\tgroup=g\toff=\n";
spew("$dir/slow", "#!/usr/bin/perl\n\$| = 1; while (<STDIN>) { print; select undef, undef, undef, 0.004 if rand() < 0.2 }\n");
chmod 0755, "$dir/slow";

sub one { return $_[int rand @_] }

# Lines of many keys, several known at once, revised, in order.
sub tape {
	my ($n, $indicators) = @_;
	my ($out, $day) = ($header, 0);
	for my $i (1 .. $n) {
		$day += int rand 3 if rand() < 0.3;
		my $known = sprintf '2025-%02d-%02dT07:00:00Z', 1 + int($day / 28) % 12, 1 + $day % 28;
		my $period = sprintf '2025-%02d-%02d', 1 + int($day / 28) % 12, 1 + int rand(1 + $day % 28);
		$out .= join("\t", $known, $period, one(qw(MM-11 MM LA)), '', '', one(@$indicators), one(1, 2, 5), '1', 'A', 'gdelt', "t:$i") . "\n";
	}
	return $out;
}

# A pipeline: what stands ahead of tee, the branches, options of lode-merge, what stands behind it. Over a file, and over what is fed.
sub over_file {
	my ($p, $tape) = @_;
	spew("$dir/tape", $tape);
	my $branches = join ' ', map { "<($_ <ahead)" } @{ $p->{branches} };
	return run(command => [ '/bin/bash', '-c', "export PATH; $p->{ahead} <tape >ahead && lode-merge $branches | $p->{behind}" ], dir => $dir, seconds => 60);
}

sub over_stream {
	my ($p, $in, $options) = @_;
	my @branches = @{ $p->{branches} };
	my @slow = map { rand() < 0.4 ? "./slow | $_" : rand() < 0.5 ? "$_ | ./slow" : $_ } @branches;
	my $pipes = join ' ', map { "p$_" } 0 .. $#branches;
	my $tee = join ' ', map { ">($slow[$_] >p$_)" } 0 .. $#branches;
	$options //= '';
	return run(command => [ '/bin/bash', '-c', "rm -f $pipes; mkfifo $pipes; set -o pipefail; exec 3<&0
		$p->{ahead} <&3 | tee $tee >/dev/null & lode-merge $options $pipes | $p->{behind}; status=\$?; wait; exit \$status" ],
		input => $in, dir => $dir, seconds => 60);
}

sub data { return join '', grep { !/^#/ } $_[0] =~ /[^\n]*\n/g }
sub control { return join '', grep { /^#(?!state\t)/ } $_[0] =~ /[^\n]*\n/g }

# One way to cut. The state in between is that of the last value of each key.
sub cut_once {
	my ($p, $lines, $want, $options) = @_;
	my ($got, %state) = ('');
	my @at = sort { $a <=> $b } map { int rand(@$lines + 1) } 1 .. 1 + int rand 4;
	my $from = 0;
	for my $to (@at, scalar @$lines, -1) {
		my $replay = join '', map { $state{$_} } grep { defined $state{$_} } sort keys %state;
		my $in = "$start$header$replay#restored\n";
		for my $line ($to < 0 ? () : @$lines[$from .. $to - 1]) {
			$in .= "#BARRIER\tck=1:00000000000000aa\toff=\tend=1\n" if rand() < 0.1;
			$in .= "#idle\n" if rand() < 0.05;
			$in .= $line;
		}
		$in .= "#WM\tts=inf\n" if $to < 0;
		$in .= "#BARRIER\tck=2:00000000000000aa\toff=\tend=1\n";
		$in .= "#END\twhy=eof\n" if $to < 0;
		my $cut = over_stream($p, $in, $options);
		return "status $cut->{status}: $cut->{err}" if $cut->{status} != ($to < 0 ? 0 : 3);
		return "control lines are not those of the input:\n" . control($cut->{out}) if control($cut->{out}) ne control($in);
		my $body = data($cut->{out});
		$body =~ s/\A[^\n]*\n//;
		$got .= $body;
		for ($cut->{out} =~ /^#state\t[^\n]*\n/mg) {
			my ($key) = /\t(name=[^\t\n]*\tkey=[^\t\n]*)/;
			$state{$key} = /\tvalue=/ ? $_ : undef;
		}
		$from = $to;
	}
	return $got eq $want ? '' : Lode::difference($want, $got, 'data');
}

my @some = qw(event.airstrike event.all event.ceasefire);
my @laws = (
	{ branches => [ 'cat', 'cat' ] },
	{ branches => [ 'lode-dedupe --digest --within 4d', 'lode-share' ] },
	{ branches => [ 'lode-epoch -bna 1 -- grep ceasefire', 'lode-dedupe --state two --by area,indicator', 'lode-share' ] },
	{ branches => [ 'lode-check --rules order', 'lode-epoch -bna 1 -- grep t:10', 'cat' ] },
	{ ahead => 'lode-dedupe --state ahead --within 2d', branches => [ 'lode-share', 'lode-dedupe --digest --within 4d' ],
		behind => 'lode-dedupe --state behind --by indicator --events --within 3d' },
);

for my $p (@laws) {
	$p->{ahead} //= 'cat';
	$p->{behind} //= 'cat';
	my $name = join(' + ', @{ $p->{branches} }) . " after $p->{ahead}, ahead of $p->{behind}";
	next if $name !~ /$only/;
	my $tape = tape(120, \@some);
	my (undef, @lines) = $tape =~ /[^\n]*\n/g;
	my $whole = over_file($p, $tape);
	my $want = $whole->{out} =~ s/\A[^\n]*\n//r;
	my $wrong = $whole->{status} == 0 && length $want > 1000 ? '' : "status $whole->{status} of the whole: $whole->{err}";
	for (1 .. $cuts) {
		last if $wrong ne '';
		$wrong = cut_once($p, \@lines, $want, one('', '--memory 0', '--memory 1K'));
	}
	is($wrong, '', "$name: " . length($want) . " bytes, $cuts ways to cut");
}
# One branch says nothing until its epoch is over, the other is far ahead: nobody waits for ever, little is in memory, nothing stays on the disk.
if ("lode-merge far apart" =~ /$only/) {
	my @lines = map { sprintf
		"2025-%02d-%02dT07:00:00Z\t2025-04\tCN\tMM\ths:28469019\timport.mass\t%d\tkg\tA\tgacc\tt:%d\n", 1 + $_ / 20000, 1 + $_ / 1000 % 20, $_, $_ } 0 .. 199999;
	my $in = "$start$header#restored\n" . join('', @lines) . "#BARRIER\tck=1:aa\tend=1\n#WM\tts=inf\n#BARRIER\tck=2:aa\tend=1\n#END\twhy=eof\n";
	my $want = "$header" . join '', map { my $at = 1000 * $_; (@lines[$at .. $at + 999], @lines[$at .. $at + 999]) } 0 .. 199;
	mkdir "$dir/spill";
	local $ENV{TMPDIR} = "$dir/spill";
	my $far = sub {
		my ($merge) = @_;
		return run(command => [ '/bin/bash', '-c', "rm -f p0 p1; mkfifo p0 p1; exec 3<&0
			tee p0 <&3 | lode-epoch -bn -- sort -s -k 1,1 >p1 & $merge p0 p1; status=\$?; wait; exit \$status" ], input => $in, dir => $dir, seconds => 120);
	};
	my $got = $far->("peak peak lode-merge --memory 1M");
	is($got->{status}, 0, "far apart: $got->{err}");
	ok(data($got->{out}) eq $want, 'all lines in order');
	my $peak = 0 + slurp("$dir/peak");
	ok(sanitized() || $peak < 24000, "in $peak KB");
	is(join(' ', glob("$dir/spill/*")), '', 'and no file is left');
	$got = $far->('lode-merge --memory 1M --spill 2M');
	is($got->{status}, 3, 'what is too far apart ends the run');
	like($got->{err}, qr/^lode-merge: p0:\d+: more than 1048576 bytes wait in memory and 2097152 in a temporary file: raise --memory or --spill\n/, 'and says so');
}
done_testing;
