#!/usr/bin/perl
# Exactly once, on a real Kafka: a hundred and more SIGKILLs over source, sink and every filter that keeps state, stopped programs that go on late,
# second pipelines, brokers killed and stopped, of one and of three. What each round must show is said in tests/kafka/kills. About 9 minutes.
use strict;
use warnings;
use FindBin;
use File::Temp qw(tempdir);
use Test::More;

my $kafka = "$FindBin::Bin/../kafka";
my $dir = tempdir(CLEANUP => 1);
my $seed = $ENV{LODE_SEED} // time % 1000000;
my %brokers; # how many: their folder
my (%sum, %killed);
$ENV{LODE_BROKER_OWNER} = $$;

END {
	local $?;
	system "$kafka/broker", 'kill', $_ for values %brokers;
}
$SIG{$_} = sub { exit 1 } for qw(INT TERM);

sub brokers {
	my ($n) = @_;
	return $brokers{$n} if $brokers{$n};
	system("'$kafka/broker' start '$dir/of-$n' $n >'$dir/start' 2>&1") == 0 or do {
		my $status = $? >> 8;
		my ($why) = reverse split /\n/, `cat '$dir/start'`;
		plan skip_all => $why if $status == 77;
		BAIL_OUT("no broker: $why");
	};
	return $brokers{$n} = "$dir/of-$n";
}

sub round {
	my ($n, $seconds, @options) = @_;
	my $broker = brokers($n);
	my $began = time;
	my $said = `timeout 900 '$kafka/kills' @options '$broker' $seconds $seed`;
	is($?, 0, "$n brokers, @options: nothing lost, nothing doubled, state exact") or diag(`tail -n 20 '$broker/kills.err'`);
	note $_ for split(/\n/, $said), 'it took ' . (time - $began) . ' s';
	my ($acts, $killed) = $said =~ /^seed [^:]*: (.*); killed: (.*)$/m or return;
	$sum{$2} += $1 while $acts =~ /(\d+) ([a-z ]+)/g;
	$killed{$2} += $1 while $killed =~ /(\d+) ([a-z-]+)/g;
	my ($records, $results, $lost, $doubled) = $said =~ /^(\d+) records in, (\d+) results .* (\d+) lost, (\d+) doubled/m or return;
	$sum{records} += $records;
	$sum{results} += $results;
	$sum{lost} += $lost;
	$sum{doubled} += $doubled;
	my ($checkpoints) = $said =~ / (\d+) checkpoints/;
	$sum{checkpoints} += $checkpoints;
	cmp_ok($checkpoints, '>=', 5, 'and it got on meanwhile');
	$seed++;
}

round(1, 60, qw(--brokers));
round(1, 50, qw(--chain shares));
round(1, 40, qw(--chain newest));
round(1, 35, qw(--chain windows));
system "$kafka/broker", 'kill', delete $brokers{1};
round(3, 90, qw(--chain signals --brokers --pace 1.5));
round(3, 70, qw(--brokers));

diag('in all: ' . join(', ', map { "$sum{$_} $_" } sort keys %sum));
diag('killed: ' . join(', ', map { "$killed{$_} $_" } sort keys %killed));
cmp_ok($sum{kills}, '>=', 100, 'a hundred kills of single programs');
cmp_ok($sum{$_}, '>=', 3, $_) for 'kills of all', 'stops', 'second pipelines', 'broker kills', 'broker stops';
cmp_ok($killed{$_} // 0, '>=', 1, "$_ was killed") for qw(source filter lode-assay lode-asof lode-check lode-convert lode-dedupe lode-epoch lode-estimate lode-intensity
	lode-merge lode-share lode-signal lode-window sink);
is($sum{$_}, 0, $_) for qw(lost doubled);
done_testing();
