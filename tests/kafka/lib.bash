# What both test files of this folder need. Nothing waits for ever: no program lasts longer than $limit seconds, many times what a slow machine needs, and
# what took too long is told. What is in the background has no descriptor 3, for which bats would wait, and ends with its test (end_jobs).

export limit=300

bounded() {
	local status=0
	timeout -k 5 "$limit" "$@" || status=$?
	case $status in 124 | 137) echo "no end in $limit s: $*" >&2 ;; esac
	return $status
}
lode-kafka-source() { bounded lode-kafka-source "$@"; }
lode-kafka-sink() { bounded lode-kafka-sink "$@"; }
kcat() { bounded kcat "$@"; }

# await WHAT COMMAND...: until the command succeeds
await() {
	local what=$1 until=$((SECONDS + limit))
	shift
	until "$@"; do
		[ $SECONDS -lt $until ] || { echo "not in $limit s: $what" >&2 && return 1; }
		sleep 0.1
	done
}

descendants() {
	local pid
	for pid in $(pgrep -P "$1"); do
		echo "$pid"
		descendants "$pid"
	done
}

# But not bats' own watch over the test's time, which is a job too. Who is above goes first, so that nobody sees a child die.
end_jobs() {
	local pid
	for pid in $(jobs -p); do
		[ "$pid" = "${BATS_killer_pid:-}" ] || kill -KILL "$pid" $(descendants "$pid") 2>/dev/null || true
	done
}
