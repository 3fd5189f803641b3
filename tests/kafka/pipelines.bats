#!/usr/bin/env bats
# Pipelines through topics of a real Kafka: the same bytes as over files, after a host was lost, in shards, behind a slow reader; the scripts of pipelines/kafka.
# One broker for the file, a time for every command (lib.bash). Without Java or the jars each test is skipped and says why.

load lib

setup_file() {
	export LC_ALL=C
	root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	export root broker=$root/tests/kafka/broker tables=$root/pipelines/heavy-rare-earths live=$root/pipelines/kafka/live
	export LODE_BIN=${LODE_BIN:-$root/build/bin} LODE_TESTS=${LODE_TESTS:-$root/build/tests}
	export PATH=$LODE_BIN:$PATH
	unset LODE_INPUT LODE_SEED LODE_THREADS LODE_SINCE LODE_METRICS LODE_METRICS_PORT LODE_KAFKA_CONFIG
	export kafka=$BATS_FILE_TMPDIR/kafka LODE_BROKER_OWNER=$$ LODE_POLL=0
	local status=0
	"$broker" start "$kafka" > "$BATS_FILE_TMPDIR/log" 2>&1 || status=$?
	case $status in
	0) export at=$(cat "$kafka/plain") LODE_BROKERS=$(cat "$kafka/plain") ;;
	77) export skipped="no Kafka: $(tail -n 1 "$BATS_FILE_TMPDIR/log")" && return ;;
	*) cat "$BATS_FILE_TMPDIR/log" >&2 && return 1 ;;
	esac
	# paths only decide how long it takes; sanitizers take a part of the tape
	export LODE_PATHS=20 tape=$BATS_FILE_TMPDIR/tape
	mkdir "$BATS_FILE_TMPDIR/parts"
	"$tables/tape" "$root/fixtures" "$BATS_FILE_TMPDIR/parts" 2> "$BATS_FILE_TMPDIR/log" || { cat "$BATS_FILE_TMPDIR/log" >&2; return 1; }
	case $LODE_BIN in
	*san*) head -n 1200 "$BATS_FILE_TMPDIR/parts/merged" > "$tape" ;;
	*) cp "$BATS_FILE_TMPDIR/parts/merged" "$tape" ;;
	esac
	estimate < "$tape" > "$BATS_FILE_TMPDIR/want" 2> "$BATS_FILE_TMPDIR/log" || { cat "$BATS_FILE_TMPDIR/log" >&2; return 1; }
	export want=$BATS_FILE_TMPDIR/want
}

teardown_file() {
	[ ! -e "$kafka" ] || "$broker" stop "$kafka"
}

setup() {
	[ -z "${skipped:-}" ] || skip "$skipped"
	out=$BATS_TEST_TMPDIR
	cd "$out"
}

teardown() {
	end_jobs
}

# What is compared: a tape to the signals.
estimate() {
	(
		set -o pipefail
		lode-assay --tables "$tables" | lode-estimate --tables "$tables" --places MM-11,CN-YN --paths "$LODE_PATHS" |
			lode-signal --thresholds "$tables/thresholds.tsv"
	)
}

topic() { "$broker" topic "$kafka" "$@"; }

# topics PREFIX [PARTITIONS]: those of a pipeline
topics() {
	local name
	for name in tape signals; do topic "$1.$name" "${2:-1}"; done
	topic "$1.state" 1 cleanup.policy=compact
	topic "$1.rejects"
}

put() { lode-kafka-sink -b "$at" -t "$1.tape" --key url,cameo "$2"; }

# committed records' values, of all partitions
values() { kcat -b "$at" -C -q -e -o beginning -X isolation.level=read_committed -t "$1" -f '%s\n'; }

# checkpoint PREFIX: number of the one that is committed
checkpoint() { "$LODE_TESTS/topic" "$at" --committed "$1" "$1.tape" 1 | cut -f 3 | sed 's/:.*//; s/^$/0/'; }

