#!/usr/bin/env bats
# The whole chain on the fixtures: what it writes, that it writes it whole or not at all, and what it must not know.

setup_file() {
	export LC_ALL=C
	root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	export pipeline=$root/pipelines/heavy-rare-earths fixtures=$root/fixtures
	export LODE_BIN=${LODE_BIN:-$root/build/bin}
	export PATH=$LODE_BIN:$PATH
	unset LODE_INPUT LODE_THREADS LODE_SEED
	export done=$BATS_FILE_TMPDIR/done
	for date in 2024-10-15 2024-11-15 2025-01-17 2025-06-20; do
		"$pipeline/daily" $date "$done" 2> "$BATS_FILE_TMPDIR/log" || { cat "$BATS_FILE_TMPDIR/log" >&2; return 1; }
	done
}

setup() {
	out=$BATS_TEST_TMPDIR/out
}

# probability DATE COMMODITY, of a deficit within 12 months
probability() {
	awk -F'\t' -v commodity=$2 '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$at["region"] == "CN" && $at["commodity"] == commodity && $at["horizon"] == 12 { print $at["probability"] }' "$done/$1.tsv"
}

less() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a + 0 < b + 0) }'; }

# kilograms TAPE PARTNER FIRST LAST HS...: import.mass from the tape
kilograms() {
	local tape=$1 partner=$2 first=$3 last=$4
	shift 4
	awk -F'\t' -v partner=$partner -v first=$first -v last=$last -v codes="$*" '
		BEGIN { n = split(codes, code, " ") }
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$at["indicator"] == "import.mass" && $at["source"] == "gacc" && $at["unit"] == "kg" && $at["area"] == "CN" &&
		$at["partner"] == partner && $at["period"] >= first && $at["period"] <= last {
			for (i = 1; i <= n; i++) if (index($at["commodity"], "hs:" code[i]) == 1) { sum += $at["value"]; break }
		}
		END { printf "%d\n", sum }' "$tape"
}

# an own copy of the inputs in $input
copy_input() {
	input=$BATS_TEST_TMPDIR/input
	mkdir "$input"
	cp -r "$fixtures"/{gacc,comtrade,prices,fx,news} "$input"
	export LODE_INPUT=$input
}

