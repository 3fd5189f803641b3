#!/usr/bin/perl
# Laws of every parser of tables: what a file says does not depend on the order of its columns, on columns that nobody knows, on line
# ends, a byte order mark or the packing, nor on where it is cut into reads. For articles: nor on the format that they come in.
# LODE_ONLY: a regular expression, for some filters only.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Temp qw(tempdir);
use Lode qw(top bin tools sanitized run slurp spew difference);
use Test::More;

my $dir = tempdir(CLEANUP => 1);
my $contract = top() . '/tests/contract';
my $cases = top() . '/tests/cases';

# Filter, and files beside its input of the contract.
my @parsers = (
	[ 'lode-gacc' ],
	[ 'lode-comtrade' ],
	[ 'lode-comext', 'old/in.csv', 'oldest/in.csv', 'tons/in.csv', 'sdmx/in.csv' ],
	[ 'lode-estat', 'by-office/in.csv', 'world/in.csv', 'units/in.csv' ],
	[ 'lode-census', 'exports/in.json', 'totals-and-groups/in.json' ],
	[ 'lode-baci' ],
	[ 'lode-fx' ],
	[ 'lode-price' ],
);

# A table as rows of fields that keep their quotes.
sub rows_of {
	my ($text) = @_;
	return map { [ /("(?:[^"\\]|\\.)*"|null)/g ] } $text =~ /(\[[^\[\]]*\])/g if $text =~ /^\[/;
	my $separator = $text =~ /^[^\n]*\t/ ? "\t" : ',';
	my @rows;
	for my $line (split /\r?\n/, $text) {
		my @fields;
		push @fields, $1 while $line =~ /\G(?:^|\Q$separator\E)("(?:[^"]|"")*"|[^\Q$separator\E]*)/g;
		push @rows, \@fields;
	}
	return @rows;
}