has_checkpoint() { # PREFIX NUMBER
	local now
	now=$(checkpoint "$1" 2> /dev/null)
	[ "${now:-0}" -ge "$2" ]
}

# estimate_topics PREFIX [OPTION...]: as `live run`, with options of the source. $transaction: how long an epoch may take twice, in ms
estimate_topics() {
	local name=$1
	shift
	(
		set -o pipefail
		lode-kafka-source -b "$at" --job "$name" -t "$name.tape" --state "$name.state" --dead-letters "$@" | estimate |
			lode-kafka-sink -b "$at" --job "$name" -t "$name.signals" --table --key as_of,region,commodity,horizon --state "$name.state" \
				--dead-letter "$name.rejects" -X "transaction.timeout.ms=${transaction:-60000}"
	)
}

same_as_file() { # PREFIX
	values "$1.signals" > got
	tail -n +2 "$want" | cmp - got
}

@test "the heavy rare earths' tape through topics: byte for byte the signals of the file" {
	topics whole
	put whole "$tape"
	lode-kafka-source -b "$at" -t whole.tape --until now | cmp - "$tape"
	transaction=600000 estimate_topics whole --until now # one epoch
	same_as_file whole
}

# in_moments NAME N TAPE: its lines as N tapes NAME.1 and so on, each of whole moments
in_moments() {
	tail -n +2 "$3" | awk -F'\t' -v name="$1" -v parts="$2" -v header="$(head -n 1 "$3")" -v lines="$(tail -n +2 "$3" | wc -l)" '
		$1 != known && NR > n * lines / parts { n++; print header > (name "." n) }
		{ known = $1; print > (name "." n) }'
}

@test "in many checkpoints, ended and begun again: the same bytes" {
	topics parts
	head -n 900 "$tape" > part.0
	{ head -n 1 "$tape"; tail -n +901 "$tape"; } > rest
	in_moments part 8 rest # each of their runs ends one
	[ "$(cat part.[0-8] | grep -v '^known' | cmp - <(tail -n +2 "$tape") && ls part.* | wc -l)" -eq 9 ]
	put parts part.0
	# told to stop: what is in hand is state
	estimate_topics parts --barrier-bytes 32K --barrier-interval 0.2 2> log 3>&- & running=$!
	await 'four checkpoints' has_checkpoint parts 4
	stop_source $running
	wait $running || { cat log >&2; false; }
	for part in 1 2 3 4 5 6 7 8; do
		put parts part.$part
		estimate_topics parts --until now --barrier-bytes 32K
	done
	[ "$(checkpoint parts)" -gt 8 ] # each run ends with one
	same_as_file parts
}

# the source below a subshell of this test, and nothing else
stop_source() {
	local pid
	for pid in $(descendants "$1"); do
		if [ "$(cat "/proc/$pid/comm")" = lode-kafka-sour ]; then kill -TERM "$pid"; fi
	done
}

@test "a host lost: new processes, an empty disk, the same result" {
	topics lost
	put lost "$tape"
	mkdir one two
	(cd one && HOME=$PWD TMPDIR=$PWD estimate_topics lost --barrier-bytes 32K 2> ../log) 3>&- & running=$!
	await 'four checkpoints' has_checkpoint lost 4
	kill -KILL $(descendants $running) || true
	wait $running || true
	[ "$(checkpoint lost)" -ge 4 ]
	values lost.signals > before
	[ "$(wc -l < before)" -lt "$(wc -l < "$want")" ]
	(cd two && HOME=$PWD TMPDIR=$PWD transaction=600000 estimate_topics lost --until now)
	same_as_file lost
	# nothing was on the disk, nor is
	[ -z "$(find one two -mindepth 1)" ]
}

