#!/usr/bin/perl
# lode-epoch among signals and deaths: the command gets what is for it, and never outlives the filter.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Temp qw(tempdir);
use POSIX qw(:sys_wait_h);
use Test::More;
use Time::HiRes qw(time sleep);
use Lode qw(top bin child slurp);

exit !plan(skip_all => 'LODE_ONLY is for others') if defined $ENV{LODE_ONLY} && 'lode-epoch' !~ /$ENV{LODE_ONLY}/;
my $dir = tempdir(CLEANUP => 1);
my $header = "known\tperiod\tarea\tpartner\tcommodity\tindicator\tvalue\tunit\tstatus\tsource\tref\n";
my $line = "2025-06-20T07:00:00Z\t2025-05\tCN\tMM\ths:1\timport.mass\t1\tkg\tA\tgacc\tm:1\n";
my $start = "#START\tv=1\tck=0:-\n";

# The filter around a command that says who it is and then copies; what it is fed.
sub start {
	my ($say, @input) = @_;
	unlink "$dir/pid";
	pipe my $in, my $to or die;
	open my $out, '>', "$dir/out" or die;
	open my $err, '>', "$dir/err" or die;
	my $pid = fork // die "fork: $!\n";
	if ($pid == 0) {
		close $to;
		child([ bin() . '/lode-epoch', '-bn', '--', '/bin/sh', '-c', $say ], $in, $out, $err, $dir);
	}
	syswrite $to, join '', @input;
	return { pid => $pid, to => $to };
}

# Whether something comes true in time.
sub within {
	my ($seconds, $holds) = @_;
	my $until = time + $seconds;
	while (time < $until) {
		return 1 if $holds->();
		sleep 0.01;
	}
	return 0;
}

sub command { return within(5, sub { -s "$dir/pid" }) ? 0 + slurp("$dir/pid") : 0 }

sub gone { my ($pid) = @_; return $pid > 0 && within(5, sub { !kill 0 => $pid }) }

# What waitpid() says, the input still being open.
sub ended {
	my ($p) = @_;
	return $? if within(10, sub { waitpid($p->{pid}, WNOHANG) == $p->{pid} });
	kill KILL => $p->{pid};
	return 'it does not end';
}

my $copy = 'echo $$ >pid; exec cat';
my $p = start($copy, $header, $line);
my $command = command();
kill TERM => $p->{pid};
is(ended($p), 15, 'SIGTERM outside of a stream: the filter dies of it');
ok(gone($command), 'and the command has gone');

$p = start('echo $$ >pid; trap "echo heard >&2; exit 0" TERM; while :; do sleep 0.05; done', $header, $line);
command();
kill TERM => $p->{pid};
is(ended($p), 15, 'a command that has a way of its own to end');
like(slurp("$dir/err"), qr/^heard$/m, 'gets the signal');

$p = start('trap "" TERM; echo $$ >pid; exec cat', $header, $line);
$command = command();
my $from = time;
kill TERM => $p->{pid};
is(ended($p), 15, 'a command that does not heed SIGTERM');
ok(gone($command) && time - $from < 5, 'is killed in time');

# the whole group gets the signal, as under systemd: the epoch is finished all the same
$p = start($copy, $start, $header, $line);
$command = command();
kill TERM => $p->{pid}, $command;
syswrite $p->{to}, "$line#BARRIER\tck=1:aa\tend=1\n#END\twhy=stop\n";
close $p->{to};
is(ended($p), 0, 'SIGTERM in a stream is for the source');
is(slurp("$dir/out"), "$start$header$line$line#BARRIER\tck=1:aa\tend=1\n#END\twhy=stop\n", 'and the epoch comes out whole');
ok(gone($command), 'and the command has gone');

$p = start($copy, $start, $header, $line);
$command = command();
kill TERM => $p->{pid};
sleep 0.3;
kill TERM => $p->{pid};
is(ended($p), 15, 'the second one ends the filter');
ok(gone($command), 'and the command');

$p = start($copy, $start, $header, $line);
$command = command();
kill KILL => $command;
is(ended($p), 3 << 8, 'a command that is killed ends the run');
like(slurp("$dir/err"), qr/'\/bin\/sh' was ended by signal 9, given lines 3 to 3 behind checkpoint 0:-\n/, 'and that is said at once, with the place');

$p = start($copy, $start, $header, $line);
$command = command();
kill KILL => $p->{pid};
is(ended($p), 9, 'the filter is killed');
ok(gone($command), 'and its command with it');
done_testing;
