#!/usr/bin/env bats
# lode-kafka-source and lode-kafka-sink on a real broker: bytes, races, kills, errors. Skipped with the reason where there is no Java, Maven or jars.

load lib

setup_file() {
	top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	export top broker="$BATS_TEST_DIRNAME/broker" dir="$BATS_FILE_TMPDIR/broker" LODE_BIN=${LODE_BIN:-$top/build/bin}
	export LODE_TESTS=${LODE_TESTS:-$top/build/tests} PATH="${LODE_BIN}:$PATH" LODE_BROKER_OWNER=$$
	if ! "$broker" start "$dir" >"$BATS_FILE_TMPDIR/start" 2>&1; then
		why=$(tail -n 1 "$BATS_FILE_TMPDIR/start")
		echo "# no real Kafka: $why" >&3
		case $why in broker:*) skip "$why" ;; esac
		return 1
	fi
	A=$("$broker" address "$dir")
	export A
}

teardown_file() {
	"$broker" kill "$dir"
}

setup() {
	cd "$BATS_TEST_TMPDIR"
	t=t$BATS_TEST_NUMBER
	H='known\tperiod\tarea\tpartner\tcommodity\tindicator\tvalue\tunit\tstatus\tsource\tref'
}

teardown() {
	end_jobs
	if [ -n "${full:-}" ]; then # a broker of its own on a small file system
		"$broker" kill "$full"
		umount "$full/1/data"
	fi
}

topic() { "$broker" topic "$dir" "$@"; }

# signal NAME JOB: to the programs below a job, not to what bounds them
signal() {
	local pid
	for pid in $(descendants "$2"); do
		case $(cat "/proc/$pid/comm" 2>/dev/null) in lode-kafka-*) kill "-$1" "$pid" || true ;; esac
	done
}

# A tape of so many lines, several partners, some lines of one time.
tape() {
	printf "$H\n"
	awk -v n="$1" 'BEGIN { OFS = "\t"; split("MM LA MY US VN TH AU", p, " ")
		for (i = 1; i <= n; i++) { s = int(i / 3); print sprintf("2025-%02d-%02dT%02d:%02d:%02dZ", 1 + int(s / 2419200) % 12, 1 + int(s / 86400) % 28, int(s / 3600) % 24, int(s / 60) % 60, s % 60),
			"2024-05", "CN", p[1 + i % 7], "hs:28469019", "import.mass", i ".50", "kg", "A", "gacc", "f:" i } }'
}

# source | FILTER | sink over topics $t-in and $t-out, bounded; more arguments for the source
pass() {
	local filter=$1
	shift
	lode-kafka-source -b "$A" -t "$t-in" -j "$t" --state "$t-state" --until now "$@" | $filter |
		lode-kafka-sink -b "$A" -t "$t-out" -j "$t" --state "$t-state"
}

# The status of `run`, told when it is another.
ended() { [ "$status" = "$1" ] || { echo "status $status, not $1: $output" && return 1; }; }

read_tape() { lode-kafka-source -b "$A" -t "$1" --until now "${@:2}"; }

@test 'a tape comes back byte for byte from one partition' {
	topic "$t-in" && topic "$t-out" && topic "$t-state" 1 cleanup.policy=compact
	tape 20000 >tape
	lode-kafka-sink -b "$A" -t "$t-in" tape
	read_tape "$t-in" | cmp - tape
	set -o pipefail
	pass lode-check
	read_tape "$t-out" | cmp - tape
	pass lode-check # nothing new
	read_tape "$t-out" | cmp - tape
}

@test 'and from several, in the order of known and then of partitions; checkpoints between do not show' {
	topic "$t-in" 4 && topic "$t-out" 3 && topic "$t-state" 2 cleanup.policy=compact
	tape 20000 >tape
	lode-kafka-sink -b "$A" -t "$t-in" tape
	read_tape "$t-in" >back
	LC_ALL=C sort tape | cmp - <(LC_ALL=C sort back)
	tail -n +2 back | cut -f 1 | LC_ALL=C sort -c
	read_tape "$t-in" | cmp - back
	set -o pipefail
	pass cat --barrier-interval 0.001 --barrier-bytes 100K
	[ "$("$LODE_TESTS/topic" "$A" --committed "$t" "$t-in" 4 | cut -f 3 | cut -d : -f 1 | sort -u)" -ge 10 ]
	LC_ALL=C sort tape | cmp - <(read_tape "$t-out" | LC_ALL=C sort)
}

