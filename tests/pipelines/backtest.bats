#!/usr/bin/env bats
# The replay over a few months: every vintage from its own prefix, the page and the tapes it writes.

setup_file() {
	export LC_ALL=C
	root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	export pipeline=$root/pipelines/heavy-rare-earths fixtures=$root/fixtures
	export LODE_BIN=${LODE_BIN:-$root/build/bin}
	export PATH=$LODE_BIN:$PATH LODE_PATHS=200
	unset LODE_INPUT LODE_THREADS LODE_SEED
	export done=$BATS_FILE_TMPDIR/done
	"$pipeline/backtest" -a 2024-07 2025-01 "$done" > "$BATS_FILE_TMPDIR/log" 2>&1 || { cat "$BATS_FILE_TMPDIR/log" >&2; return 1; }
}

@test "wrong use is status 2" {
	for use in "" "2024-07 2024-06 x" "2024-7 2024-08 x" "2024-07 2024-13 x"; do
		run "$pipeline/backtest" $use
		[ "$status" -eq 2 ] && [ "${output#usage: backtest}" != "$output" ]
	done
}

@test "one vintage a month, in order, and a tape that passes lode-check" {
	[ "$(sed 1d "$done/forecasts.tsv" | cut -c1-10 | uniq | tr '\n' ' ')" = "2024-07-31 2024-08-31 2024-09-30 2024-10-31 2024-11-30 2024-12-31 2025-01-31 " ]
	lode-check "$done/forecasts.tsv" | cmp - "$done/forecasts.tsv"
	lode-check --key horizon "$done/scores.tsv" > /dev/null
}

@test "a vintage is what daily says at the end of that month" {
	"$pipeline/daily" 2024-10-31 "$BATS_TEST_TMPDIR/out" 2> /dev/null
	LODE_PATHS=4000 "$pipeline/backtest" 2024-10 2024-10 "$BATS_TEST_TMPDIR/one"
	values() { awk -F'\t' '$10 == "lode" && $6 ~ /^deficit\./ && $1 ~ /^2024-10-31/' "$1" | cut -f 1-9; }
	diff <(values "$BATS_TEST_TMPDIR/one/forecasts.tsv") <(values "$BATS_TEST_TMPDIR/out/2024-10-31.tape.tsv")
}

@test "nothing that became known after a vintage changes it" {
	input=$BATS_TEST_TMPDIR/input
	cp -r "$fixtures" "$input"
	rm "$input"/gacc/*-2025.csv
	LODE_INPUT=$input "$pipeline/backtest" 2024-07 2025-01 "$BATS_TEST_TMPDIR/out"
	# 2025-01-31 knows figures of 2024 alone
	cmp "$BATS_TEST_TMPDIR/out/forecasts.tsv" "$done/forecasts.tsv"
}

@test "the page says what was asked and whether it holds, and what an input is worth" {
	[ "$(grep -c '^| P(CN, .*) rises within .* [0-9.]* on 22 October.* | \(yes\|\*\*no\*\*\) |$' "$done/report.md")" = 2 ]
	[ "$(grep -c 'P(X-CN, .*) jumps on 4 April 2025 while P(CN) does not' "$done/report.md")" = 2 ]
	[ "$(cut -f1 "$done/ablation.tsv" | tr '\n' ' ')" = "without nothing event export output price " ]
	[ "$(grep -c '^| \(event\|export\|output\|price\) | .* | \(yes\|no\) |$' "$done/report.md")" = 4 ]
	grep -q '^| event | .* | yes |$' "$done/report.md" # worse without them
	grep -q '^| export | .* | no |$' "$done/report.md" # the same
	[ "$(grep -c '^| [a-z-]* | [01][.][0-9]* ([0-9.]* to [0-9.]*) of [0-9]* | - | - |$' "$done/report.md")" = 4 ] # too few past errors for an interval
	[ "$(ls -A "$done" | tr '\n' ' ')" = "ablation.tsv forecasts.tsv report.md scores.quiet.tsv scores.tsv " ]
}

@test "recalibration is told of where forecasts have 40 before them, and nowhere else" {
	! grep -q '^| feed | 1 | ' "$done/report.md" # seven vintages
	grep -q '^| stand-in | months on | forecasts | raw | lode | isotonic | log odds | better than raw |$' "$done/report.md"
	[ "$(grep -c 'score\.\(isotonic\|platt\)\.brier\.standin\..*\.probability' "$done/scores.tsv")" -gt 0 ]
	! awk -F'\t' '$6 ~ /^score\.(isotonic|platt)\.brier/ && $7 != ""' "$done/scores.tsv" | grep .
}

@test "figures that become known a month later forecast worse" {
	late=$BATS_TEST_TMPDIR/late
	mkdir "$late"
	# Feed is forecast by figures and events, not by paths: one will do. What is compared is of the same months, said at the same time.
	"$pipeline/tape" "$fixtures" "$late" 2> /dev/null
	lode-assay --tables "$pipeline" "$late/merged" > "$late/known"
	awk -F'\t' -v OFS='\t' 'NR > 1 && $6 == "feed.mass" { n = substr($1, 1, 4) * 12 + substr($1, 6, 2); $1 = sprintf("%04d-%02d", int(n / 12), n % 12 + 1) substr($1, 8) } { print }' \
		"$late/known" > "$late/shifted"
	{ head -n 1 "$late/shifted"; sed 1d "$late/shifted" | sort -s -t "$(printf '\t')" -k 1,1; } > "$late/later"
	for year in 2020 2021 2022 2023 2024 2025; do
		for month in 01 02 03 04 05 06 07 08 09 10 11 12; do
			day=$(date -ud "$year-$month-01 +1 month -1 day" +%F)
			for tape in known later; do
				lode-estimate --as-of "$day" --tables "$pipeline" --places MM-11,CN-YN --paths 1 "$late/$tape" 2> /dev/null |
					awk -F'\t' -v OFS='\t' -v source=$tape 'NR == 1 { if (source == "known") print; next }
						$6 ~ /^feed\.(mass\.|observed)/ && (source == "known" || $9 == "F") { $10 = source; print }' > "$late/$tape.$day"
			done
		done
	done
	cat "$late"/known.2* > "$late/a"
	{ head -n 1 "$late/a"; cat "$late"/known.2* "$late"/later.2* | grep -v '^known	period' | sort -s -t "$(printf '\t')" -k 1,1; } > "$late/both"
	lode-score --log --lognormal 'feed.mass.*=feed.observed.*' --against known "$late/both" > "$late/scores" 2> /dev/null
	awk -F'\t' '$6 ~ /^score\.compared\.difference/ && $10 == "later" && ($12 == 0 || $12 == 1) { sum += $7 * $13; n += $13; worse += $7 > 0; all++ }
		END { print sum / n, n, worse, all > "/dev/stderr"; exit !(n > 300 && sum / n > 0.02 && worse == all) }' "$late/scores"
}