# the run fails, what was there stays, nothing is left behind
refuses() {
	mkdir -p "$out"
	cp "$done"/2025-06-20.* "$out"
	run "$pipeline/daily" 2025-06-20 "$out"
	echo "status $status: $output"
	[ "$status" -ne 0 ]
	cmp "$out/2025-06-20.tsv" "$done/2025-06-20.tsv"
	cmp "$out/2025-06-20.tape.tsv" "$done/2025-06-20.tape.tsv"
	[ "$(ls -A "$out")" = ".lock
2025-06-20.json
2025-06-20.tape.tsv
2025-06-20.tsv" ]
}

@test "wrong use is status 2 and makes nothing" {
	run "$pipeline/daily" 20-06-2025 "$out"
	[ "$status" -eq 2 ] && [ "${output#usage: daily DATE OUTDIR}" != "$output" ] && [ ! -e "$out" ]
}

@test "a day that there is not is status 2, says so first and makes nothing" {
	for date in 2025-02-30 2025-13-01 2025-00-10 0000-01-01; do
		LODE_INPUT=/nowhere run "$pipeline/daily" $date "$out"
		echo "$status: $output"
		[ "$status" -eq 2 ] && [ "$output" = "daily: there is no day '$date'" ] && [ ! -e "$out" ]
	done
	"$pipeline/daily" 2024-02-29 "$out"
}

@test "files under other names, half loaded or hidden, are passed over" {
	copy_input
	head -c 1000 "$input/gacc/import-2025.csv" > "$input/gacc/import-2026.csv.part"
	head -c 100 "$input/fx/eurofxref-hist.csv" > "$input/fx/.eurofxref-hist.csv.Xy12"
	head -c 100 "$input/fx/eurofxref-hist.csv" > "$input/fx/eurofxref-hist.csv~"
	echo half > "$input/comtrade/.csv"
	echo half > "$input/comtrade/TradeData 2024.csv.crdownload"
	echo half > "$input/news/20260106234500.gkg.csv.zip"
	echo half > "$input/prices/notes.txt"
	"$pipeline/daily" 2024-10-15 "$out" 2> "$BATS_TEST_TMPDIR/log"
	cmp "$out/2024-10-15.tsv" "$done/2024-10-15.tsv"
	cmp "$out/2024-10-15.tape.tsv" "$done/2024-10-15.tape.tsv"
	grep '^tape' "$BATS_TEST_TMPDIR/log"
	[ "$(grep '^tape' "$BATS_TEST_TMPDIR/log")" = "tape: passed over: gacc/import-2026.csv.part
tape: passed over: comtrade/TradeData 2024.csv.crdownload
tape: passed over: news/20260106234500.gkg.csv.zip
tape: passed over: fx/eurofxref-hist.csv~
tape: passed over: prices/notes.txt" ]
}

@test "rates as the ECB packs them, and a name with a blank in it" {
	copy_input
	(cd "$input/fx" && zip -q -X eurofxref-hist.zip eurofxref-hist.csv && rm eurofxref-hist.csv)
	mv "$input/prices/quotes.csv" "$input/prices/my quotes.csv"
	"$pipeline/daily" 2024-10-15 "$out" 2> "$BATS_TEST_TMPDIR/log"
	diff <(cut -f1-26 "$out/2024-10-15.tsv") <(cut -f1-26 "$done/2024-10-15.tsv")
	! grep '^tape' "$BATS_TEST_TMPDIR/log"
	grep -q '	prices/my%20quotes.csv:[0-9]' "$out/2024-10-15.tape.tsv"
}

@test "the signal file: two regions, two commodities, horizons 1 to 12" {
	run awk -F'\t' '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		{ key = $at["region"] " " $at["commodity"] }
		$at["as_of"] != "2025-06-20T23:59:59Z" { print "as of " $at["as_of"] }
		$at["horizon"] != n[key] + 1 { print "horizon " $at["horizon"] }
		$at["probability"] < p[key] { print "the probability falls at " $at["horizon"] }
		$at["refs"] !~ /gacc\/import-2025.csv:[0-9]/ { print "no ref to the newest customs file" }
		{ n[key]++; p[key] = $at["probability"] }
		END { for (c in n) print c, n[c] }' "$done/2025-06-20.tsv"
	echo "$output"
	[ "$(sort <<< "$output")" = "CN Dy2O3 12
CN Tb4O7 12
X-CN Dy2O3 12
X-CN Tb4O7 12" ]
}

@test "the tape passes lode-check and ends at the date" {
	lode-check --key basket,url "$done/2025-06-20.tape.tsv" | cmp - "$done/2025-06-20.tape.tsv"
	run awk -F'\t' 'NR > 1 && $1 > "2025-06-20T23:59:59Z"' "$done/2025-06-20.tape.tsv"
	[ "$output" = "" ]
	grep -q '	import.mass	' "$done/2025-06-20.tape.tsv"
	grep -q '	price\.' "$done/2025-06-20.tape.tsv"
	grep -q '	fx.rate	' "$done/2025-06-20.tape.tsv"
	grep -q '	event.border-closure	' "$done/2025-06-20.tape.tsv"
	grep -q '	comtrade	' "$done/2025-06-20.tape.tsv"
}

@test "Myanmar, oxides and metals, January to May 2025: 12,944 t, half of the year before" {
	[ "$(kilograms "$done/2025-06-20.tape.tsv" MM 2025-01 2025-05 2846901 2805)" = 12944000 ]
	[ "$(kilograms "$done/2025-06-20.tape.tsv" MM 2024-01 2024-05 2846901 2805)" = 25888000 ]
}

@test "baskets that differ stay apart" {
	[ "$(kilograms "$done/2025-06-20.tape.tsv" MM 2025-02 2025-02 284690)" = 311000 ]        # oxides and compounds
	[ "$(kilograms "$done/2025-06-20.tape.tsv" MM 2025-02 2025-02 2846901 2805)" = 260000 ]  # oxides and metals
	[ "$(kilograms "$done/2025-06-20.tape.tsv" MM 2025-02 2025-02 28469019)" = 244000 ]      # unlisted oxides
}

@test "twice gives the same bytes" {
	"$pipeline/daily" 2024-10-15 "$out"
	cp -r "$out" "$BATS_TEST_TMPDIR/first"
	"$pipeline/daily" 2024-10-15 "$out"
	diff -r "$out" "$BATS_TEST_TMPDIR/first"
	cmp "$out/2024-10-15.tsv" "$done/2024-10-15.tsv"
}

@test "two at once give the same bytes" {
	"$pipeline/daily" 2024-10-15 "$out" 3>&- &
	"$pipeline/daily" 2024-10-15 "$out" 3>&-
	wait $!
	cmp "$out/2024-10-15.tsv" "$done/2024-10-15.tsv"
	cmp "$out/2024-10-15.tape.tsv" "$done/2024-10-15.tape.tsv"
	[ "$(ls -A "$out")" = ".lock
2024-10-15.json
2024-10-15.tape.tsv
2024-10-15.tsv" ]
}

@test "what a killed run left behind does no harm" {
	mkdir -p "$out/.work"
	echo half > "$out/.work/tape"
	"$pipeline/daily" 2024-10-15 "$out"
	cmp "$out/2024-10-15.tsv" "$done/2024-10-15.tsv"
	[ ! -e "$out/.work" ]
}

@test "inputs may be packed" {
	copy_input
	gzip -n "$input/gacc/import-2024.csv"
	"$pipeline/daily" 2024-10-15 "$out"
	diff <(cut -f1-26 "$out/2024-10-15.tsv") <(cut -f1-26 "$done/2024-10-15.tsv") # all but the refs
}

@test "a truncated gzip: not zero, the old files stay" {
	copy_input
	gzip -n "$input/gacc/import-2025.csv"
	truncate -s -200 "$input/gacc/import-2025.csv.gz"
	refuses
}

@test "a web page instead of a table: not zero, the old files stay" {
	copy_input
	printf '<!DOCTYPE html>\n<html><head><title>412</title></head><body></body></html>\n' > "$input/gacc/import-2025.csv"
	refuses
}

@test "a row with too few fields: not zero, the old files stay" {
	copy_input
	printf '"202505","106","X"\n' >> "$input/gacc/import-2025.csv"
	refuses
}

@test "a broken price page, rate file or event file: not zero, the old files stay" {
	for broken in prices/komis.json fx/eurofxref-hist.csv news/20260106234500.export.CSV.zip; do
		copy_input
		truncate -s -1000 "$input/$broken"
		[ $broken = fx/eurofxref-hist.csv ] && printf '2018-13-40,1\n' >> "$input/$broken"
		refuses
		rm -rf "$input" "$out"
	done
}

@test "two customs files that differ on one figure: not zero, both named, the old files stay" {
	copy_input
	cp "$input/gacc/import-2025.csv" "$input/gacc/import-2025-again.csv"
	"$pipeline/daily" 2025-06-20 "$out" # told twice is told once
	diff <(cut -f1-6,8-16 "$out/2025-06-20.tsv") <(cut -f1-6,8-16 "$done/2025-06-20.tsv") # all but level and refs
	sed -i '/^"202505","106",/s/","6224000",/","9224000",/' "$input/gacc/import-2025-again.csv"
	refuses
	[[ $output =~ "'6224000' kg of gacc/import-2025.csv:61, but '9224000' kg of gacc/import-2025-again.csv:61 " ]]
}

@test "a folder in the place of a signal file, a link in the place of the lock: nothing of theirs changes" {
	mkdir -p "$out/2024-10-15.tsv"
	echo precious > "$BATS_TEST_TMPDIR/precious"
	ln -s "$BATS_TEST_TMPDIR/precious" "$out/.lock"
	run "$pipeline/daily" 2024-10-15 "$out"
	[ "$status" -ne 0 ]
	[ -z "$(ls -A "$out/2024-10-15.tsv")" ]
	[ "$(cat "$BATS_TEST_TMPDIR/precious")" = precious ]
}

@test "no customs files at all: not zero, the old files stay" {
	copy_input
	rm "$input"/gacc/import-*
	refuses
	[[ $output = *"tape: no gacc/import-*.csv in $input" ]]
}

@test "no rates at all: not zero, the old files stay" {
	copy_input
	rm "$input"/fx/*
	refuses
	[[ $output = *"tape: no fx/*.csv in $input" ]]
}

@test "false figures that became known after the date change no byte" {
	copy_input
	# June 2025 was released on 20 July: a trillion kilograms from June on, and a line more
	iconv -f GB18030 -t UTF-8 "$fixtures/gacc/import-2025.csv" | awk -F'","' 'BEGIN { OFS = "\",\"" }
		NR > 1 && substr($1, 2) >= "202506" { $6 = "999999999999" }
		{ print }
		END { print "\"202506\",\"106\",\"缅甸\",\"28469015\",\"氧化镝\",\"999999999999\",\"千克\",\"0\",\"?\",\"1\"," }' |
		iconv -f UTF-8 -t GB18030 > "$input/gacc/import-2025.csv"
	awk -F, 'BEGIN { OFS = FS } $1 > "2025-06-20" && NR > 1 { $2 = $30 = "99999" } { print }' "$fixtures/fx/eurofxref-hist.csv" > "$input/fx/eurofxref-hist.csv"
	awk -F, 'BEGIN { OFS = FS } $1 > "2025-06-20" && NR > 1 { $4 = $5 = "99999999" } { print }' "$fixtures/prices/quotes.csv" > "$input/prices/quotes.csv"
	gzip -dc < "$fixtures/news/20260106234500.export.CSV.zip" 2> /dev/null |
		awk -F'\t' 'BEGIN { OFS = FS } $60 > "20250620999999" { $27 = $28 = "191"; $29 = "19"; $54 = "BM"; $55 = "BM04" } { print; last = $0 }
			END { print last }' > "$BATS_TEST_TMPDIR/20260106234500.export.CSV"
	rm "$input/news/20260106234500.export.CSV.zip"
	(cd "$BATS_TEST_TMPDIR" && zip -q -X "$input/news/20260106234500.export.CSV.zip" 20260106234500.export.CSV)
	for file in gacc/import-2025.csv fx/eurofxref-hist.csv prices/quotes.csv news/20260106234500.export.CSV.zip; do
		run cmp -s "$input/$file" "$fixtures/$file"
		[ "$status" -eq 1 ]
	done
	mkdir "$out"
	cp "$done/2025-01-17.tsv" "$out" # levels have memory
	"$pipeline/daily" 2025-06-20 "$out"
	cmp "$out/2025-06-20.tsv" "$done/2025-06-20.tsv"
	cmp "$out/2025-06-20.tape.tsv" "$done/2025-06-20.tape.tsv"
	# and the same change is seen as soon as it is known
	"$pipeline/daily" 2025-07-20 "$out"
	LODE_INPUT=$fixtures "$pipeline/daily" 2025-07-20 "$BATS_TEST_TMPDIR/true"
	run cmp -s "$out/2025-07-20.tsv" "$BATS_TEST_TMPDIR/true/2025-07-20.tsv"
	[ "$status" -eq 1 ]
}

@test "a false line at the end of the tape changes no byte of the signals" {
	signals() {
		lode-estimate --as-of 2025-06-20 --tables "$pipeline" --places MM-11,CN-YN "$1" |
			lode-signal --thresholds "$pipeline/thresholds.tsv"
	}
	grep -v '	deficit\.' "$done/2025-06-20.tape.tsv" > "$BATS_TEST_TMPDIR/tape"
	grep '	MM	REO	feed.mass	' "$BATS_TEST_TMPDIR/tape" | tail -n 1 |
		awk -F'\t' 'BEGIN { OFS = FS } { $1 = "2025-06-21T00:00:00Z"; $7 = "999999999999"; print }' > "$BATS_TEST_TMPDIR/false"
	[ "$(wc -l < "$BATS_TEST_TMPDIR/false")" -eq 1 ]
	signals "$BATS_TEST_TMPDIR/tape" > "$BATS_TEST_TMPDIR/signals"
	cat "$BATS_TEST_TMPDIR/tape" "$BATS_TEST_TMPDIR/false" > "$BATS_TEST_TMPDIR/longer"
	signals "$BATS_TEST_TMPDIR/longer" | cmp - "$BATS_TEST_TMPDIR/signals"
}

@test "the signal rises after the seizure and before the December figure was published" {
	for commodity in Dy2O3 Tb4O7; do
		before=$(probability 2024-10-15 $commodity) after=$(probability 2024-11-15 $commodity) later=$(probability 2025-01-17 $commodity)
		echo "$commodity: $before, $after, $later"
		less "$before" "$after"
		less "$before" "$later"
	done
}

@test "it is the news that raise it: without them it rises less" {
	copy_input
	rm -r "$input/news"
	"$pipeline/daily" 2024-11-15 "$out"
	for commodity in Dy2O3 Tb4O7; do
		with=$(probability 2024-11-15 $commodity) without=$(done=$out probability 2024-11-15 $commodity)
		echo "$commodity: $with with, $without without"
		less "$without" "$with"
	done
}

# A feed, newest first, and articles of other kinds
write_articles() {
	cat > "$input/news/kachin.xml" <<-END
		<rss version="2.0"><channel><language>en</language>
		<item><title>Gate may open in July</title><link>http://news.example/4</link><pubDate>Thu, 19 Jun 2025 03:00:00 GMT</pubDate>
		<description>Traders in Tengchong hope that the gate at Kanpaiti will be reopened in July.</description></item>
		<item><title>Third day without lorries</title><link>http://news.example/3</link><pubDate>Fri, 16 May 2025 03:00:00 GMT</pubDate>
		<description>China has closed the border gate at Kanpaiti, drivers in Kachin State said.</description></item>
		<item><title>China shuts gate at Kanpaiti</title><link>http://news.example/2</link><pubDate>Wed, 14 May 2025 03:00:00 GMT</pubDate>
		<description>&lt;p&gt;China closed the border gate at Kanpaiti in Kachin State on Tuesday. China imported 2,156 tonnes of rare earths in March.&lt;/p&gt;</description></item>
		<item><title>Kachin miners told to pay</title><link>http://news.example/1</link><pubDate>Mon, 12 May 2025 03:00:00 GMT</pubDate>
		<description>The KIA threatened to close the rare earth mines at Chipwi.</description></item>
		</channel></rss>
	END
	echo '{"articles":[{"title":"其培矿山停工","publishedAt":"2025-05-15T06:00:00Z","language":"zh","url":"http://news.example/5","content":"其培多数稀土矿山已经停工。"},
{"title":"Minas","publishedAt":"2025-05-15T07:00:00Z","language":"es","url":"http://news.example/6","content":"China closed the border gate at Laiza."}]}' > "$input/news/api.json"
	printf 'Date: 2025-05-17T08:00:00Z\n\nKIA takes camp\n\nThe KIA captured an army camp at Mansi in Kachin State on Friday.\n' | gzip -n > "$input/news/camp.txt.gz"
}

@test "articles are read: acts once, a threat as a threat, no hope and no quantity" {
	copy_input
	write_articles
	"$pipeline/daily" 2025-06-20 "$out" 2> "$BATS_TEST_TMPDIR/log"
	! grep '^tape' "$BATS_TEST_TMPDIR/log"
	run awk -F'\t' '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$at["source"] == "news" { print $at["known"], $at["period"], $at["area"], $at["indicator"], $at["value"] }' "$out/2025-06-20.tape.tsv"
	echo "$output"
	[ "$output" = "2025-05-12T03:00:00Z 2025-05-12 MM-11 event.threat 1
2025-05-14T03:00:00Z 2025-05-13 MM-11 event.border-closure 1
2025-05-15T06:00:00Z 2025-05-15 MM-11 event.mine-stop 1
2025-05-17T08:00:00Z 2025-05-16 MM-11 event.seizure 1" ]
	for commodity in Dy2O3 Tb4O7; do
		with=$(done=$out probability 2025-06-20 $commodity) without=$(probability 2025-06-20 $commodity)
		echo "$commodity: $with with, $without without"
		less "$without" "$with"
	done
	# and nothing of them before they were known
	mkdir "$out/before"
	cp "$done/2024-10-15.tsv" "$out/before"
	"$pipeline/daily" 2024-11-15 "$out/before"
	run awk -F'\t' '$10 == "news"' "$out/before/2024-11-15.tape.tsv"
	[ "$output" = "" ]
	diff <(cut -f1-29,31 "$out/before/2024-11-15.tsv") <(cut -f1-29,31 "$done/2024-11-15.tsv") # all but the digest of a tape with more columns
}

@test "articles without GDELT" {
	copy_input
	rm "$input"/news/*
	write_articles
	"$pipeline/daily" 2025-06-20 "$out"
	[ "$(cut -f10 "$out/2025-06-20.tape.tsv" | grep -c '^news$')" -eq 4 ]
}

@test "a feed that is cut off, a web page, a text that tells no date: not zero, the old files stay" {
	for broken in kachin.xml page.xml notes.txt; do
		copy_input
		write_articles
		case $broken in
		kachin.xml) truncate -s -40 "$input/news/$broken" ;;
		page.xml) echo '<!DOCTYPE html><html><body>blocked</body></html>' > "$input/news/$broken" ;;
		notes.txt) echo 'China closed the border gate at Kanpaiti.' > "$input/news/$broken" ;;
		esac
		refuses
		rm -rf "$input" "$out"
	done
}

@test "any number of threads gives the same bytes" {
	LODE_THREADS=2 "$pipeline/daily" 2024-10-15 "$out"
	cmp "$out/2024-10-15.tsv" "$done/2024-10-15.tsv"
	cmp "$out/2024-10-15.tape.tsv" "$done/2024-10-15.tape.tsv"
}

@test "the demo shows four dates and the table, and ends with the path of the signal file" {
	"$pipeline/demo" "$out" > "$BATS_TEST_TMPDIR/demo"
	cat "$BATS_TEST_TMPDIR/demo"
	[ "$(grep -c '^20[0-9-]* *0\.[0-9]* *0\.[0-9]*' "$BATS_TEST_TMPDIR/demo")" -eq 4 ]
	[ "$(grep -c '^CN  *\(Dy2O3\|Tb4O7\)' "$BATS_TEST_TMPDIR/demo")" -eq 24 ]
	file=$(tail -n 1 "$BATS_TEST_TMPDIR/demo")
	[ -f "$file" ]
	cmp "$file" "$done/2025-06-20.tsv"
}
