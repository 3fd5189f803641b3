#!/usr/bin/perl
# What every filter must do, over every filter there is (README.md: what a new one brings).
# LODE_ONLY: a regular expression, for some filters only; LODE_CHECK: the same for checks.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Temp qw(tempdir);
use IO::Select;
use POSIX qw(:sys_wait_h);
use Test::More;
use Time::HiRes qw(time sleep);
use Lode qw(top bin tools sanitized filters child run slurp spew difference);

my $contract = top() . '/tests/contract';
my $dir = tempdir(CLEANUP => 1);
my $SIGPIPE = 128 + 13;
my $SIGTERM = 128 + 15;

# A filter and what it is fed.
sub load {
	my ($name) = @_;
	my $own = "$contract/$name";
	my %f = (name => $name, in => slurp(-e "$own.in" ? "$own.in" : "$contract/tape.in"), exempt => {});
	$f{args} = -e "$own.args" ? slurp("$own.args") : '';
	$f{args} =~ s/\s+/ /g;
	$f{damaged} = -e "$own.damaged" ? slurp("$own.damaged") : "damaged\n";
	$f{seconds} = -e "$own.seconds" ? 0 + slurp("$own.seconds") : 20;
	$f{seconds} *= 10 if sanitized();
	for (-e "$own.exempt" ? split /\n/, slurp("$own.exempt") : ()) {
		my ($check, $reason) = split ' ', $_, 2;
		$f{exempt}{$check} = $reason // '';
	}
	$f{lines} = [ $f{in} =~ /[^\n]*\n/g ];
	$f{is_tape} = $f{in} =~ /^known\tperiod\t/;
	$f{baseline} = fed(\%f, $f{in});
	return \%f;
}

sub command {
	my ($f, @more) = @_;
	return [ '/bin/sh', '-c', "exec '" . bin() . "/$f->{name}' $f->{args} \"\$\@\"", 'sh', @more ];
}

sub fed {
	my ($f, $input, @more) = @_;
	return run(command => command($f, @more), input => $input, dir => $dir, seconds => $f->{seconds});
}

sub bare {
	my ($f, @words) = @_;
	return run(command => [ bin() . "/$f->{name}", @words ], dir => $dir, seconds => $f->{seconds});
}

# Pairs of what is wrong and the condition, a scalar, that says it is not: the first that does not hold.
sub first_of {
	while (my ($what, $holds) = splice @_, 0, 2) {
		return $what unless $holds;
	}
	return '';
}

sub same_as_baseline {
	my ($f, $got) = @_;
	return difference($f->{baseline}{out}, $got->{out}, 'out') . difference($f->{baseline}{err}, $got->{err}, 'err')
	    . ($got->{status} == $f->{baseline}{status} ? '' : "status is $got->{status}, not $f->{baseline}{status}\n");
}

# A filter with pipes at both ends.
sub start {
	my ($f) = @_;
	pipe my $in, my $to or die;
	pipe my $from, my $out or die;
	open my $err, '>', "$dir/err" or die;
	local $SIG{PIPE} = 'IGNORE';
	my $pid = fork // die "fork: $!\n";
	if ($pid == 0) {
		close $to;
		close $from;
		child(command($f), $in, $out, $err, $dir);
	}
	return { pid => $pid, to => $to, from => $from, out => '' };
}

sub feed {
	my ($p, $bytes) = @_;
	local $SIG{PIPE} = 'IGNORE';
	syswrite $p->{to}, $bytes;
}

# Reads until n bytes are there or the time is over or the end.
sub hear {
	my ($p, $n, $seconds) = @_;
	my $until = time + $seconds;
	my $select = IO::Select->new($p->{from});
	while (length $p->{out} < $n && time < $until && $select->can_read($until - time)) {
		last unless sysread $p->{from}, $p->{out}, 65536, length $p->{out};
	}
}

# Status, and how long it took, -1 when it had to be killed.
sub finish {
	my ($p, $seconds) = @_;
	my $from = time;
	close $p->{to} if $p->{to};
	hear($p, 1e12, $seconds);
	while (time - $from < $seconds) {
		if (waitpid($p->{pid}, WNOHANG) == $p->{pid}) {
			return $? & 127 ? 128 + ($? & 127) : $? >> 8;
		}
		sleep 0.005;
	}
	kill KILL => $p->{pid};
	waitpid $p->{pid}, 0;
	return -1;
}

# Refs to lines of the input differ when a line is put in.
sub without_lines {
	my ($text) = @_;
	return $text =~ s/(?<=-:)\d+/N/gr;
}

