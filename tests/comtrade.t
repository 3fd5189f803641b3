#!/usr/bin/perl
# lode-comtrade over real files of all its shapes: rows in = rows used + rows left out by a rule + rejects, exactly, with counts taken
# by other tools; then a real file in every packing and line end, cut into reads at many places, with the same tape.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Temp qw(tempdir);
use Test::More;
use Lode qw(top bin tools shared sanitized run slurp spew difference);

my $data = shared() . '/data/customs/comtrade';
plan skip_all => "no $data" unless -d $data;

my $dir = tempdir(CLEANUP => 1);
my @options = ('--known', '2025-01-01', '--partners', top() . '/pipelines/heavy-rare-earths/partners.tsv');

# file; records; rules; lines of FLOW.mass, .quantity, .value; lines of status E
my @samples = (
	[ 'comtradeplus_ui_THA_8542_annual_latin1.csv', 1178, { 'partner-world' => 11 }, { mass => 1044, quantity => 551, value => 1167 }, 682 ],
	[ 'comtradeplus_api_CHN_from_USA_8542_annual.csv', 173, { 'part-partner2' => 158 }, { mass => 13, value => 15 } ],
	[ 'comtrade_api_trimmed_nickel_CHN_MMR_slice.csv', 722, { 'partner-world' => 76 } ],
	[ 'comtrade_legacy_GBR_1511_monthly_2014.csv', 456, { 'partner-world' => 25 }, { mass => 430, value => 431 }, 0 ],
	[ 'comtrade_legacy_annual_2014_mixed.csv', 223, { 'partner-world' => 223 }, {}, 0 ],
	[ 'comtrade_legacy_annual_2014_mixed.csv', 223, {}, { mass => 40, quantity => 3, value => 223 }, 9, '--world' ],
);

for my $sample (@samples) {
	my ($file, $records, $rules, $lines, $estimated, @more) = @$sample;
	my $title = join ' ', $file, @more;
	unless (-e "$data/$file") {
		SKIP: { skip "$title is not there", 1 }
		next;
	}
	subtest $title => sub {
		my $got = run(command => [ bin() . '/lode-comtrade', @options, @more, '--rejects', "$dir/rejects", '--allow-rejects', "$data/$file" ]);
		my %line = map { $_ => 1 } $got->{out} =~ /:(\d+)$/mg;
		my $used = keys %line;
		my $rejected = () = slurp("$dir/rejects") =~ /^[^\t]*\t\d+\t\d+\t(?!header\t)/mg;
		my %rule = reverse $got->{err} =~ /, (\d+) ([a-z][a-z0-9-]*)(?=,)/g;
		my $left_out = 0;
		$left_out += $_ for values %rule;
		is($got->{status}, 0, 'status');
		is($used + $left_out + $rejected, $records, 'rows in = rows used + left out + rejected');
		is_deeply(\%rule, $rules, 'rules');
		if (defined $lines) {
			my %seen;
			$seen{$_}++ for $got->{out} =~ /^(?:[^\t]*\t){5}[a-z]+\.([a-z]+)\t/mg;
			is_deeply(\%seen, $lines, 'figures');
		}
		is(() = $got->{out} =~ /\tE\tcomtrade\t/g, $estimated, 'estimated ones') if defined $estimated;
		my $check = bin() . '/lode-check';
		is(run(command => [ $check ], input => $got->{out})->{out}, $got->{out}, 'a valid tape') if -x $check;
	};
}

# One real file, small enough to be cut at many places.
my @lines = split /^/, slurp("$data/$samples[0][0]");
my $csv = join '', @lines[0 .. 20];
(my $lf = $csv) =~ s/\r\n/\n/g;
(my $crlf = $lf) =~ s/\n/\r\n/g;
my %form = (LF => $lf, CRLF => $crlf, 'UTF-8 with a mark' => "\xef\xbb\xbf$lf");
for my $end ('LF', 'CRLF') {
	spew("$dir/plain", $form{$end});
	$form{"$end, gzip"} = `gzip -nc '$dir/plain'`;
}
spew("$dir/plain", $lf);
$form{'UTF-16'} = `iconv -f ISO-8859-1 -t UTF-16 '$dir/plain'`;
my @command = (bin() . '/lode-comtrade', @options, '--name', 'in.csv');
my $want = run(command => \@command, input => $lf)->{out};
ok(length $want > 1000, 'something comes out');
my $shell = join ' ', map { "'$_'" } @command;
for my $name (sort keys %form) {
	my $fault = '';
	my $length = length $form{$name};
	spew("$dir/in", $form{$name});
	my $step = 1 + int($length / (sanitized() ? 20 : 150));
	for (my $at = 1; $at < $length && $fault eq ''; $at += $step) {
		my $got = run(command => [ '/bin/sh', '-c', "'" . tools() . "/chop' $at '$dir/in' | $shell" ]);
		$fault = "cut behind byte $at:\n" . difference($want, $got->{out}, 'out') if $got->{out} ne $want;
	}
	is($fault, '', "$name, cut at many places");
}

# What others made of these figures is not one of the shapes, and is refused by the column that is missing.
for my $path (glob "$data/derived_*.csv") {
	my $got = run(command => [ bin() . '/lode-comtrade', @options, $path ]);
	is($got->{status}, 2, 'refused');
	like($got->{err}, qr/^lode-comtrade: \S+:1: no column 'period' in the header\n\z/, 'by name');
}
done_testing();
