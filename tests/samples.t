#!/usr/bin/perl
# Real files of the sources, where they are at hand: every record is used, left out by a rule that is counted, or rejected, and the
# three add up; what comes out is a valid tape. The counts wanted are those of other tools over the same files.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Temp qw(tempdir);
use Test::More;
use Lode qw(top shared bin run slurp);

my $data = shared() . '/data';
my $tables = top() . '/pipelines/heavy-rare-earths';
my $dir = tempdir(CLEANUP => 1);

# Lines of a file that are not empty; of one with quotes, those outside them.
sub count_lines {
	my ($path, $quotes) = @_;
	my $text = slurp($path);
	$text =~ s/"[^"]*"/q/g if $quotes;
	return scalar grep { /\S/ } split /\n/, $text;
}

# filter, arguments, file below data, and what is wanted: records, lines of tape, rules and rejects as the program sums them up
my @gacc = ('--calendar', "$tables/calendar.tsv", '--partners', "$tables/partners.tsv", '--flow');
my @gdelt = ('--places', "$tables/places.tsv", '--classes', "$tables/cameo.tsv", '--themes', "$tables/gkg.tsv");
my @events = ('--partners', "$tables/partners.tsv", '--places', "$tables/gazetteer.tsv", '--classes');
my @samples = (
	[ 'lode-gacc', [ @gacc, 'import' ], 'customs/gacc/gacc_soy_import_2024_cny_gbk.csv', 36, 72 ],
	[ 'lode-gacc', [ @gacc, 'export' ], 'customs/gacc/gacc_soy_export_2024_cny_gbk.csv', 29, 58 ],
	[ 'lode-gacc', [ @gacc, 'import', '-c', '12019019', '-p', 'BR' ], 'customs/gacc/gacc_soy_import_2024_cny_gbk.csv', 36, 24, '24 not-selected, 0 rejected' ],
	[ 'lode-fx', [], 'fx/eurofxref-hist.csv', 6983, 217555 ],
	[ 'lode-fx', [], 'fx/eurofxref-hist.zip', 6983, 217555 ],
	[ 'lode-fx', [ '-c', 'CNY,USD' ], 'fx/eurofxref-hist.csv', 6983, 12367 ],
	[ 'lode-fx', [], 'fx/eurofxref.csv', 1, 29 ],
	[ 'lode-fx', [], 'fx/fred-DEXCHUS-1981-2023.csv', 11141, 10659, '482 no-rate, 0 rejected' ],
	[ 'lode-gdelt', \@gdelt, 'news/gdelt2-20180101000000.export.CSV', 2414, 359, '1998 other-class, 57 no-place, 0 rejected' ],
	[ 'lode-gdelt', [ @gdelt, '-a', 'CN' ], 'news/gdelt2-20180101000000.export.CSV', 2414, 7, '2320 other-place, 57 no-place, 30 other-class, 0 rejected' ],
	[ 'lode-gdelt', \@gdelt, 'news/gdelt1-events-57and58cols-100rows.csv', 100, 7, '3 no-place, 89 other-class, 1 rejected' ],
	[ 'lode-gdelt', \@gdelt, 'news/gdelt2-not-a-zip-20180326191500.export.CSV.zip', 3, 0, '3 rejected' ],
	[ 'lode-gdelt', [ @gdelt, '--all' ], 'news/gdelt2-20180101000000.export.CSV', 2414, 2357, '57 no-place, 0 rejected' ],
	[ 'lode-gdelt', \@gdelt, 'news/gdelt2-lastupdate-20180328050000.txt', 3, 0, '3 rejected' ],
	[ 'lode-gdelt', \@gdelt, 'news/gdelt2-mentions-100rows.csv', 100, 0, '100 other-event, 0 rejected' ],
	[ 'lode-gdelt', [ @gdelt, '--confidence', '0.5' ], 'news/gdelt2-mentions-translated-100rows.csv', 100, 0, '71 other-event, 29 low-confidence, 0 rejected' ],
	[ 'lode-gdelt', \@gdelt, 'news/gdelt2-gkg21-100rows.csv', 100, 56, '15 no-place, 64 other-class, 0 rejected' ],
	[ 'lode-gdelt', \@gdelt, 'news/gdelt2-gkg21-translated-100rows.csv', 100, 86, '32 no-place, 45 other-class, 0 rejected' ],
	[ 'lode-gdelt', \@gdelt, 'news/gdelt1-gkg-95rows.csv', 95, 17, '60 other-class, 30 rejected' ],
	[ 'lode-gdelt', \@gdelt, 'news/gdelt1-gkgcounts-100rows.csv', 100, 20, '6 no-place, 74 rejected' ],
	[ 'lode-gdelt', \@gdelt, 'news/gdelt1-normdaily-100rows.csv', 100, 100 ],
	[ 'lode-gdelt', \@gdelt, 'news/gdelt1-normdailybycountry-100rows.csv', 100, 99, '1 no-place, 0 rejected' ],
	[ 'lode-acled', [ @events, "$tables/acled.tsv" ], 'news/acled-myanmar-kachin-slice-2016-2020.csv', 382, 336, '46 other-class, 0 rejected' ],
	[ 'lode-acled', [ @events, "$tables/acled.tsv", '-a', 'MM-17,CN' ], 'news/acled-myanmar-kachin-slice-2016-2020.csv', 382, 0, '382 other-place, 0 rejected' ],
	[ 'lode-ucdp', [ @events, "$tables/ucdp.tsv", '-k', '2024-06-30' ], 'news/ucdp-ged-myanmar-kachin-slice.csv', 434, 352, '82 other-class, 0 rejected' ],
	[ 'lode-ucdp', [ @events, "$tables/ucdp.tsv", '--calendar', "$tables/calendar.tsv", '-a', 'MM-11' ], 'news/ucdp-ged-myanmar-kachin-slice.csv', 434, 352, '82 other-class, 0 rejected' ],
	[ 'lode-price', [ '-m', "$tables/komis.map" ], 'prices/komis-nd-ce-mn-bi-daily-2024-2026.json', 2076, 2072, '4 today-again, 0 rejected' ],
	[ 'lode-price', [ '-m', "$tables/komis-series.map", '--product', 'Dy2O3' ], 'prices/komis-dysprosium-oxide-fob-china-2024-10_2025-06-slice.json', 175, 175 ],
	[ 'lode-price', [ '-m', "$tables/komis-series.map", '--product', 'Tb4O7' ], 'prices/komis-terbium-oxide-fob-china-2024-10_2025-06-slice.json', 175, 175 ],
	[ 'lode-price', [ '-m', "$tables/points.map" ], 'prices/compiled-public-price-points.csv', 41, 65, '1 other-product, 10 other-area, 0 rejected' ],
	[ 'lode-price', [ '-m', "$tables/wide.map" ], 'prices/rare-earth-oxides-nd-ce-la-pr-daily-2013-2024.csv', 2876, 34512 ],
);