# shards N INPUT-PREFIX: so many pipelines that drop what is no news, into one topic
shards() {
	local n=$1 i job=$2-$1 running=() status=0
	topic "$job.news" 8
	topic "$job.state" 1 cleanup.policy=compact
	for ((i = 0; i < n; i++)); do
		(
			set -o pipefail
			lode-kafka-source -b "$at" --job "$job" --shard "$i/$n" -t "$2.tape" --until now --state "$job.state" --barrier-bytes 32K |
				lode-dedupe --key url,cameo 2> "log.$i" |
				lode-kafka-sink -b "$at" --job "$job" --shard "$i/$n" -t "$job.news" --key url,cameo --state "$job.state"
		) 3>&- & running+=($!)
	done
	for i in "${running[@]}"; do wait "$i" || status=$?; done
	[ $status -eq 0 ] || cat log.* >&2
	return $status
}

@test "1, 2 and 4 shards over 8 partitions: the same set of results" {
	topics sharded 8
	# every figure three times, the third changed: what passes needs state
	awk -F'\t' -v OFS='\t' 'NR == 1 { print; next } { print; print; if ($7 != "") $7 = $7 "1"; print }' "$tape" > tripled
	put sharded tripled
	lode-dedupe --key url,cameo tripled 2> log | tail -n +2 | sort > expected
	[ "$(wc -l < expected)" -gt 2000 ]
	for n in 1 2 4; do
		shards $n sharded
		values sharded-$n.news | sort | cmp - expected
	done
	# a key's place is that of Java's clients: it was in one partition before and is in the same behind
	kcat -b "$at" -C -q -e -o beginning -t sharded.tape -f '%p %k\n' | sort -u > keys.in
	kcat -b "$at" -C -q -e -o beginning -X isolation.level=read_committed -t sharded-4.news -f '%p %k\n' | sort -u | cmp - keys.in
	[ "$(cut -d ' ' -f 1 keys.in | sort -u | wc -l)" -eq 8 ]
}

@test "behind a slow reader nothing is lost, little is ahead, little is held" {
	topic slow.tape
	topic slow.copy
	for i in 1 2 3 4 5 6; do tail -n +2 "$tape"; done | { head -n 1 "$tape"; cat; } > long
	lode-kafka-sink -b "$at" -t slow.tape --key url,cameo long
	(
		set -o pipefail
		lode-kafka-source -b "$at" --job slow -t slow.tape --until now --barrier-bytes 64K |
			perl -ne '$| = 1; print; select undef, undef, undef, 0.05 if $. % 100 == 0' |
			lode-kafka-sink -b "$at" --job slow -t slow.copy --key url,cameo
	) 3>&- & running=$!
	most=0 peak=0
	while kill -0 $running 2> /dev/null; do
		for pid in $(descendants $running); do
			kb=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$pid/status" 2> /dev/null || true)
			if [ "${kb:-0}" -gt $peak ]; then peak=$kb; fi
		done
		sleep 0.2
	done
	wait $running
	values slow.copy | cmp - <(tail -n +2 long)
	case $LODE_BIN in *san*) ;; *) [ $peak -lt 200000 ] ;; esac
}

# killed NAME TIMES COMMAND...: a pipeline over the tape, fed in parts, which has no end; as often as said some program of it is killed, once it has
# committed two more checkpoints and while another part comes in. Then to its end.
killed() {
	local name=$1 times=$2 i part kills=0 ck=0 running feed to pid victims
	shift 2
	in_moments "$name" $((4 * times)) "$tape"
	for ((part = 1; part <= times; part++)); do put "$name" "$name.$part"; done
	for ((i = 0; i < times; i++)); do
		"$@" 2>> log 3>&- & running=$!
		for ((to = part + 2; part < to; part++)); do
			put "$name" "$name.$part"
			await "checkpoint $((ck + 1)) of $name" has_checkpoint "$name" $((ck + 1)) || { tail -n 20 log >&2; return 1; }
			ck=$(checkpoint "$name")
		done
		put "$name" "$name.$part" 3>&- & feed=$!
		part=$((part + 1))
		sleep 0.$((RANDOM % 10))
		victims=()
		for pid in $(descendants $running); do
			case $(cat "/proc/$pid/comm" 2> /dev/null) in lode-* | awk | mawk | gawk | tee) victims+=($pid) ;; esac
		done
		kill -KILL "${victims[RANDOM % ${#victims[@]}]}" && kills=$((kills + 1))
		wait $feed
		wait $running || true
	done
	"$@" --until now 2>> log || { tail -n 20 log >&2; return 1; }
	[ "$(checkpoint "$name")" -ge $((2 * times)) ] && [ $kills -eq "$times" ]
}

