#!/usr/bin/perl
# Manual pages: sections, lint, options as in --help, and EXAMPLES run (README.md has the convention).
# LODE_ONLY: a regular expression, for some pages only.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Basename qw(basename);
use File::Temp qw(tempdir);
use Test::More;
use Lode qw(top bin sanitized filters run slurp difference);

my @order = ('NAME', 'SYNOPSIS', 'DESCRIPTION', 'ENVIRONMENT', 'FILES', 'EXIT STATUS', 'EXAMPLES', 'DIAGNOSTICS', 'SEE ALSO', 'STANDARDS',
	'CAVEATS');
my %place = map { $order[$_] => $_ } 0 .. $#order;
my %needed = (1 => [ 'NAME', 'SYNOPSIS', 'DESCRIPTION', 'EXIT STATUS', 'EXAMPLES', 'SEE ALSO' ], 7 => [ 'NAME', 'DESCRIPTION', 'SEE ALSO' ]);

sub sections {
	my ($page) = @_;
	my @sections = map { tr/"//dr } $page =~ /^\.Sh +(.*)$/mg;
	return @sections;
}

# The options of --help as "letter long argument".
sub options_of_help {
	my ($name) = @_;
	my $help = run(command => [ bin() . "/$name", '--help' ])->{out};
	my %option;
	while ($help =~ /^  (?:-(\w), |    )--([a-z][a-z0-9-]*)(?: (\S+))?/mg) {
		$option{$2} = join ' ', $1 // '', $3 // '';
	}
	return ($help, %option);
}

# The same from the .It lines of the page: each `Fl Fl long [Ar ARGUMENT]`, a letter being the `Fl x` before it.
sub options_of_page {
	my ($page) = @_;
	my %option;
	for my $item ($page =~ /^\.It +(Fl .*)$/mg) {
		my $letter = '';
		for my $part (split / +, +/, $item) {
			if ($part =~ /^Fl (\w)(?: Ar \S+)?$/) {
				$letter = $1;
			} elsif ($part =~ /^Fl Fl ([a-z][a-z0-9-]*)(?: Ar (\S+))?$/) {
				$option{$1} = join ' ', $letter, $2 // '';
				$letter = '';
			} else {
				$option{"(cannot read '$part')"} = '';
			}
		}
	}
	return %option;
}

# Text of a literal line.
sub plain {
	my ($line) = @_;
	my %special = (e => '\\', '-' => '-', '&' => '', '(aq' => "'", '(dq' => '"', '(ti' => '~', '(ha' => '^', '(rs' => '\\');
	return $line =~ s/\\(\([a-z]{2}|.)/$special{$1} \/\/ "\\$1"/ger;
}

# Pairs of command and output.
sub examples {
	my ($page) = @_;
	my ($text) = $page =~ /^\.Sh EXAMPLES\n(.*?)(?=^\.Sh |\z)/ms or return;
	my @examples;
	while ($text =~ /^\.Bd -literal[^\n]*\n(.*?)^\.Ed$/msg) {
		for my $line (map { plain($_) } split /\n/, $1) {
			if ($line =~ /^\$ (.*)/) {
				push @examples, [ "$1\n", '' ];
			} elsif (@examples && $line =~ /^> ?(.*)/ && $examples[-1][1] eq '') {
				$examples[-1][0] .= "$1\n";
			} elsif (@examples) {
				$examples[-1][1] .= "$line\n";
			} else {
				push @examples, [ "echo 'a block of EXAMPLES does not begin with \$ and a command' >&2; false\n", '' ];
			}
		}
	}
	return @examples;
}

# One shell for a page, a mark behind what each command writes. In a pipeline it is chance which of standard output and
# standard error comes first, so either may.
sub run_examples {
	my ($name, $page) = @_;
	my @examples = examples($page);
	my $script = join '', map { "$_->[0]printf '\\036'; printf '\\036' >&2\n" } @examples;
	my $got = run(command => [ '/bin/sh', '-c', $script ], dir => tempdir(CLEANUP => 1));
	my @out = split /\x1e/, $got->{out}, -1;
	my @err = split /\x1e/, $got->{err}, -1;
	for my $i (0 .. $#examples) {
		my ($command, $want) = @{ $examples[$i] };
		my ($out, $err) = ($out[$i] // "(the shell had ended)\n", $err[$i] // '');
		my $title = $command =~ s/\n.*//sr;
		is(difference($want, $want eq "$out$err" ? "$out$err" : "$err$out", 'output'), '', "$name: \$ $title");
	}
}

my $only = $ENV{LODE_ONLY} // '.';
for my $name (grep { /$only/ } filters()) {
	ok(-e top() . "/filters/$name.1", "$name has a manual page");
}
for my $path (grep { /$only/ } sort glob(top() . '/filters/*.[1-9]')) {
	my $file = basename($path);
	my ($name, $section) = $file =~ /^(.*)\.(\d)$/;
	my $page = slurp($path);
	subtest $file => sub {
		my @sections = sections($page);
		my @known = grep { defined $place{$_} } @sections;
		unless (sanitized()) {
			my $lint = run(command => [ 'mandoc', '-T', 'lint', '-W', 'warning', $path ]);
			is($lint->{out} . $lint->{err}, '', 'mandoc has nothing to say');
			is(join(', ', grep { !defined $place{$_} } @sections), '', 'only sections of ours') if $section == 1;
			is("@known", join(' ', sort { $place{$a} <=> $place{$b} } @known), 'sections in order');
			for my $needed (@{ $needed{$section} }) {
				ok((grep { $_ eq $needed } @sections), "has $needed");
			}
			if ($section == 1) {
				ok($page =~ /^\.Ss Input$/m && $page =~ /^\.Ss Output$/m, 'says what comes in and what goes out');
				ok($page =~ /^\.Xr lode-common 7/m, 'points to lode-common(7)');
			}
		}
		if ($section == 1 && -x bin() . "/$name") {
			my ($help, %help) = options_of_help($name);
			my %page = options_of_page($page);
			# what all filters share may be left to lode-common(7)
			delete @help{ grep { !defined $page{$_} } qw(rejects allow-rejects max-record name help version) };
			my $list = sub {
				my %option = @_;
				return join '', map { "--$_ $option{$_}\n" } sort keys %option;
			};
			is($list->(%page), $list->(%help), 'options are those of --help');
			my ($described) = $page =~ /^\.Nd +(.*)$/m;
			my (undef, $summary) = split /\n/, $help;
			is($described, $summary, 'NAME is the summary of --help');
		}
		run_examples($name, $page);
		pass('that is all');
		done_testing();
	};
}
done_testing();