@test 'a backlog comes through a slow filter in small epochs, where one would outlive its transaction' {
	topic "$t-in" && topic "$t-out"
	lode-kafka-sink -b "$A" -t "$t-in" <(tape 200)
	lode-kafka-source -b "$A" -t "$t-in" -j "$t" --until now --barrier-bytes 1K --max-pending 1000 >stream
	[ "$(awk '/^#BARRIER/ { if (n > most) most = n; n = 0 } !/^#/ { n++ } END { print most }' stream)" -le 14 ]
	slowly() {
		lode-kafka-source -b "$A" -t "$t-in" -j "$t" --until now "$@" |
			perl -ne '$| = 1; print; select undef, undef, undef, 0.05 if !/^#/' | lode-kafka-sink -b "$A" -t "$t-out" -j "$t" -X transaction.timeout.ms=10000
	}
	run slowly
	ended 8
	[[ $output == *'no #BARRIER for 5 s: does a filter swallow control lines?' ]]
	set -o pipefail
	slowly --barrier-bytes 1K
	read_tape "$t-out" | cmp - <(tape 200)
}

@test "keys fall on the partitions of Java's clients, and an independent reader sees the lines" {
	topic "$t-in" 5 && topic "$t-java" 5
	tape 200 >tape
	lode-kafka-sink -b "$A" -t "$t-in" tape
	kcat -b "$A" -t "$t-in" -C -e -q -f '%p|%k|%s\n' | sort >ours
	tail -n +2 tape | awk -F '\t' -v OFS='\t' '{ print $2, $3, $4, $5, $6, $10 "|" $0 }' |
		"$broker" tool "$dir" kafka.tools.ConsoleProducer --bootstrap-server BROKER --topic "$t-java" \
			--property parse.key=true --property 'key.separator=|' >/dev/null 2>java.err
	kcat -b "$A" -t "$t-java" -C -e -q -f '%p|%k|%s\n' | sort | cmp - ours
	[ "$(wc -l <ours)" = 200 ]
	[ "$(cut -d '|' -f 1 ours | sort -u | wc -l)" -gt 1 ]
}

@test 'columns, message headers, partitions, timestamps and tombstones survive' {
	topic "$t-in" 3 && topic "$t-out" 3
	{ printf "$H\ttax\torigin\tkafka.partition\tkafka.timestamp\n"
		printf '2025-05-20T07:00:00Z\t2025-04\tCN\tMM\ths:1\timport.mass\t1.50\tkg\tA\tgacc\ts:1\tincl\ta\\tb\t2\t1747724400000\n'
		printf '2025-05-21T07:00:00Z\t2025-04\tCN\tMM\ths:1\timport.mass\t\t1\tO\tgacc\ts:2\tincl\t\t1\t\n'; } >tape
	lode-kafka-sink -b "$A" -t "$t-in" --headers origin,kafka.partition,kafka.timestamp --tombstones tape
	kcat -b "$A" -t "$t-in" -C -e -q -f '%p %T %h %S\n' | sort >seen
	grep -q '^2 1747724400000 columns=known.*tax,origin=a.b 7[0-9]$' seen
	grep -q '^1 [0-9]*  -1$' seen
	read_tape "$t-in" --columns tax --headers kafka.partition,origin,kafka.topic --tombstones >back
	[ "$(sed -n 1p back | cut -f 12-)" = "$(printf 'tax\tkafka.partition\torigin\tkafka.topic')" ]
	[ "$(sed -n 2p back | cut -f 1-7,12-)" = "$(printf '2025-05-20T07:00:00Z\t2025-04\tCN\tMM\ths:1\timport.mass\t1.50\tincl\t2\ta\\tb\t%s-in' "$t")" ] || { cat back; false; }
	sed -n 3p back | grep -q "$(printf 'Z\t2025-04\tCN\tMM\ths:1\timport.mass\t\t1\tO\tgacc\t%s-in/1:0' "$t")"
	run read_tape "$t-in"
	[ "$status" = 1 ]
	[[ $output == *'no value; with --tombstones it would take a figure back' ]]
}