foreign='NR > 1 && ($7 == "" || $7 % 2 == 0) { next } NR > 1 { $7 = "1" $7 } { print }'

# epoch_topics NAME [OPTION...]: with options of the source
epoch_topics() {
	local name=$1
	shift
	(
		set -o pipefail
		lode-kafka-source -b "$at" --job "$name" -t "$name.tape" --barrier-bytes 32K "$@" |
			lode-epoch -- awk -F '\t' -v OFS='\t' "$foreign" |
			lode-kafka-sink -b "$at" --job "$name" -t "$name.signals" --key url,cameo
	)
}

@test "a foreign command once for each epoch, killed again and again with all around it: the same bytes as over the file" {
	topics foreign
	killed foreign 4 epoch_topics foreign
	awk -F '\t' -v OFS='\t' "$foreign" "$tape" | tail -n +2 > expected
	[ "$(wc -l < expected)" -gt 300 ]
	values foreign.signals | cmp - expected
}

# branches NAME [OPTION...]: assayed and deduplicated at once, brought together again; with options of the source
branches() {
	local name=$1
	shift
	rm -f one two
	mkfifo one two
	(
		set -o pipefail
		lode-kafka-source -b "$at" --job "$name" -t "$name.tape" --state "$name.state" --barrier-bytes 32K "$@" |
			tee >(bounded sh -c 'lode-dedupe --state first --by indicator,period,value > one 2> log.1') |
			bounded sh -c 'lode-share --total import.mass > two 2> log.2' # to open a named pipe is to wait for its reader
	) 3>&- & local tee=$! status=0
	(set -o pipefail && lode-merge one two | lode-kafka-sink -b "$at" --job "$name" -t "$name.signals" --table --key ref --state "$name.state") || status=$?
	wait $tee && return $status
}

@test "two branches of one stream, killed again and again with all around them: the same bytes as over the file" {
	topics twofold
	killed twofold 5 branches twofold
	lode-dedupe --by indicator,period,value "$tape" > one.tsv 2> log
	lode-share --total import.mass "$tape" > two.tsv 2> log
	lode-merge one.tsv two.tsv | tail -n +2 > expected
	[ "$(wc -l < expected)" -gt 1000 ] && [ "$(tail -n +2 two.tsv | wc -l)" -gt 20 ]
	values twofold.signals | cmp - expected
}

@test "a topic that is missing is named, by source and sink; nothing is written" {
	run lode-kafka-source -b "$at" -t nowhere --until now
	[ "$status" -eq 7 ]
	[ "$output" = "lode-kafka-source: no topic 'nowhere'" ]
	run lode-kafka-sink -b "$at" -t nowhere "$tape"
	[ "$status" -eq 7 ]
	[ "$output" = "lode-kafka-sink: no topic 'nowhere'" ]
	topic there
	for lacks in --state --dead-letter; do
		run lode-kafka-sink -b "$at" --job missing -t there $lacks nowhere
		[ "$status" -eq 7 ]
		[ "$output" = "lode-kafka-sink: no topic 'nowhere'" ]
	done
	[ -z "$(values there)" ]
}

