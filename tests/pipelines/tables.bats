#!/usr/bin/env bats
# The tables of a mineral: whole rows, a source in each, every key explained.

setup() {
	cd "$BATS_TEST_DIRNAME/../../pipelines/heavy-rare-earths"
}

@test "every row of every table has all its fields and a source" {
	run awk -F'\t' '
		FNR == 1 { n = NF; if ($NF != "source") print FILENAME ": the last column is not source" }
		NF != n { print FILENAME ":" FNR ": " NF " fields, not " n }
		$NF == "" { print FILENAME ":" FNR ": no source" }
		/^#|\r| \t|\t | $/ { print FILENAME ":" FNR ": stray characters" }' *.tsv
	[ "$output" = "" ]
}

@test "SOURCES.md explains every key, and only keys that are used" {
	awk -F'\t' 'FNR > 1 { n = split($NF, key, " "); for (i = 1; i <= n; i++) print key[i] }' *.tsv | sort -u > "$BATS_TEST_TMPDIR/used"
	sed -n 's/^| \([A-Za-z0-9, ]*\) |.*/\1/p' SOURCES.md | tr -d ' ' | tr ',' '\n' | grep -vx key | sort -u > "$BATS_TEST_TMPDIR/explained"
	diff "$BATS_TEST_TMPDIR/used" "$BATS_TEST_TMPDIR/explained"
}

@test "codes stand once, longest prefixes are possible" {
	for table in 'materials 1' 'cameo 1' 'places 1' 'assays 1' 'parameters 1' 'effects 1' 'lunar_new_year 1'; do
		set -- $table
		[ "$(tail -n +2 $1.tsv | cut -f$2 | sort | uniq -d)" = "" ]
	done
	[ "$(tail -n +2 partners.tsv | cut -f1,2 | sort | uniq -d)" = "" ]
}

@test "the codes that are mistaken for each other" {
	code() { awk -F'\t' -v list=$1 -v code=$2 '$1 == list && $2 == code { print $3 }' partners.tsv; }
	[ "$(code gacc 106)" = MM ] && [ "$(code comtrade 104)" = MM ] && [ "$(code gacc 104)" = BT ]
	[ "$(code gacc 116)" = JP ] && [ "$(code comtrade 116)" = KH ]
	[ "$(code comtrade 842)" = US ] && [ "$(code comtrade 699)" = IN ] && [ "$(code comtrade 251)" = FR ]
	[ "$(code comtrade 490)" = TW ] && [ "$(code comtrade 0)" = W0 ] && [ "$(code comtrade 757)" = CH ]
	place() { awk -F'\t' -v code=$1 '$1 == code { print $2 }' places.tsv; }
	[ "$(place BM)" = MM ] && [ "$(place BM04)" = MM-11 ] && [ "$(place BM11)" = MM-17 ] && [ "$(place CH)" = CN ]
	[ "$(place BD)" = BM ] && [ "$(place SZ)" = CH ] && [ "$(place CH29)" = CN-YN ]
}

@test "classes of CAMEO codes have an effect, or none on purpose" {
	cut -f2 cameo.tsv | tail -n +2 | sort -u | grep -vx political > "$BATS_TEST_TMPDIR/classes"
	cut -f1 effects.tsv | tail -n +2 | sort -u > "$BATS_TEST_TMPDIR/effects"
	[ "$(comm -23 "$BATS_TEST_TMPDIR/classes" "$BATS_TEST_TMPDIR/effects")" = "" ]
}

@test "every GACC code and every M49 number of the public lists is there" {
	lists="$BATS_TEST_DIRNAME/../../../shared/data/customs/codes"
	[ -d "$lists" ] || skip "no folder shared/data/customs/codes"
	tail -n +2 "$lists/gacc_partner_codes.tsv" | cut -f1 | sort > "$BATS_TEST_TMPDIR/want"
	awk -F'\t' '$1 == "gacc" { print $2 }' partners.tsv | sort | diff - "$BATS_TEST_TMPDIR/want"
	tail -n +2 "$lists/baci_country_codes_V202301_semicolon.csv" | cut -d';' -f1 | sort > "$BATS_TEST_TMPDIR/want"
	awk -F'\t' '$1 == "comtrade" { print $2 }' partners.tsv | sort | comm -13 - "$BATS_TEST_TMPDIR/want" > "$BATS_TEST_TMPDIR/missing"
	[ ! -s "$BATS_TEST_TMPDIR/missing" ]
}

@test "a metal or fluoride holds the oxide that atomic masses give, and back again is the metal" {
	run awk -F'\t' '
		function near(basket, want) { if (!(mid[basket] - want < 1e-6 && want - mid[basket] < 1e-6)) print basket ": " mid[basket] ", not " want }
		{ mid[$2] = $4 }
		END {
			dy = 162.5; tb = 158.925354; o = 15.999; f = 18.998403
			near("dysprosium-metal", (2 * dy + 3 * o) / (2 * dy))
			near("terbium-metal", (4 * tb + 7 * o) / (4 * tb))
			near("dysprosium-fluoride", (2 * dy + 3 * o) / (2 * (dy + 3 * f)))
			near("terbium-fluoride", (4 * tb + 7 * o) / (4 * (tb + 3 * f)))
			if (sprintf("%.5f %.5f", mid["dysprosium-metal"] * 0.871321, mid["terbium-metal"] * 0.850216) != "1.00000 1.00000") print "not back again"
		}' materials.tsv
	[ "$output" = "" ]
}