@test 'columns are those of the first records, and stay those of the checkpoint' {
	topic "$t-in" 2 && topic "$t-out" && topic "$t-state" 1 cleanup.policy=compact
	{ printf "$H\ttax\n" && printf '2025-05-20T07:00:00Z\t2025-04\tCN\tMM\ths:1\timport.mass\t1\tkg\tA\tgacc\ts:1\tincl\n'; } >tape
	lode-kafka-sink -b "$A" -t "$t-in" tape
	set -o pipefail
	pass cat
	read_tape "$t-out" | cmp - tape
	tape 5 >more
	lode-kafka-sink -b "$A" -t "$t-in" more
	pass cat
	[ "$(read_tape "$t-out" | awk -F '\t' '{ print NF }' | sort -u)" = 12 ]
	[ "$(read_tape "$t-out" | wc -l)" = 7 ]
}

@test 'bad records end the run, or go to the rejects, or to the dead letters in the same transaction' {
	topic "$t-in" && topic "$t-out" && topic "$t-dead"
	tape 2 | tail -n +2 >lines
	{ head -n 1 lines && echo 'not a line' && tail -n 1 lines; } | kcat -P -b "$A" -t "$t-in"
	run read_tape "$t-in"
	[ "$status" = 1 ]
	[ "${lines[2]}" = "lode-kafka-source: $t-in/0:1: 1 fields, the columns are 11" ]
	run read_tape "$t-in" --rejects bad --allow-rejects
	[ "$status" = 0 ]
	[ "$(tail -n 1 bad | cut -f 1,2,5)" = "$(printf '%s-in/0\t1\tnot a line' "$t")" ] || { cat bad; false; }
	lode-kafka-source -b "$A" -t "$t-in" -j "$t" --until now --dead-letters --allow-rejects | lode-kafka-sink -b "$A" -t "$t-out" -j "$t" --dead-letter "$t-dead"
	read_tape "$t-out" | cmp - <(tape 2)
	run kcat -b "$A" -t "$t-dead" -C -e -q -f '%s %h\n'
	[[ $output == "not a line "*"__connect.errors.topic=$t-in"*'__connect.errors.offset=1'*'exception.message=1 fields, the columns are 11'* ]]
}

@test 'SIGTERM ends with a checkpoint and status 0, and the next start goes on there' {
	topic "$t-in" 2 && topic "$t-out" && topic "$t-state" 1 cleanup.policy=compact
	tape 3000 >tape
	lode-kafka-sink -b "$A" -t "$t-in" tape
	mkfifo pipe
	lode-kafka-source -b "$A" -t "$t-in" -j "$t" --state "$t-state" >pipe 3>&- &
	source=$!
	{ tee stream <pipe | lode-kafka-sink -b "$A" -t "$t-out" -j "$t" --state "$t-state"; } 3>&- &
	sink=$!
	has_come() { [ "$(wc -l <stream)" -gt 3000 ]; }
	await 'the 3000 lines' has_come
	signal TERM $source
	wait $source
	wait $sink
	[ "$(tail -n 1 stream)" = "$(printf '#END\twhy=stop')" ]
	set -o pipefail
	tape 3001 | sed -n '1p;$p' >more
	lode-kafka-sink -b "$A" -t "$t-in" more
	pass 'tee again'
	[ "$(grep -vc '^#' again)" = 2 ]
	LC_ALL=C sort <(tape 3001) | cmp - <(read_tape "$t-out" | LC_ALL=C sort)
}

# held COMMAND...: its output is a pipe that has a reader, who reads nothing
held() {
	rm -f held
	mkfifo held
	exec 9<>held
	status=0
	"$@" >held 2>said 9<&- || status=$?
	exec 9<&-
	output=$(cat said)
}

@test 'what stands still downstream is found out after --stuck: a pipe that nobody reads, a checkpoint that does not arrive' {
	topic "$t-in" && topic "$t-few"
	lode-kafka-sink -b "$A" -t "$t-in" <(tape 60000)
	lode-kafka-sink -b "$A" -t "$t-few" <(tape 5)
	held lode-kafka-source -b "$A" -t "$t-in" -j "$t" --stuck 2s
	ended 6
	[ "$output" = 'lode-kafka-source: standard output is stuck: nothing was taken from it for 2 s' ]
	lode-kafka-source -b "$A" -t "$t-few" -j "$t" --stuck 2s >lines 2>said || status=$?
	output=$(cat said)
	ended 6
	[ "$output" = 'lode-kafka-source: no checkpoint was committed for 2 s' ]
	[ "$(grep -vc '^#' lines)" = 6 ]
	# an end that was asked for has to go through too
	rm held
	mkfifo held
	exec 9<>held
	lode-kafka-source -b "$A" -t "$t-in" -j "$t" --stuck 5s >held 2>said 9<&- 3>&- &
	is_full() { perl -e 'my $n = pack "i", 0; ioctl STDIN, 0x541b, $n; exit !(unpack("i", $n) > 0.9 * fcntl STDIN, 1032, 0)' <&9; } # FIONREAD, F_GETPIPE_SZ
	await 'a full pipe' is_full
	signal TERM $!
	status=0
	wait $! || status=$?
	exec 9<&-
	output=$(cat said)
	ended 6
	[ "$output" = 'lode-kafka-source: standard output is stuck: nothing was taken from it for 5 s' ]
}

