# What the benches share: files that are made once, commands that are timed in turn on one core and on two, and the table.
package Bench;
use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter qw(import);
use File::Basename qw(dirname);
use Time::HiRes qw(time);

our @EXPORT_OK = qw($top $bin $tools enter make shell median lacks python check_results run_jobs say_table ratio_of say_result failed);

our $top = abs_path(dirname(__FILE__) . '/../..');
our $bin = $ENV{LODE_BIN} // "$top/build/bin";
our $tools = $ENV{LODE_TESTS} // dirname($bin) . '/tests';
my $dir = "$top/build/bench";
my $own = "job-$$"; # so that several benches can run at a time
my $failed = 0;

sub shell { system('/bin/sh', '-c', $_[0]) == 0 or die "failed: $_[0]\n" }

# Of a file, or of several with blanks between.
sub bytes_of { my $n = 0; $n += -s for split / /, $_[0]; return $n }

sub median { my @sorted = sort { $a <=> $b } @_; return $sorted[$#sorted / 2] }

sub enter {
	shell("mkdir -p '$dir'");
	chdir $dir or die "$dir: $!\n";
	shell('command -v taskset >/dev/null');
}

# Makes a file unless it is there and newer than the source of what makes it.
sub make {
	my ($file, $source, $how) = @_;
	return if -e $file && -M $file < -M "$top/$source";
	print STDERR "making $dir/$file\n";
	shell("$how >$file.part && mv $file.part $file");
}

# Why a program is not there; empty when it is.
sub lacks { my ($program) = @_; return system("command -v $program >/dev/null 2>&1") == 0 ? '' : "$program is not here" }

# The interpreter with that package, from its index if need be, or undef.
sub python {
	my ($package) = @_;
	my $python = 'duckdb/bin/python';
	return $python if -x $python && system("$python -c 'import $package' 2>/dev/null") == 0;
	print STDERR "getting $package\n";
	return system("{ [ -x $python ] || python3 -m venv duckdb; } >$package.log 2>&1 && duckdb/bin/pip install -q $package >>$package.log 2>&1 && "
	    . "$python -c 'import $package' >>$package.log 2>&1") == 0 ? $python : undef;
}

# Seconds and megabytes (of the largest process) of one command, whose output goes nowhere.
sub measure {
	my ($command, $cores) = @_;
	my $cpus = $cores == 1 ? 'taskset -c 0 ' : '';
	open my $script, '>', "$own.sh" or die "$own.sh: $!\n";
	print $script "$command\n";
	close $script;
	my $start = time;
	shell("$cpus'$tools/peak' $own.peak sh $own.sh >/dev/null 2>$own.err || { cat $own.err >&2; exit 1; }");
	my $seconds = time - $start;
	open my $peak, '<', "$own.peak" or die "$own.peak: $!\n";
	return ($seconds, <$peak> / 1024);
}

# What each job's output comes to, by its own `result` (a filter that prints lines and a sum): the same for all of one file.
sub check_results {
	my (@jobs) = @_;
	my %want;
	for my $job (grep { defined $_->{result} } @jobs) {
		my $command = $job->{command} =~ s/\bTHREADS\b/2/gr;
		my $got = `{ $command; } 2>/dev/null | $job->{result}`;
		chomp $got;
		my ($lines, $sum) = split / /, $got;
		my $want = $want{"$job->{group} $job->{file}"} //= [ $lines, $sum, $job->{what} ];
		my $same = $lines == $want->[0] && abs($sum - $want->[1]) <= 1e-9 * abs $want->[1];
		next if $same && $lines > 0;
		say_result(0, '%s: %s lines with a sum of %s, but %s of %s by %s', $job->{what}, $lines, $sum, @$want);
		$job->{wrong} = 1;
	}
	return grep { !$_->{wrong} } @jobs;
}

# In turn, each after a wc -l of the same file, so that all see the same machine. {seconds}, {ratio} and {peak} by cores.
sub run_jobs {
	my ($runs, @jobs) = @_;
	my %wc;
	shell("cat $_ >/dev/null && wc -l $_ >/dev/null") for keys %{ { map { $_ => 1 } map { ($_->{file}, $_->{plain}) } @jobs } };
	for my $round (1 .. $runs) {
		for my $job (@jobs) {
			next if $round > ($job->{runs} // $runs);
			for my $cores (@{ $job->{cores} // [ 1, 2 ] }) {
				my ($wc) = measure("wc -l $job->{plain}", $cores);
				my ($seconds, $peak) = measure($job->{command} =~ s/\bTHREADS\b/$cores/gr, $cores);
				push @{ $wc{ $job->{plain} } }, $wc;
				push @{ $job->{seconds}{$cores} }, $seconds;
				push @{ $job->{ratio}{$cores} }, $seconds / $wc;
				$job->{peak} = $peak if $peak > ($job->{peak} // 0);
			}
		}
	}
	return \%wc;
}

sub say_table {
	my ($title, $wc, @jobs) = @_;
	print "| $title | MB | one core: s (least-most) | x wc -l | MB/s | two: s (least-most) | x wc -l | MB/s | peak MB |\n";
	print "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
	for my $file (sort { bytes_of($b) <=> bytes_of($a) } keys %$wc) {
		my @sorted = sort { $a <=> $b } @{ $wc->{$file} };
		printf "| wc -l | %.0f | %.2f (%.2f-%.2f) | 1 | %.0f | | | | |\n", bytes_of($file) / 1e6, median(@sorted), @sorted[ 0, -1 ], bytes_of($file) / 1e6 / median(@sorted);
	}
	for my $job (@jobs) {
		printf "| %s | %.0f |", $job->{what}, bytes_of($job->{plain}) / 1e6;
		for my $cores (1, 2) {
			my @sorted = sort { $a <=> $b } @{ $job->{seconds}{$cores} // [] };
			print(' | | |'), next unless @sorted;
			printf " %.2f (%.2f-%.2f) | %.1f | %.0f |", median(@sorted), @sorted[ 0, -1 ], median(@{ $job->{ratio}{$cores} }), bytes_of($job->{plain}) / 1e6 / median(@sorted);
		}
		printf " %.0f |\n", $job->{peak};
	}
	print "\n";
}

# How many times as fast the first is as the second, on so many cores: the median of the rounds that both ran.
sub ratio_of {
	my ($ours, $theirs, $cores) = @_;
	my ($a, $b) = ($ours->{seconds}{$cores}, $theirs->{seconds}{$cores});
	my $n = @$a < @$b ? @$a : @$b;
	return median(map { $b->[$_] / $a->[$_] } 0 .. $n - 1);
}

sub say_result {
	my ($ok, $format, @values) = @_;
	printf "%s: $format\n", $ok ? 'reached' : 'MISSED', @values;
	$failed ||= !$ok;
}

sub failed { return $failed }

END { unlink glob "$dir/$own.*" }

1;
