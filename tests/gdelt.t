#!/usr/bin/perl
# Files of GDELT: the laws of every kind (cut anywhere, packed, with other line ends, with a byte order mark: the same tape), the real files
# against a reader written for this test, the tables of codes against what real files hold, and input that is too large to be kept here.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Temp qw(tempdir);
use Lode qw(top shared bin tools sanitized run slurp spew difference);
use Test::More;

my $dir = tempdir(CLEANUP => 1);
my $cases = top() . '/tests/cases/lode-gdelt';
my $tables = top() . '/pipelines/heavy-rare-earths';
my $news = shared() . '/data/news';
my @pipeline = ('--places', "$tables/places.tsv", '--classes', "$tables/cameo.tsv", '--themes', "$tables/gkg.tsv");

sub gdelt {
	my ($input, @arguments) = @_;
	return run(command => [ bin() . '/lode-gdelt', @arguments ], input => $input, dir => $dir, seconds => sanitized() ? 200 : 60);
}

sub same {
	my ($a, $b) = @_;
	return difference($a->{out}, $b->{out}, 'out') . difference($a->{err}, $b->{err}, 'err') . ($a->{status} == $b->{status} ? '' : 'status');
}

# The laws, over one small file of each kind.
my @small = ('--places', "$cases/basic/places.tsv", '--classes', "$cases/basic/classes.tsv", '--themes', "$cases/gkg/themes.tsv", '--name', 'in');
my $events = "$dir/events.tsv";
spew($events, gdelt(slurp("$cases/basic/events.CSV"), @small)->{out});
for my $file ('basic/events.CSV', 'version-1/v1.csv', 'mentions/in.CSV', 'gkg/in.csv', 'gkg-1/in.csv', 'counts/in.csv', 'totals/country.csv') {
	my $text = slurp("$cases/$file");
	my @arguments = (@small, '--events', $events);
	my $whole = gdelt($text, @arguments);
	subtest "laws: $file" => sub {
		cmp_ok($whole->{out} =~ tr/\n//, '>', 1, 'something to compare');
		is(same($whole, gdelt($text =~ s/\n/\r\n/gr, @arguments)), '', 'CR LF');
		is(same($whole, gdelt("\xef\xbb\xbf$text", @arguments)), '', 'a byte order mark');
		is(same($whole, gdelt($text =~ s/\n\z//r, @arguments)), '', 'no line end at the end');
		spew("$dir/in", $text);
		is(same($whole, gdelt(scalar `gzip -c $dir/in`, @arguments)), '', 'gzip');
		is(same($whole, gdelt(scalar `cd $dir && zip -q - in`, @arguments)), '', 'zip');
		my $n = length $text;
		my $step = sanitized() ? 97 : 31;
		my @wrong = grep {
			my $command = "{ head -c $_ in; sleep 0.01; tail -c +" . ($_ + 1) . ' in; } | ' . join ' ', bin() . '/lode-gdelt', @arguments;
			same($whole, run(command => [ '/bin/sh', '-c', $command ], dir => $dir)) ne '';
		} map { $_ * $step } 1 .. ($n - 1) / $step;
		is("@wrong", '', 'cut anywhere');
		my @lines = $text =~ /[^\n]*\n/g;
		my $two = gdelt(join('', @lines), @arguments);
		is(join('', map { /^known\t/ ? '' : $_ =~ s/\tin:\d+\t/\t/r } map { $_->{out} =~ /[^\n]*\n/g } map { gdelt($_, @arguments) } @lines),
			join('', map { /^known\t/ ? '' : $_ =~ s/\tin:\d+\t/\t/r } $two->{out} =~ /[^\n]*\n/g), 'each line says what it says alone');
	};
}

# The real files.
my %iso = map { my @f = split /\t/; $f[0] => $f[1] } split /\n/, slurp("$tables/places.tsv");
sub table { return map { my @f = split /\t/; $f[0] => [ @f[1, 3] ] } grep { !/^code\t/ } split /\n/, slurp($_[0]) }
my %theme = table("$tables/gkg.tsv");
my %cameo = table("$tables/cameo.tsv");

sub area {
	my ($country, $unit) = @_;
	return $iso{ length $unit > 2 && substr($unit, 0, 2) eq $country && $iso{$unit} ? $unit : $country };
}

# Lines of "LINE indicator area value", sorted, and how many rows each rule takes, by a reader of its own.
sub read_gkg {
	my ($text) = @_;
	my (@said, %rule);
	my $number = 0;
	my $newest = '';
	for my $line (split /\n/, $text) {
		my @f = split /\t/, $line, -1;
		my $old = @f == 11;
		$number++;
		my (%largest, @found, %seen);
		my ($places, $counts, $themes, $tone, $date) = $old ? @f[4, 2, 3, 7, 0] : @f[10, 6, 8, 15, 1];
		my @spots = map { my @p = split /#/, $_, -1; [ area(@p[2, 3]), $old ? 0 : $p[8] ] } grep { $_ ne '' } split /;/, $places;
		$rule{'no-place'}++, next unless @spots;
		for my $count (grep { $_ ne '' } split /;/, $counts) {
			my @p = split /#/, $count, -1;
			next if $p[5] eq '';
			my $key = join ' ', 'count.' . (lc $p[0] =~ tr/_/-/r), area(@p[5, 6]);
			$largest{$key} = $p[1] if !exists $largest{$key} || $p[1] > $largest{$key};
		}
		push @found, map { "$_ $largest{$_}" } keys %largest;
		for (grep { $_ ne '' } split /;/, $themes) {
			my ($name, $at) = split /,/;
			my $class = $theme{$name} or next;
			my @order = sort { abs($spots[$a][1] - $at) <=> abs($spots[$b][1] - $at) || $spots[$a][1] <=> $spots[$b][1] || $a <=> $b } 0 .. $#spots unless $old;
			for my $spot ($old ? @spots : $spots[ $order[0] ]) {
				next if $seen{"$class->[0] $spot->[0]"}++;
				push @found, "theme.$class->[0] $spot->[0] $class->[1]", "tone.$class->[0] $spot->[0] " . ($tone =~ s/,.*//r);
			}
		}
		$rule{'other-class'}++, next unless @found;
		$rule{rejected}++, next if $date lt $newest;
		$newest = $date;
		$rule{used}++;
		push @said, map { "$number $_" } @found;
	}
	return (join("\n", sort @said), \%rule);
}

for my $file ('gdelt2-gkg21-100rows.csv', 'gdelt2-gkg21-translated-100rows.csv', 'gdelt1-gkg-95rows.csv') {
	SKIP: {
		skip "no ../shared/data/news/$file", 3 unless -e "$news/$file";
		my ($want, $rule) = read_gkg(slurp("$news/$file"));
		my $got = gdelt('', @pipeline, '--name', 'in', '--rejects', 'rejects', '--allow-rejects', "$news/$file");
		my $said = join "\n", sort map { my @f = split /\t/; join ' ', $f[10] =~ s/^in://r, @f[5, 2, 6] } grep { !/^known\t/ } split /\n/, $got->{out};
		is($said, $want, "$file: the lines of another reader");
		my %counted = map { reverse split / / } $got->{err} =~ /(\d+ (?!records)[a-z-]+)/g;
		$rule->{rejected} //= 0;
		is_deeply(\%counted, $rule, "$file: and its counts") or diag($got->{err});
		cmp_ok($said =~ tr/\n//, '>', 10, "$file: which are many");
	}
}
SKIP: {
	skip 'no ../shared/data/news', 4 unless -e "$news/CAMEO.eventcodes.txt";
	my %known = map { (split /\t/)[0] => 1 } split /\n/, slurp("$news/CAMEO.eventcodes.txt");
	is(join(' ', grep { !$known{$_} } sort keys %cameo), '', 'every code of cameo.tsv is one of CAMEO');
	my (%fips, %code);
	for (split /\n/, slurp("$news/gdelt2-20180101000000.export.CSV")) {
		my @f = split /\t/, $_, -1;
		$fips{$_}++ for @f[37, 45, 53];
		$code{$f[26]}++;
	}
	for (split /\n/, slurp("$news/gdelt1-events-57and58cols-100rows.csv")) {
		my @f = split /\t/, $_, -1;
		$fips{$_}++ for @f[37, 44, 51];
		$code{$f[26]}++;
	}
	$fips{ (split /,/)[1] }++ for split /\n/, slurp("$news/gdelt1-normdailybycountry-100rows.csv");
	delete $fips{''};
	is(join(' ', grep { !$known{$_} } sort keys %code), '', 'every code of the real files is one of CAMEO');
	is(join(' ', grep { !$iso{$_} } sort keys %fips), '', 'every country of the real files is in places.tsv');

	# mentions of events: two are on a tape, and their mentions are counted
	my @rows = map { [ split /\t/, $_, -1 ] } split /\n/, slurp("$news/gdelt2-mentions-translated-100rows.csv");
	my ($one, $two) = ($rows[0][0], $rows[-1][0]);
	my $header = (split /\n/, slurp($events))[0];
	spew("$dir/known.tsv", join '', "$header\n", map { join("\t", '2015-02-18T00:00:00Z', '2015-02-18', 'MM', '', '', 'event.threat', 1, 1, 'A', 'gdelt', 'g', '', 138, 1, $_, '') . "\n" } $one, $two);
	my $got = gdelt('', @pipeline, '--events', "$dir/known.tsv", '--confidence', '0.5', "$news/gdelt2-mentions-translated-100rows.csv");
	my $low = grep { $_->[11] < 50 } @rows;
	my $used = grep { $_->[11] >= 50 && ($_->[0] eq $one || $_->[0] eq $two) } @rows;
	is($got->{err}, "lode-gdelt: 100 records: $used used, " . join(', ', map { $_->[1] } sort { $a->[0] <=> $b->[0] } [ (first_of(\@rows, sub { $_[0][11] < 50 })), "$low low-confidence" ],
		[ first_of(\@rows, sub { $_[0][11] >= 50 && $_[0][0] ne $one && $_[0][0] ne $two }), (100 - $low - $used) . ' other-event' ]) . ", 0 rejected\n", 'mentions of two events');
}

sub first_of {
	my ($rows, $holds) = @_;
	for my $i (0 .. $#$rows) { return $i if $holds->($rows->[$i]) }
	return scalar @$rows;
}

# A single line of 50 MB: a message, not 50 MB of memory; with leave to hold it, what is wrong with it.
my $small = join ' ', @small[0 .. 5], '--name in';
my $filter = bin() . '/lode-gdelt';
my $got = run(command => [ '/bin/sh', '-c', "{ head -c 50000000 /dev/zero | tr '\\0' x; echo; } | $filter $small" ], dir => $dir, seconds => 60);
is($got->{err}, "lode-gdelt: in:1: record is longer than 1048576 bytes\n", 'a line of 50 MB is too long');
is($got->{status}, 1, 'and ends the run');
$got = run(command => [ '/bin/sh', '-c', "{ head -c 50000000 /dev/zero | tr '\\0' x; echo; } | $filter $small --max-record 64M" ], dir => $dir, seconds => 60);
like($got->{err}, qr/^lode-gdelt: in:1: 1 fields: events have 61/, 'with room for it, it is no row');
my ($before, $after) = split /(?<=\t)ARMEDCONFLICT,100;/, (split /^/, slurp("$cases/gkg/in.csv"))[0];
spew("$dir/before", $before);
spew("$dir/after", $after);
$got = run(command => [ '/bin/sh', '-c', "{ cat before; seq -f 'ENV_MINING,%.0f;' 0 999999 | tr -d '\\n'; cat after; } | $filter $small --max-record 64M" ], dir => $dir, seconds => 120);
is(join(' ', $got->{status}, scalar($got->{out} =~ tr/\n//)), '0 15', 'an article with a million themes');
done_testing();