@test 'while a broker stands still, SIGTERM ends the source at once and the sink in its time, wherever they are' {
	topic "$t-in" && topic "$t-out"
	tape 100 >tape
	lode-kafka-sink -b "$A" -t "$t-in" tape
	lode-kafka-source -b "$A" -t "$t-in" -j "$t" --until now >stream
	start() { # NAME COMMAND...
		"${@:2}" >"$1.out" 2>"$1.err" 3>&- 9>&- &
		job[$1]=$!
	}
	local -A job
	mkfifo held
	exec 9<>held
	start plain lode-kafka-source -b "$A" -t "$t-in"
	start job lode-kafka-source -b "$A" -t "$t-in" -j "$t"
	start sink lode-kafka-sink -b "$A" -t "$t-out" -j "$t" -X transaction.timeout.ms=30000 held
	grep -v -e '^#BARRIER' -e '^#END' stream >&9
	is_read() { [ "$(grep -vc '^#' "$1.out")" = 101 ]; }
	await 'all lines' is_read plain
	await 'all lines' is_read job
	is_open() { [ "$(kcat -b "$A" -t "$t-out" -C -e -q -X isolation.level=read_uncommitted | wc -l)" = 100 ]; }
	await 'an open transaction' is_open
	"$broker" pause "$dir"
	start new lode-kafka-source -b "$A" -t "$t-in"
	start newjob lode-kafka-source -b "$A" -t "$t-in" -j "$t"
	start newsink lode-kafka-sink -b "$A" -t "$t-out" -j "$t-new" --timeout 3s tape
	grep -e '^#BARRIER' stream >&9
	sleep 2
	for name in plain job new newjob; do signal TERM ${job[$name]}; done
	for name in plain:143 job:0 new:143 newjob:143 newsink:7 sink:7; do
		status=0
		SECONDS=0
		wait ${job[${name%:*}]} || status=$?
		echo "$name: $status after $SECONDS s" >>ends
		[ "$status" = "${name#*:}" ] || { cat ends ${name%:*}.err; "$broker" resume "$dir"; false; }
	done
	exec 9<&-
	"$broker" resume "$dir"
	[ "$(tail -n 1 job.out)" = "$(printf '#END\twhy=stop')" ]
	grep -q 'no broker answers after 3 s' newsink.err
	cat sink.err
	grep -q 'no broker answers after ' sink.err
	"$broker" again "$dir"
}

@test 'race: what an old sink has committed meanwhile makes the new start stale' {
	topic "$t-in" && topic "$t-out"
	lode-kafka-sink -b "$A" -t "$t-in" <(tape 100)
	lode-kafka-source -b "$A" -t "$t-in" -j "$t" --until now >old
	lode-kafka-source -b "$A" -t "$t-in" -j "$t" --until now >new
	sink() { lode-kafka-sink -b "$A" -t "$t-out" -j "$t" "$@"; }
	sink <old
	run sink <new
	[ "$status" = 4 ]
	[[ $output == *"stale start: this stream begins at checkpoint 0:-, but job '$t' is at 1:"* ]]
	read_tape "$t-out" | cmp - <(tape 100)
	# the same number of another run is another checkpoint
	sed "s/ck=0:-/ck=1:0123456789abcdef/; s/off=$t-in\/0:-1/off=$t-in\/0:100/; s/ck=1:\([0-9a-f]*\)\toff/ck=2:\1\toff/" new >other
	run sink <other
	[ "$status" = 4 ]
	[[ $output == *"begins at checkpoint 1:0123456789abcdef, but"* ]]
	read_tape "$t-out" | cmp - <(tape 100)
}

