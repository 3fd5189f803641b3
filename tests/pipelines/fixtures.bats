#!/usr/bin/env bats
# The fixtures are what fixtures/make writes, in the sources' bytes, and add up to what was published.

setup() {
	fixtures="$BATS_TEST_DIRNAME/../../fixtures"
	export LC_ALL=C
}

# tonnes PARTNER FIRST LAST HS...: sum over the import files, in kg; PARTNER is a GACC code or `.` for all
kilograms() {
	local partner=$1 first=$2 last=$3
	shift 3
	cat "$fixtures"/gacc/import-*.csv | iconv -f GB18030 -t UTF-8 | awk -F'","' -v partner=$partner -v first=$first -v last=$last -v codes="$*" '
		BEGIN { n = split(codes, code, " ") }
		{ gsub(/^"/, "", $1) }
		$1 >= first && $1 <= last && (partner == "." || $2 == partner) {
			for (i = 1; i <= n; i++) if (index($4, code[i]) == 1) { sum += $6; break }
		}
		END { printf "%d\n", sum }'
}

@test "make writes the same fixtures again" {
	cp -r "$fixtures" "$BATS_TEST_TMPDIR/again"
	"$BATS_TEST_TMPDIR/again/make"
	for folder in gacc comtrade prices fx; do
		diff -r "$fixtures/$folder" "$BATS_TEST_TMPDIR/again/$folder"
	done
	cmp "$fixtures"/news/*.CSV "$BATS_TEST_TMPDIR"/again/news/*.CSV
	[ "$(gzip -dc < "$fixtures"/news/*.zip 2>/dev/null | cksum)" = "$(gzip -dc < "$BATS_TEST_TMPDIR"/again/news/*.zip 2>/dev/null | cksum)" ]
}

@test "customs exports: quoted, a comma at the end of every line, LF" {
	run grep -vc '^".*",$' "$fixtures"/gacc/import-2024.csv
	[ "$output" = 0 ]
	run grep -c $'\r' "$fixtures"/gacc/import-2024.csv
	[ "$output" = 0 ]
	[ "$(awk -F'","' 'NF != 10' "$fixtures"/gacc/import-2024.csv | wc -l)" -eq 0 ]
}

@test "Myanmar, oxides and metals, January to May: 12,944 t in 2025, 25,888 t in 2024" {
	[ "$(kilograms 106 202501 202505 2846901 2805)" = 12944000 ]
	[ "$(kilograms 106 202401 202405 2846901 2805)" = 25888000 ]
}

@test "baskets that differ stay apart" {
	[ "$(kilograms 106 202502 202502 284690)" = 311000 ]             # oxides and compounds
	[ "$(kilograms 106 202402 202402 284690)" = 2827000 ]
	[ "$(kilograms . 202505 202505 28469019)" = 9076400 ]            # unlisted oxides, all origins
	[ "$(kilograms . 202401 202405 28469019)" = 23832000 ]           # less than oxides and metals from Myanmar alone
	[ "$(kilograms 106 202401 202409 2846901)" = 31000000 ]          # oxides
}

@test "published months and years of unlisted oxides and carbonate" {
	while read first last code kg; do
		[ "$(kilograms . $first $last $code)" = $kg ] || { echo "$first $last $code: $(kilograms . $first $last $code), not $kg"; false; }
	done <<-END
	202101 202111 28469019 18000000
	202111 202111 28469019 1471000
	202201 202208 28469019 5583940
	202208 202208 28469019 1491110
	202310 202310 28469019 2874000
	202301 202312 28469019 43906000
	202401 202408 28469019 35651500
	202408 202408 28469019 3189000
	202412 202412 28469019 2307000
	202401 202412 28469019 43855000
	202501 202502 28469019 4163000
	202501 202505 28469019 21925600
	201901 201901 28469048 1480000
	202101 202111 28469048 4348000
	202301 202312 28469048 15125000
	202412 202412 28469048 2808500
	202501 202502 28469048 716000
	202301 202312 28469099 43960000
	END
}

@test "news: 61 columns, by load time, and the zip holds one member of the same shape" {
	check() { awk -F'\t' 'NF != 61 || $60 < last { print NR; bad = 1 } { last = $60 } END { exit bad }'; }
	check < "$fixtures"/news/20240630234500.export.CSV
	gzip -dc < "$fixtures"/news/20260106234500.export.CSV.zip 2>/dev/null | check
}