sub text_of {
	my ($like, @rows) = @_;
	return '[' . join(",\n", map { '[' . join(',', @$_) . ']' } @rows) . "]\n" if $like =~ /^\[/;
	my $separator = $like =~ /^[^\n]*\t/ ? "\t" : ',';
	return join '', map { join($separator, @$_) . "\n" } @rows;
}

# The same rows with their columns in another order; a nameless last column, from a comma at the end of lines, stays where it is.
sub shuffled {
	my ($text, $by) = @_;
	my @rows = rows_of($text);
	my $n = @{ $rows[0] };
	$n-- while $rows[0][$n - 1] =~ /^(?:"")?$/;
	my @order = $by eq 'reversed' ? reverse 0 .. $n - 1 : map { ($_ + $by) % $n } 0 .. $n - 1;
	return text_of($text, map { my $row = $_; [ @$row[@order], @$row[$n .. $#$row] ] } @rows);
}

# A column more, before the one at that place.
sub with_column {
	my ($text, $place) = @_;
	my @rows = rows_of($text);
	my $value = $text =~ /^\[/ ? '"a, \\"b\\" ]"' : $text =~ /^[^\n]*\t/ ? 'a "b' : '"a, ""b"""';
	my $n = @{ $rows[0] };
	$n-- while $rows[0][$n - 1] =~ /^(?:"")?$/;
	my $at = $place eq 'first' ? 0 : $place eq 'last' ? $n : int($n / 2);
	for my $i (0 .. $#rows) {
		splice @{ $rows[$i] }, $at, 0, $i == 0 ? ($rows[0][0] =~ /^"/ ? '"note"' : 'note') : $value;
	}
	return text_of($text, @rows);
}

sub packed {
	my ($text) = @_;
	spew("$dir/in", $text);
	return scalar `gzip -nc $dir/in`;
}

# The same out of an input that comes in two reads, plain and packed.
sub cut_anywhere {
	my ($file, $text, $shell, $want) = @_;
	for my $form ([ 'plain', $text ], [ 'gzip', packed($text) ]) {
		my ($form_name, $bytes) = @$form;
		my $n = length $bytes;
		my $step = int($n / (sanitized() ? 15 : 100)) + 1;
		my $fault = '';
		spew("$dir/cut", $bytes);
		for (my $at = 1; $at < $n && $fault eq ''; $at += $step) {
			my $got = run(command => [ '/bin/sh', '-c', "'" . tools() . "/chop' $at cut | $shell" ], dir => $dir);
			$fault = "cut behind byte $at:\n" . difference($want->{out}, $got->{out}, 'out') if $got->{out} ne $want->{out};
		}
		ok($fault eq '', "$file: $form_name, cut anywhere") or diag($fault);
	}
}

my $only = $ENV{LODE_ONLY} // '.';
for my $parser (grep { $_->[0] =~ /$only/ } @parsers) {
	my ($name, @files) = @$parser;
	my $args = slurp("$contract/$name.args") =~ s/\s+/ /gr;
	for my $path ("$contract/$name.in", map { "$cases/$name/$_" } @files) {
		my $file = $path =~ s{.*/tests/}{}r;
		my $text = slurp($path) =~ s/\r\n/\n/gr;
		my $shell = "exec '" . bin() . "/$name' $args";
		my $run = sub { run(command => [ '/bin/sh', '-c', $_[1] // $shell ], input => $_[0], dir => $dir) };
		my $want = $run->($text);
		my $same = sub {
			my ($what, $got) = @_;
			my $fault = difference($want->{out}, $got->{out}, 'out') . difference($want->{err}, $got->{err}, 'err')
			    . ($want->{status} == $got->{status} ? '' : "status is $got->{status}, not $want->{status}\n");
			ok($fault eq '', "$file: $what") or diag($fault);
		};
		ok($want->{out} =~ /\n./, "$file: something comes out") or diag($want->{err});
		$same->('read as rows and written again', $run->(text_of($text, rows_of($text))));
		$same->("columns $_", $run->(shuffled($text, $_))) for 'reversed', 1, 3;
		$same->("an unknown column $_", $run->(with_column($text, $_))) for 'first', 'middle', 'last';
		$same->('all of it at once', $run->(packed("\xEF\xBB\xBF" . with_column(shuffled($text, 2), 'middle') =~ s/\n/\r\n/gr)));
		my $half = int(length($text) / 2);
		$same->('two gzip members', $run->(packed(substr $text, 0, $half) . packed(substr $text, $half)));
		cut_anywhere($file, $text, $shell, $want);
	}
}
# Articles: a name of the format, and an input that says the same in each.
my @articles = (
	[ 'KIA seizes Pangwa & Bhamo', 'http://news.example/1', '2024-10-19T05:00:00Z', 'Sat, 19 Oct 2024 13:00:00 +0800', 'It fell at noon.' ],
	[ '克钦独立军攻占板瓦', 'http://news.example/2', '2024-10-20T05:00:00Z', 'Sun, 20 Oct 2024 05:00:00 GMT', '' ],
	[ 'China', 'http://news.example/3', '2024-10-21T05:00:00Z', '21 Oct 2024 05:00 UT', 'Imports of rare earths were 2,006 tonnes in May 2024. <The> border gate at Pangwa was closed.' ],
);

sub escaped {
	return $_[0] =~ s/&/&amp;/gr =~ s/</&lt;/gr;
}

my %written = (
	rss => sub { "<rss><channel>\n" . join('', map { '<item><title>' . escaped(escaped($_->[0])) . "</title><link>$_->[1]</link><pubDate>$_->[3]</pubDate><description>"
		. escaped(escaped($_->[4])) . "</description></item>\n" } @_) . "</channel></rss>\n" },
	atom => sub { "<feed xmlns='http://www.w3.org/2005/Atom'>\n" . join('', map { '<entry><title>' . escaped($_->[0]) . "</title><link href='$_->[1]'/><updated>$_->[2]</updated><content>"
		. escaped($_->[4]) . "</content></entry>\n" } @_) . "</feed>\n" },
	cdata => sub { "<feed>" . join('', map { "<entry><title><![CDATA[$_->[0]]]></title><id>$_->[1]</id><published>$_->[2]</published><summary><![CDATA[$_->[4]]]></summary></entry>" } @_)
		. "</feed>" },
	lines => sub { join '', map { qq({"title":"@{[ escaped($_->[0]) ]}","url":"$_->[1]","date":"$_->[2]","text":"@{[ escaped($_->[4]) ]}"}\n) } @_ },
	array => sub { "[\n" . join(",\n", map { qq({"url":"$_->[1]","text":"@{[ escaped($_->[4]) ]}","publishedAt":"$_->[3]","title":"@{[ escaped($_->[0]) ]}"}) } @_) . "\n]\n" },
	newsapi => sub { '{"status":"ok","articles":[' . join(',', map { qq({"title":"@{[ escaped($_->[0]) ]}","description":"@{[ escaped($_->[4]) ]}","url":"$_->[1]","publishedAt":"$_->[2]"}) } @_)
		. '],"totalResults":3}' },
	text => sub { join "====\n", map { "Title: $_->[0]\nDate: $_->[3]\nURL: $_->[1]\n\n$_->[4]\n" } @_ },
);

if ('lode-news' =~ /$only/) {
	my $args = slurp("$contract/lode-news.args") =~ s/\s+/ /gr =~ s/--ordered//r;
	my $shell = "exec '" . bin() . "/lode-news' $args --separator ====";
	my $run = sub { run(command => [ '/bin/sh', '-c', $shell ], input => $_[0], dir => $dir) };
	my $want = $run->($written{rss}->(@articles));
	is($want->{out} =~ tr/\n//, 5, 'lode-news: a line for each of four tags') or diag($want->{out}, $want->{err});
	for my $format (sort keys %written) {
		my $text = $written{$format}->(@articles);
		my %as = (
			'says the same' => $text,
			'newest first' => $written{$format}->(reverse @articles),
			'with CR LF and a byte order mark' => "\xEF\xBB\xBF" . $text =~ s/\n/\r\n/gr,
			'two gzip members' => packed(substr $text, 0, 300) . packed(substr $text, 300),
		);
		for my $how (sort keys %as) {
			my $got = $run->($as{$how});
			my $fault = difference($want->{out}, $got->{out}, 'out') . difference($want->{err}, $got->{err}, 'err');
			ok($fault eq '', "lode-news, $format: $how") or diag($fault);
		}
		cut_anywhere("lode-news, $format", $text, $shell, $want);
	}
}
done_testing();