@test 'race: an old sink with its barrier still to come is fenced by the new one' {
	topic "$t-in" && topic "$t-out"
	lode-kafka-sink -b "$A" -t "$t-in" <(tape 100)
	lode-kafka-source -b "$A" -t "$t-in" -j "$t" --until now >old
	lode-kafka-source -b "$A" -t "$t-in" -j "$t" --until now >new
	mkfifo pipe
	lode-kafka-sink -b "$A" -t "$t-out" -j "$t" <pipe 2>old.err 3>&- &
	sink=$!
	exec 9>pipe
	grep -v -e '^#BARRIER' -e '^#END' old >&9
	is_open() { [ "$(kcat -b "$A" -t "$t-out" -C -e -q -X isolation.level=read_uncommitted | wc -l)" = 100 ]; }
	await 'an open transaction with all the data in it' is_open
	lode-kafka-sink -b "$A" -t "$t-out" -j "$t" <new
	grep -e '^#BARRIER' -e '^#END' old >&9 || true
	exec 9>&-
	status=0
	wait $sink || status=$?
	[ "$status" = 7 ]
	grep -q -i -e fenced -e 'newer instance' old.err
	read_tape "$t-out" | cmp - <(tape 100)
}

@test 'a stream that breaks off commits nothing, wherever it does' {
	topic "$t-in" && topic "$t-out"
	lode-kafka-sink -b "$A" -t "$t-in" <(tape 3)
	lode-kafka-source -b "$A" -t "$t-in" -j "$t" --until now >stream
	sink() { lode-kafka-sink -b "$A" -t "$t-out" -j "$t" "$@"; }
	run sink <(grep -v -e '^#BARRIER' -e '^#END' stream)
	ended 3
	[[ $output == *'the stream ends without #END: a program upstream has died' ]]
	run sink <(grep -v '^#BARRIER' stream)
	ended 3
	[[ $output == *'#END without a #BARRIER'* ]]
	run sink <(grep -v '^#START' stream)
	ended 4
	run sink <(sed 's/\(^#BARRIER.*off=.*\/0:\)\(.\).*/\1\2/' stream | sed '/^#BARRIER/q' | head -c -1)
	ended 3
	[[ $output == *'the stream ends without #END: '* ]]
	run sink <(sed 's/\(^#BARRIER.*off=.*\/0:\)\(.\).*/\1\2/' stream)
	ended 4
	[[ $output == *'#BARRIER without end='* ]]
	run sink <(sed 's/^#WM/#state\tname=x\tkey=k\tvalue=v\n#WM/' stream)
	ended 2
	run sink <(sed 's/^#restored/#state\tname=x\tkey=k\tvalue=v/' stream)
	ended 4
	[[ $output == *"state of 'x' that no filter took" ]]
	run sink <(sed 's/^#WM/#NEW/' stream)
	ended 4
	mkfifo held
	exec 9<>held # so that it has no end
	sed '/^#BARRIER/q' stream | head -n -1 >&9
	run sink -X transaction.timeout.ms=2000 -X message.timeout.ms=1000 <held
	exec 9>&-
	ended 8
	[[ $output == *'no #BARRIER for 1 s: does a filter swallow control lines?' ]]
	[ "$(read_tape "$t-out" | wc -l)" = 1 ]
	[ "$("$LODE_TESTS/topic" "$A" --committed "$t" "$t-in" 1)" = "$(printf '0\t-1001\t')" ]
	sink <stream
	read_tape "$t-out" | cmp - <(tape 3)
}

@test 'offsets that somebody else has set are refused' {
	topic "$t-in" && topic "$t-out"
	lode-kafka-sink -b "$A" -t "$t-in" <(tape 5)
	kcat -b "$A" -G "$t" -X auto.offset.reset=earliest -c 2 -q "$t-in" >/dev/null
	run lode-kafka-source -b "$A" -t "$t-in" -j "$t" --until now
	[ "$status" = 5 ]
	[[ $output == *"offsets of group '$t' were not written by lode-kafka-sink: $t-in/0 has metadata ''; --adopt takes them" ]]
	set -o pipefail
	lode-kafka-source -b "$A" -t "$t-in" -j "$t" --until now --adopt | lode-kafka-sink -b "$A" -t "$t-out" -j "$t"
	[ "$(read_tape "$t-out" | tail -n +2 | wc -l)" = 3 ]
}