@test "live feed: files once, then what is new or changed, in the order in which it came" {
	export LODE_PREFIX=fed LODE_ROUNDS=1
	KAFKA_TOPICS="$broker tool $kafka org.apache.kafka.tools.TopicCommand" bounded "$root/pipelines/kafka/topics" "$at" fed 2> log
	[ "$("$LODE_TESTS/topic" "$at" --committed none fed.state 1 | wc -l)" -eq 1 ]
	is_known() { kcat -b "$at" -L -t fed.tape -m 30 | grep -q 'leader [0-9]'; }
	await 'fed.tape' is_known
	mkdir in
	cp -r "$root"/fixtures/{gacc,fx,comtrade,prices,news} in
	mv in/gacc/import-2026.csv later || mv in/gacc/import-2025.csv later
	bounded "$live" feed in 2>> log
	lode-kafka-source -b "$at" -t fed.tape --until now > first
	[ "$(wc -l < first)" -gt 1000 ]
	# again: nothing
	bounded "$live" feed in 2>> log
	lode-kafka-source -b "$at" -t fed.tape --until now | cmp - first
	# a file that comes late: its figures become known when they come, and only they come
	cp later in/gacc/import-2029.csv
	bounded "$live" feed in 2>> log
	bounded "$live" feed in 2>> log
	lode-kafka-source -b "$at" -t fed.tape --until now > second
	head -n "$(wc -l < first)" second | cmp - first
	tail -n +"$(($(wc -l < first) + 1))" second > came
	[ "$(wc -l < came)" -gt 10 ]
	run grep -vc gacc/import-2029.csv came
	[ "$output" = 0 ]
	lode-check --key url,cameo,released second 2>> log | cmp - second
	# broken: nothing comes, the next look has another go
	echo broken > in/gacc/import-2030.csv
	run bounded "$live" feed in
	[ "$status" -ne 0 ]
	lode-kafka-source -b "$at" -t fed.tape --until now | cmp - second
}