my @checks = (
	input => sub {
		my ($f) = @_;
		my $b = $f->{baseline};
		return first_of(
			"status is $b->{status}: $b->{err}" => $b->{status} == 0,
			'nothing came out' => !!($b->{out} =~ /\n./),
			'the last line is whole' => !!($b->{out} =~ /\n\z/));
	},
	help => sub {
		my ($f) = @_;
		my $r = bare($f, '--help');
		my @lines = split /\n/, $r->{out};
		my ($wide) = grep { length > 100 } @lines;
		return first_of(
			"status is $r->{status}" => $r->{status} == 0,
			"standard error has '$r->{err}'" => $r->{err} eq '',
			'first line is the usage' => !!(($lines[0] // '') =~ /^usage: \Q$f->{name}\E \[option \.\.\.\]/),
			scalar @lines . ' lines are more than a screen' => @lines <= 40,
			'a line is too wide: ' . ($wide // '') => !defined $wide,
			'-h says the same' => bare($f, '-h')->{out} eq $r->{out});
	},
	version => sub {
		my ($f) = @_;
		my $r = bare($f, '--version');
		chomp(my $version = slurp(top() . '/VERSION'));
		return first_of("it says '$r->{out}'" => $r->{out} eq "$f->{name} $version\n", status => $r->{status} == 0, error => $r->{err} eq '');
	},
	'unknown-option' => sub {
		my ($f) = @_;
		my $r = bare($f, '--no-such-option');
		my $short = bare($f, '-?');
		return first_of(
			"status is $r->{status}" => $r->{status} == 2,
			"it says '$r->{err}'" => !!($r->{err} =~ /^\Q$f->{name}\E: .*'--no-such-option'.*\n\z/),
			"-? gives $short->{status}: $short->{err}" => !!($short->{status} == 2 && $short->{err} =~ /'-\?'/),
			'something came out' => $r->{out} eq '');
	},
	'missing-file' => sub {
		my ($f) = @_;
		my $r = fed($f, $f->{in}, '/no/such/file');
		return first_of(
			"status is $r->{status}" => $r->{status} == 3,
			"it says '$r->{err}'" => !!($r->{err} =~ m{^\Q$f->{name}\E: cannot open '/no/such/file': No such file or directory\n\z}));
	},
	folder => sub {
		my ($f) = @_;
		my $r = fed($f, $f->{in}, '/tmp');
		return first_of(
			"status is $r->{status}" => $r->{status} == 3,
			"it says '$r->{err}'" => !!($r->{err} =~ m{^\Q$f->{name}\E: .*/tmp.*Is a directory\n\z}));
	},
	'as-operand' => sub {
		my ($f) = @_;
		my $r = fed($f, '', '--name', '-', '-');
		spew("$dir/in", $f->{in});
		my $file = fed($f, '', '--name', '-', "$dir/in");
		return same_as_baseline($f, $file) . first_of('- is not standard input' => $r->{out} eq fed($f, '')->{out});
	},
	empty => sub {
		my ($f) = @_;
		my $r = fed($f, '');
		return first_of(
			"status is $r->{status}" => $r->{status} == 2,
			"it says '$r->{err}'" => $r->{err} eq "$f->{name}: -:1: no header line: the input is empty\n",
			"'$r->{out}' came out" => $r->{out} eq '');
	},
	'header-only' => sub {
		my ($f) = @_;
		my ($header) = $f->{baseline}{out} =~ /^([^\n]*\n)/;
		my $r = fed($f, $f->{lines}[0]);
		return difference($header // '', $r->{out}, 'out') . first_of(
			"status is $r->{status}" => $r->{status} == 0,
			"it says '$r->{err}'" => $r->{err} eq '');
	},
	bom => sub {
		my ($f) = @_;
		return same_as_baseline($f, fed($f, "\xEF\xBB\xBF$f->{in}"));
	},
	crlf => sub {
		my ($f) = @_;
		return same_as_baseline($f, fed($f, $f->{in} =~ s/\n/\r\n/gr));
	},
	'no-final-newline' => sub {
		my ($f) = @_;
		return same_as_baseline($f, fed($f, $f->{in} =~ s/\n\z//r));
	},
	gzip => sub {
		my ($f) = @_;
		spew("$dir/in", $f->{in});
		my $packed = `gzip -c $dir/in`;
		my $cut = fed($f, substr $packed, 0, length($packed) - 9);
		return same_as_baseline($f, fed($f, $packed)) . first_of(
			"a cut one gives $cut->{status}: $cut->{err}" => !!($cut->{status} == 1 && $cut->{err} =~ /: truncated gzip\n/));
	},
	'invalid-utf8' => sub {
		my ($f) = @_;
		my $r = fed($f, $f->{in} =~ s/\n\z/\xFF\n/r);
		my $utf8 = $r->{out};
		return first_of(
			"status is $r->{status}" => $r->{status} == 0 || $r->{status} == 1,
			'a message is not UTF-8' => utf8::decode($r->{err}),
			'status 0, and what came out is not UTF-8' => $f->{is_tape} || $r->{status} != 0 || utf8::decode($utf8));
	},
	'full-disk' => sub {
		my ($f) = @_;
		my $r = run(command => command($f), input => $f->{in}, output => '/dev/full', dir => $dir);
		return first_of(
			"status is $r->{status}" => $r->{status} == 3,
			"it says '$r->{err}'" => !!($r->{err} =~ /^\Q$f->{name}\E: cannot write 'standard output': No space left on device\n/));
	},
	'reader-leaves' => sub {
		my ($f) = @_;
		my $p = start($f);
		close $p->{from};
		feed($p, $f->{in});
		close delete $p->{to};
		waitpid $p->{pid}, 0;
		my $said = slurp("$dir/err");
		return first_of("status is $?" => ($? & 127) == 13, "it says '$said'" => $said eq '');
	},
	trickle => sub {
		my ($f) = @_;
		my $p = start($f);
		my $so_far = '';
		my $late = '';
		for my $line (@{ $f->{lines} }) {
			my $want = fed($f, $so_far .= $line)->{out};
			feed($p, $line);
			hear($p, length $want, 5);
			if ($p->{out} ne $want) {
				$late = "after the line $line" . difference($want, $p->{out}, 'out');
				last;
			}
		}
		my $status = finish($p, 5);
		return $late . ($late eq '' && $status != 0 ? "status is $status\n" : '');
	},
	sigterm => sub {
		my ($f) = @_;
		my $p = start($f);
		my ($header) = $f->{baseline}{out} =~ /^([^\n]*\n)/;
		feed($p, $f->{in} . '2025-06-2');
		hear($p, $f->{exempt}{trickle} ? length $header : length $f->{baseline}{out}, $f->{exempt}{trickle} ? 1 : 5);
		my $from = time;
		kill TERM => $p->{pid};
		my $to = delete $p->{to};
		my $status = finish($p, 10);
		my $said = slurp("$dir/err");
		return first_of(
			"status is $status" => $status == $SIGTERM,
			'it took longer than 5 s' => time - $from < 5,
			"the last line is cut: $p->{out}" => !!($p->{out} eq '' || $p->{out} =~ /\n\z/),
			"what came out is not the beginning: $p->{out}" => index($f->{baseline}{out}, $p->{out}) == 0,
			"it says '$said'" => $said !~ /$f->{name}: (?!\d+ records)/);
	},
	damaged => sub {
		my ($f) = @_;
		my @lines = @{ $f->{lines} };
		my $at = @lines;
		splice @lines, -1, 0, $f->{damaged};
		my $r = fed($f, join '', @lines);
		return first_of(
			"status is $r->{status}" => $r->{status} == 1,
			"it says '$r->{err}'" => !!($r->{err} =~ /^\Q$f->{name}\E: -:$at(:\d+)?( \([^)]*\))?: [^\n]+\n/),
			"what came out is not the beginning: $r->{out}" => index(without_lines($f->{baseline}{out}), without_lines($r->{out})) == 0);
	},
	rejects => sub {
		my ($f) = @_;
		my @lines = @{ $f->{lines} };
		splice @lines, -1, 0, $f->{damaged};
		my $r = fed($f, join('', @lines), '--rejects', "$dir/rejects");
		my $rejects = slurp("$dir/rejects");
		my $allowed = fed($f, join('', @lines), '--rejects', "$dir/rejects", '--allow-rejects');
		my (undef, @rows) = split /\n/, $rejects;
		my $again = join '', map { (split /\t/)[-1] =~ s/\\(.)/{ t => "\t", n => "\n" }->{$1} \/\/ $1/ger . "\n" } @rows;
		my $want = ($rows[0] // '') =~ /\theader\t/ ? $f->{lines}[0] . $f->{damaged} : $f->{damaged};
		return difference(without_lines($f->{baseline}{out}), without_lines($r->{out}), 'out') . first_of(
			"status is $r->{status}" => $r->{status} == 1,
			"status with --allow-rejects is $allowed->{status}" => $allowed->{status} == 0,
			"it says '$r->{err}'" => !!($r->{err} =~ /^\Q$f->{name}\E: \d+ records: \d+ used,(?: \d+ [a-z0-9-]+,)* 1 rejected\n\z/),
			'the columns of the rejects' => !!($rejects =~ /^source\tline\tcolumn\treason\trecord\n/))
		    . difference($want =~ s/\r?\n\z/\n/r, $again, 'record');
	},
	'no-rejects-no-words' => sub {
		my ($f) = @_;
		my $r = fed($f, $f->{in}, '--rejects', "$dir/rejects");
		return same_as_baseline($f, $r)
		    . first_of('the rejects file has only its header' => slurp("$dir/rejects") eq "source\tline\tcolumn\treason\trecord\n");
	},
	control => sub {
		my ($f) = @_;
		return '' unless $f->{is_tape};
		my @lines = @{ $f->{lines} };
		my $in = join '', "#before\n", $lines[0], "#\tfirst\n", @lines[1 .. $#lines], "#last one\n";
		my $r = fed($f, $in);
		my @controls = $r->{out} =~ /^(#.*\n)/mg;
		my $rest = $r->{out} =~ s/^#.*\n//mgr;
		return difference("#before\n#\tfirst\n#last one\n", join('', @controls), 'controls')
		    . difference($f->{baseline}{out}, $rest, 'out') . first_of(
			"status is $r->{status}: $r->{err}" => $r->{status} == 0,
			'the first is not first' => !!($r->{out} =~ /^#before\n/),
			'the last is not last' => !!($f->{exempt}{trickle} || $r->{out} =~ /#last one\n\z/));
	},
	'extra-column' => sub {
		my ($f) = @_;
		return '' unless $f->{is_tape};
		my ($header, @lines) = @{ $f->{lines} };
		my $in = join '', $header =~ s/\n/\tnote\n/r, map { s/\n/\tseen \\\\ "here\n/r } @lines;
		my $r = fed($f, $in);
		return first_of(
			"status is $r->{status}: $r->{err}" => $r->{status} == 0,
			'the column is gone' => !!($r->{out} =~ /^[^\n]*\tnote(\t|\n)/),
			'its values are changed' => !!($r->{out} =~ /\tseen \\\\ "here(\t|\n)/));
	},
	split => sub {
		my ($f) = @_;
		my $n = length $f->{in};
		my $step = int($n / (sanitized() ? 30 : 500)) + 1;
		my $most = $n < 4000 ? $n : 4000;
		my $command = (command($f))->[2];
		spew("$dir/in", $f->{in});
		spew("$dir/want", $f->{baseline}{out} . $f->{baseline}{err} . "$f->{baseline}{status}\n");
		# cut in two at up to 500 places, then at all; the shell does the rounds
		my $r = run(dir => $dir, seconds => 600, command => [ '/bin/sh', '-c', <<"END" ]);
for at in \$(seq 1 $step $n) \$(seq -s , 1 $most); do
	chop "\$at" in | ($command) >out 2>err
	echo "\$?" >status
	cat out err status | cmp -s want - && continue
	echo "cut behind byte \$at:" | head -c 100
	cat out err status | diff -a -u want - | head -20
	break
done
END
		return $r->{out} . $r->{err};
	},
	memory => sub {
		my ($f) = @_;
		return '' if sanitized();
		my @peak;
		for my $n (2000, 200000) {
			my $r = run(command => [ tools() . '/peak', "$dir/peak", @{ command($f) } ],
				input => join('', @{ $f->{lines} }, $f->{lines}[-1] x $n), output => '/dev/null', dir => $dir);
			return "status is $r->{status} with $n lines: $r->{err}" if $r->{status} != 0;
			push @peak, 0 + slurp("$dir/peak");
		}
		return first_of("$peak[0] KB became $peak[1] KB" => $peak[1] < $peak[0] + 2048, "$peak[1] KB are too much" => $peak[1] < 32768);
	},
);

my %known = @checks;
my $only = $ENV{LODE_ONLY} // '.';
my $check_only = $ENV{LODE_CHECK} // '.';
for my $name (grep { /$only/ } filters()) {
	subtest $name => sub {
		unless (-x bin() . "/$name") {
			fail('it was built');
			return;
		}
		my $f = load($name);
		my @rest = @checks;
		while (my ($check, $code) = splice @rest, 0, 2) {
			next unless $check =~ /$check_only/;
			if (defined $f->{exempt}{$check}) {
				SKIP: { skip "$check: $f->{exempt}{$check}", 1 }
				next;
			}
			my $fault = $code->($f);
			ok($fault eq '', "$name: $check") or diag($fault);
		}
		for my $exempt (sort keys %{ $f->{exempt} }) {
			ok($known{$exempt} && $f->{exempt}{$exempt} ne '', "$name: exemption '$exempt' is a check and has a reason");
		}
		done_testing();
	};
}
done_testing();