@test 'shards have their partitions, and their own offsets and state' {
	topic "$t-in" 4 && topic "$t-out" 2 && topic "$t-state" 2 cleanup.policy=compact
	tape 4000 >tape
	lode-kafka-sink -b "$A" -t "$t-in" tape
	for i in 0 1; do
		lode-kafka-source -b "$A" -t "$t-in" -j "$t" --shard $i/2 --state "$t-state" --until now | "$BATS_TEST_DIRNAME/count" |
			lode-kafka-sink -b "$A" -t "$t-out" -j "$t" --shard $i/2 --state "$t-state"
	done
	read_tape "$t-out" | cut -f 1-7,9- | LC_ALL=C sort | cmp - <(cut -f 1-7,9- tape | LC_ALL=C sort)
	run lode-kafka-source -b "$A" -t "$t-in" -j "$t" --shard 0/4 --until now
	ended 5
	[[ $output == *"the offset of $t-in/0 in group '$t' is of shard 0/2, not 0/4; --adopt takes it" ]]
	kcat -b "$A" -t "$t-state" -C -e -q -f '%k %s\n' | sort >state
	[ "$(wc -l <state)" = 7 ]
	[ "$(cut -d / -f 1 state | sort -u | tr '\n' ' ')" = '0 1 ' ]
	awk '{ n += $2 } END { exit n != 4000 }' state
}

# The long form is tests/proof/kills.t.
kills() {
	run "$BATS_TEST_DIRNAME/kills" "$@"
	echo "$output"
	[ "$status" = 0 ]
	echo "# $output" | sed '2,$s/^/# /' >&3
}