for my $sample (@samples) {
	my ($filter, $arguments, $file, $records, $lines, $sums) = @$sample;
	my $title = join ' ', $filter, (map { s{^.*/}{}r } @$arguments), $file;
	SKIP: {
		skip "$title: no ../shared/data/$file", 1 unless -e "$data/$file";
		subtest $title => sub {
			my $got = run(command => [ bin() . "/$filter", @$arguments, '--rejects', 'rejects', '--allow-rejects', "$data/$file" ], dir => $dir);
			is($got->{status}, 0, 'status');
			if ($file =~ /\.csv$/i) {
				my $header = $filter eq 'lode-gdelt' ? 0 : 1;
				is(count_lines("$data/$file", $filter =~ /acled|ucdp/) - $header, $records, 'records of the file');
			}
			is(($got->{out} =~ tr/\n//) - 1, $lines, 'lines of tape');
			if (defined $sums) {
				like($got->{err}, qr/^$filter: $records records: \d+ used, \Q$sums\E\n\z/, 'what was not used');
				my @numbers = $got->{err} =~ /\b(\d+) /g;
				my $all = shift @numbers;
				my $sum = 0;
				$sum += $_ for @numbers;
				is($sum, $all, 'the parts make the whole');
				my %ref = map { (split /\t/)[10] => 1 } grep { !/^known\t/ } split /\n/, $got->{out};
				is(scalar keys %ref, $numbers[0], 'records with a line are the used ones');
				my $rejected = $numbers[-1];
				my @rejects = split /\n/, slurp("$dir/rejects");
				is(scalar(grep { (split /\t/)[3] ne 'header' } @rejects[ 1 .. $#rejects ]), $rejected, 'lines of rejects');
			} else {
				is($got->{err}, '', 'all records were used');
			}
			my %key = ('lode-gdelt' => 'url,cameo,event', 'lode-acled' => 'id', 'lode-ucdp' => 'id');
			my @key = $key{$filter} ? ('--key', $key{$filter}) : ();
			my $check = run(command => [ bin() . '/lode-check', @key ], input => $got->{out}, dir => $dir);
			is($check->{status}, 0, 'a valid tape') or diag($check->{err});
		};
	}
}

# Articles: what is used depends on tables that are meant to grow, the rest does not.
my @news = map { ("--$_->[0]", "$tables/$_->[1].tsv") } [ 'places', 'gazetteer' ], [ 'actors', 'actors' ], [ 'phrases', 'phrases' ], [ 'commodities', 'commodities' ];
my $news = "$data/news/google-news-rss-derived-rare-earth-news.json";
for my $language ('', 'en', 'ko') {
	SKIP: {
		skip "lode-news: no $news", 1 unless -e $news;
		subtest "lode-news, language '$language'" => sub {
			my @only = $language eq '' ? () : ('-l', $language);
			my $got = run(command => [ bin() . '/lode-news', @news, @only, '--rejects', 'rejects', $news ], dir => $dir);
			is($got->{status}, 0, 'status') or diag($got->{err});
			like($got->{err}, qr/^lode-news: 155 records: \d+ used,.* 0 rejected\n\z/, 'the summary');
			my %count = map { reverse split ' ' } $got->{err} =~ /(\d+ [a-z-]+)(?=[,:\n])/g;
			is($count{'other-language'} // 0, $language eq 'en' ? 79 : $language eq 'ko' ? 76 : 0, 'articles in another language');
			my $sum = 0;
			$sum += $_ for map { $count{$_} // 0 } qw(used removed other-language no-event not-selected rejected);
			is($sum, 155, 'the parts make the whole');
			my @lines = split /\n/, $got->{out};
			my %article = map { (split /\t/)[10] =~ s/#char=\d+,\d+\z//r => 1 } @lines[ 1 .. $#lines ];
			is(scalar keys %article, $count{used}, 'articles with a line are the used ones');
			is(scalar(grep { (split /\t/)[14] =~ / - \S+\z/ } @lines), 0, 'no title ends with its publisher');
			my $check = run(command => [ bin() . '/lode-check', '--key', 'actor,title' ], input => $got->{out}, dir => $dir);
			is($check->{status}, 0, 'a valid tape') or diag($check->{err});
		};
	}
}
done_testing();