@test "live run and files: signals by day, metrics, a word to systemd, an orderly end" {
	export LODE_PREFIX=lived
	topics lived
	put lived "$tape"
	export LODE_METRICS=$out/metrics NOTIFY_SOCKET=$out/notify
	mkdir metrics
	perl -MIO::Socket::UNIX -e '
		my $s = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die "$!\n";
		alarm 300;
		while (1) { $s->recv(my $text, 1000); print "$text\n"; last if $text =~ /READY/ }' notify > told 3>&- & told=$!
	await 'a socket' [ -e notify ]
	timeout -k 5 "$limit" "$live" run 2> log 3>&- & running=$!
	is_through() { [ "$("$LODE_TESTS/topic" "$at" --committed lived lived.tape 1 | cut -f 2)" = $(($(wc -l < "$tape") - 1)) ]; }
	await 'all lines to be committed' is_through || { cat log >&2; false; }
	wait $told
	grep -qx READY=1 told
	kill -TERM $(pgrep -P $running)
	wait $running || { cat log >&2; false; }
	grep -Fq "lode_sink_commit_duration_seconds_count{pipeline=\"lived\",shard=\"0\"} " metrics/lived-sink-0.prom
	grep -Fq 'lode_source_lag_records{pipeline="lived",shard="0",topic="lived.tape",partition="0"} 0' metrics/lived-source-0.prom
	# all but the last moment, which is not over
	values lived.signals > got
	# the signals' prefix is of whole lines: with the column that live has beyond the tape's
	sed $'1s/$/\treleased/; 1!s/$/\t/' "$tape" | estimate > with 2>> log
	head -n "$(($(wc -l < got) + 1))" with | tail -n +2 | cmp - got
	LODE_ROUNDS=1 bounded "$live" files days > made
	head -n 1 "$want" > glued
	for file in days/*.tsv; do
		head -n 1 "$file" | cmp - <(head -n 1 "$want")
		tail -n +2 "$file" >> glued
	done
	cmp glued <(head -n 1 "$want" && cat got)
	[ "$(wc -l < made)" -eq "$(ls days/*.tsv | wc -l)" ]
	LODE_ROUNDS=1 bounded "$live" files days > made
	[ ! -s made ]
}

# A unit is started again but for 2, 5 and 6: a program that got nothing to read says 2 too, which must not be taken for the cause.
@test "live run that cannot begin ends with the status of the program that knows why" {
	LODE_PREFIX=missing run bounded "$live" run
	[ "$status" -eq 7 ]
	[[ $output == *"lode-kafka-source: no topic 'missing.tape'"* ]]
	topics usage
	LODE_PREFIX=usage LODE_SEED=x run bounded "$live" run
	[ "$status" -eq 2 ]
	[[ $output == *"lode-estimate: "*seed* ]]
}

# kept JOB FILTER [OPTION...]: source, filter and sink, from kept.tape, with options of the source
kept() {
	local job=$1 filter=$2
	shift 2
	(
		set -o pipefail
		lode-kafka-source -b "$at" --job "$job" -t kept.tape --state "$job.state" --barrier-bytes 32K --barrier-interval 0.2 "$@" |
			$filter | lode-kafka-sink -b "$at" --job "$job" -t "$job.out" --state "$job.state"
	)
}

committed() { [ "$("$LODE_TESTS/topic" "$at" --committed "$1" kept.tape 1 | cut -f 2)" -ge "$2" ]; } # JOB LINES of kept.tape

@test "windows and intensities in several runs, one of them killed: byte for byte those of the file" {
	local -A filter=(
		[revised]='lode-window --size 3-month --every month -i import.,export. -f sum,count'
		[dropped]='lode-window --size 3-month --every month --clock known --lateness 20d --late drop -i import. -f sum,last'
		[sessions]='lode-window --gap 10d -i price -f mean,last'
		[faded]='lode-intensity -l 60d -k url,cameo --hawkes'
	)
	local job lines to from=2 all i
	topic kept.tape
	for job in "${!filter[@]}"; do
		topic "$job.out"
		topic "$job.state" 1 cleanup.policy=compact
		${filter[$job]} "$tape" 2> log | tail -n +2 > "want.$job"
		[ "$(wc -l < "want.$job")" -gt 100 ]
	done
	all=$(wc -l < "$tape")
	for i in 1 2 3; do
		# anywhere, also among the lines of a moment
		to=$((all * i / 4))
		{ head -n 1 "$tape" && sed -n "$from,${to}p" "$tape"; } > part
		lode-kafka-sink -b "$at" -t kept.tape --key url,cameo part
		for job in "${!filter[@]}"; do
			kept "$job" "${filter[$job]}" 2> "log.$job" 3>&- & running=$!
			lines=$((to - 1))
			# the second time killed on the way
			if [ $i -eq 2 ]; then lines=$((all / 3)); fi
			await "$lines lines of $job" committed "$job" $lines || { cat "log.$job" >&2; false; }
			if [ $i -eq 2 ]; then
				kill -KILL $(descendants $running) || true
				wait $running || true
			else
				stop_source $running
				wait $running || { cat "log.$job" >&2; false; }
			fi
		done
		from=$((to + 1))
	done
	{ head -n 1 "$tape" && tail -n "+$from" "$tape"; } > part
	lode-kafka-sink -b "$at" -t kept.tape --key url,cameo part
	for job in "${!filter[@]}"; do
		kept "$job" "${filter[$job]}" --until now 2> "log.$job" || { cat "log.$job" >&2; false; }
		values "$job.out" | cmp - "want.$job"
	done
	# what has been said for good is no state any more
	for job in dropped sessions; do
		lode-kafka-source -b "$at" --job "$job" -t kept.tape --state "$job.state" --until now | sed -n 's/^#state.*\tkey=\([^\t]*\).*/\1/p' > left
		printf '%s\n' clock columns known options | cmp - left
	done
}