@test 'SIGKILL, SIGSTOP and second pipelines at random points: nothing lost, nothing doubled, state exact' {
	case $LODE_BIN in */san/*) seconds=10 ;; *) seconds=20 ;; esac
	kills "$dir" $seconds
}

@test 'and over filters that keep state: the bytes and the state of one go' {
	kills --chain shares "$dir" 12
}

@test 'what is wrong with topics, passwords, brokers and records is said' {
	topic "$t-in" && topic "$t-small" 1 max.message.bytes=2000
	tape 1 >tape
	run lode-kafka-source -b "$A" -t nope
	[ "$status" = 7 ] && [ "$output" = "lode-kafka-source: no topic 'nope'" ]
	run lode-kafka-sink -b "$A" -t nope tape
	[ "$status" = 7 ] && [ "$output" = "lode-kafka-sink: no topic 'nope'" ]
	run lode-kafka-sink -b "$A" -t "$t-in" -j x --dead-letter nope tape
	[ "$status" = 7 ] && [ "$output" = "lode-kafka-sink: no topic 'nope'" ]
	for program in 'lode-kafka-source -t x' 'lode-kafka-sink -t x' 'lode-kafka-sink -t x -j x'; do
		run $program -b 127.0.0.1:1 --timeout 1s
		[ "$status" = 7 ]
		[[ $output == *"no broker answers after 1 s (topic 'x'): 127.0.0.1:1"*'Connection refused'* ]]
	done
	printf '%s\n' security.protocol=SASL_PLAINTEXT sasl.mechanisms=PLAIN sasl.username=lode sasl.password=sesame >wrong
	for program in 'lode-kafka-source -t x' 'lode-kafka-sink -t x'; do
		run $program -b "$("$broker" address "$dir" sasl)" -F wrong
		[ "$status" = 7 ]
		[[ $output == *'authentication failed: '*'Invalid username or password'* ]]
		[[ $output != *sesame* ]]
	done
	sed -i 's/sesame/right/' wrong
	LODE_KAFKA_CONFIG=wrong lode-kafka-sink -b "$("$broker" address "$dir" sasl)" -t "$t-in" tape
	read_tape "$t-in" | cmp - tape
	{ cat tape && tail -n 1 tape | tr -d '\n' && head -c 5000 /dev/zero | tr '\0' x && echo; } >large
	run lode-kafka-sink -b "$A" -t "$t-in" -X message.max.bytes=2000 large
	[ "$status" = 1 ]
	[[ $output == *'large:3: a record of 5'*' bytes is larger than message.max.bytes (2000) allows' ]]
	run lode-kafka-sink -b "$A" -t "$t-small" large
	[ "$status" = 7 ]
	[[ $output == *"a record of 5"*" bytes to topic '$t-small': Broker: Message size too large" ]]
}

@test 'a record that is damaged in the log is found out, wherever it is, and when it is mended nothing is lost' {
	topic "$t-in" && topic "$t-out" && topic "$t-state" 1 cleanup.policy=compact
	tape 50 >tape
	lode-kafka-sink -b "$A" -t "$t-in" tape
	log=$(ls "$dir"/1/data/"$t-in-0"/*.log)
	cp "$log" whole
	# another byte than the one that is there
	damage() {
		local byte
		byte=$(od -An -tu1 -j "$1" -N 1 whole)
		printf "\\x$(printf %x $((byte ^ 0x5a)))" | dd of="$log" bs=1 seek="$1" conv=notrunc status=none
	}
	mend() { dd if=whole of="$log" bs=1 skip="$1" seek="$1" count=1 conv=notrunc status=none; }
	# the batch's checksum, attributes, producer, number of records; lengths, key and value of records
	for at in 17 22 30 40 50 59 61 62 65 70 200 $(($(stat -c %s "$log") / 2)); do
		damage "$at"
		run pass cat
		ended 3 # the sink: nothing is committed
		[[ $output == *"lode-kafka-source: $t-in/0:"*'failed CRC32C check'* ]]
		run read_tape "$t-in"
		ended 7
		mend "$at"
	done
	# its length: the broker sends nothing, and no error either
	damage 8
	run read_tape "$t-in" --timeout 1s --stuck 1s
	ended 7
	[[ $output == *'lode-kafka-source: neither a record nor the end came for 1 s'* ]]
	mend 8
	set -o pipefail
	pass cat
	read_tape "$t-out" | cmp - tape
}

@test 'a broker that is killed and comes back loses nothing' {
	topic "$t-in" 2 && topic "$t-out" && topic "$t-state" 1 cleanup.policy=compact
	tape 1000 >tape
	lode-kafka-sink -b "$A" -t "$t-in" tape
	{
		lode-kafka-source -b "$A" -t "$t-in" -j "$t" --state "$t-state" --barrier-interval 0.1 2>source.err |
			lode-kafka-sink -b "$A" -t "$t-out" -j "$t" --state "$t-state" 2>sink.err
	} 3>&- &
	running=$!
	has_committed() { "$LODE_TESTS/topic" "$A" --committed "$t" "$t-in" 2 | grep -q :; }
	await 'a checkpoint' has_committed
	"$broker" kill "$dir" 1
	"$broker" again "$dir" 1
	tape 1010 | sed '2,1001d' >more
	lode-kafka-sink -b "$A" -t "$t-in" more
	sleep 2
	signal TERM $running
	signal TERM $running
	wait $running || true
	[ -z "$(grep -h 'no end in' source.err sink.err)" ]
	set -o pipefail
	for i in 1 2 3; do
		pass cat && break
	done
	LC_ALL=C sort <(tape 1010) | cmp - <(read_tape "$t-out" | LC_ALL=C sort)
}

@test 'a disk that is full at the broker: an error in time, and with space again everything once' {
	[ "$(id -u)" = 0 ] || skip 'only root mounts a small file system'
	mkdir -p full/1/data
	mount -t tmpfs -o size=10m tmpfs full/1/data 2>mount.err || skip "no small file system: $(cat mount.err)"
	full=$PWD/full
	"$broker" start "$full" >/dev/null
	A=$(cat full/plain) dir=$full
	topic "$t-in" && topic "$t-out" && topic "$t-state" 1 cleanup.policy=compact
	tape 40000 >tape
	lode-kafka-sink -b "$A" -t "$t-in" tape
	again() {
		lode-kafka-source -b "$A" -t "$t-in" -j "$t" --state "$t-state" --until now --barrier-bytes 500K |
			"$BATS_TEST_DIRNAME/count" | lode-kafka-sink -b "$A" -t "$t-out" -j "$t" --state "$t-state" -X transaction.timeout.ms=5000
	}
	run again
	ended 7
	# wherever the end found it: in a commit, between two, or with records on their way
	[[ $output == *'lode-kafka-sink: '*('no broker answers after '|'no #BARRIER for 2 s: '*'Disconnected'|" to topic '"*'Local: Message timed out'|' failed: Connection refused')* ]] || { echo "$output" && false; }
	"$broker" kill "$full"
	mount -o remount,size=64m full/1/data
	"$broker" again "$full"
	run again
	ended 0
	read_tape "$t-out" | cut -f 1-7,9- | cmp - <(cut -f 1-7,9- tape)
	read_tape "$t-out" | awk -F '\t' 'NR > 1 && $8 != ++n[$4] { exit 1 }'
}
