package Lode;
# Lode - programs under test, run with everything they say in hand
use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter 'import';
use File::Basename qw(dirname basename);
use File::Temp qw(tempdir);
use POSIX ();

our @EXPORT_OK = qw(top bin tools shared sanitized filters child run slurp spew difference);

my $top = $ENV{LODE_TOP} // abs_path(dirname(__FILE__) . '/../..');
my $bin = $ENV{LODE_BIN} // "$top/build/bin";

sub top { $top }
sub bin { $bin }
sub tools { $ENV{LODE_TESTS} // dirname($bin) . '/tests' }
sub shared { $ENV{LODE_SHARED} // "$top/../shared" }
sub sanitized { $bin =~ m{/san/} }

# Names of all filters, from their sources; a program that was not built is a failure where it is used.
sub filters {
	return map { basename($_, '.c') } sort glob("$top/filters/lode-*.c");
}

sub slurp {
	my ($path) = @_;
	open my $file, '<:raw', $path or die "$path: $!\n";
	local $/;
	my $bytes = <$file>;
	return $bytes // '';
}

sub spew {
	my ($path, $bytes) = @_;
	open my $file, '>:raw', $path or die "$path: $!\n";
	print $file $bytes;
	close $file or die "$path: $!\n";
}

# Environment and streams of a child, then the command; never returns.
sub child {
	my ($command, $in, $out, $err, $dir) = @_;
	chdir $dir or POSIX::_exit(126) if defined $dir;
	open STDIN, '<&', $in or POSIX::_exit(126);
	open STDOUT, '>&', $out or POSIX::_exit(126);
	open STDERR, '>&', $err or POSIX::_exit(126);
	$SIG{PIPE} = 'DEFAULT';
	$ENV{LODE_TOP} = $top;
	$ENV{LODE_BIN} = $bin;
	$ENV{LODE_TESTS} = tools();
	$ENV{LODE_SHARED} = shared();
	$ENV{PATH} = join ':', $bin, tools(), $ENV{PATH};
	{ exec { $command->[0] } @$command }
	POSIX::_exit(127);
}

my $temp = tempdir(CLEANUP => 1);
my $count = 0;

# run(command => [...], input => bytes, dir => path, output => path, seconds => n)
# gives { out, err, status }; a signal is 128 and its number, as in a shell.
sub run {
	my %how = (input => '', seconds => 120, @_);
	my $base = "$temp/" . ++$count;
	spew("$base.in", $how{input});
	open my $in, '<:raw', "$base.in" or die "$base.in: $!\n";
	open my $out, '>:raw', $how{output} // "$base.out" or die "$base.out: $!\n";
	open my $err, '>>:raw', "$base.err" or die "$base.err: $!\n";
	my $pid = fork // die "fork: $!\n";
	child($how{command}, $in, $how{same} ? $err : $out, $err, $how{dir}) if $pid == 0;
	close $out;
	my $late = 0;
	local $SIG{ALRM} = sub { $late = 1; kill KILL => $pid };
	alarm $how{seconds};
	waitpid $pid, 0;
	my $status = $?;
	alarm 0;
	my %result = (
		status => $status & 127 ? 128 + ($status & 127) : $status >> 8,
		err => slurp("$base.err") . ($late ? "(not ended after $how{seconds} s)\n" : ''),
		out => defined $how{output} ? '' : slurp("$base.out"),
	);
	unlink "$base.in", "$base.out", "$base.err";
	return \%result;
}

# A unified diff of two texts, "" when they are equal.
sub difference {
	my ($want, $got, $name) = @_;
	return '' if $want eq $got;
	spew("$temp/want", $want);
	spew("$temp/got", $got);
	my $diff = `diff -a -u --label want/$name --label got/$name $temp/want $temp/got`;
	my @lines = split /^/m, $diff =~ s/[^\n\t\x20-\x7e]/sprintf '\\x%02X', ord $&/ger;
	my $more = @lines - 40;
	return join '', $more > 0 ? (@lines[0 .. 39], "... $more more lines of difference\n") : @lines;
}

1;
