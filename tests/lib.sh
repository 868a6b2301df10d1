# lib.sh - the Test Anything Protocol for shell tests of commands.
#
# A test sources it, works in a temporary directory of its own with an empty home, and ends with
# done_testing:
#
#	#!/bin/bash
#	. "$(dirname "$0")/../lib.sh"
#
#	succeeds "a store is made" pinhole init --name Ada
#	is "$out" "" "and nothing is printed"
#	fails 5 "an album that is not there" pinhole album show nope
#	like "$err" 'no album' "which is said"
#	is "$(json .name <<<"$out")" beach "a field of JSON"
#	done_testing
#
# It knows nothing of pinhole but where the program is: $PINHOLE, or ./pinhole at the top.
# Invariant: nothing outside $work is written, and no variable of the caller changes the result.

set -u
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
PINHOLE=$(realpath "${PINHOLE:-$top/pinhole}")
work=$(mktemp -d "${TMPDIR:-/tmp}/pinhole-test.XXXXXX")
out='' err='' rc=0
tap_count=0 tap_failed=0

tap_clean() {
	chmod -R u+rwX "$work" 2>/dev/null
	rm -rf "$work"
}
trap tap_clean EXIT

for name in $(compgen -e | grep '^PINHOLE_' | grep -v '^PINHOLE_TEST_'); do
	unset "$name"
done
unset VISUAL EDITOR PAGER NO_COLOR XDG_RUNTIME_DIR
export PINHOLE
export HOME=$work/home XDG_DATA_HOME=$work/home/data XDG_CONFIG_HOME=$work/home/config
export XDG_CACHE_HOME=$work/home/cache
export LC_ALL=C.UTF-8 TZ=UTC TERM=dumb
mkdir -p "$HOME"
cd "$work" || exit 1

pinhole() {
	"$PINHOLE" "$@"
}

# run COMMAND...: leaves its streams in $out and $err (NUL bytes dropped) and its exit code in $rc.
# The raw bytes are in $work/.out and $work/.err.
run() {
	"$@" >"$work/.out" 2>"$work/.err"
	rc=$?
	out=$(tr -d '\0' <"$work/.out")
	err=$(tr -d '\0' <"$work/.err")
	return $rc
}

tap_pass() {
	tap_count=$((tap_count + 1))
	printf 'ok %d - %s\n' "$tap_count" "$1"
}

# tap_fail NAME [DIAGNOSIS...]
tap_fail() {
	local name=$1
	shift
	tap_count=$((tap_count + 1))
	tap_failed=$((tap_failed + 1))
	printf 'not ok %d - %s\n' "$tap_count" "$name"
	printf '#   at %s line %s\n' "$0" "${BASH_LINENO[-2]}"
	for line in "$@"; do
		printf '%s\n' "$line" | sed 's/^/#   /'
	done
}

# succeeds NAME COMMAND...: exit code 0
succeeds() {
	fails 0 "$@"
}

# fails CODE NAME COMMAND...: that exit code
fails() {
	local want=$1 name=$2
	shift 2
	run "$@"
	if [ "$rc" -eq "$want" ]; then
		tap_pass "$name"
	else
		tap_fail "$name" "ran:  $*" "code: $rc, expected $want" "out:  $out" "err:  $err"
	fi
}

# is GOT WANT NAME
is() {
	if [ "$1" = "$2" ]; then
		tap_pass "$3"
	else
		tap_fail "$3" "got:  $1" "want: $2"
	fi
}

# isnt GOT UNWANTED NAME
isnt() {
	if [ "$1" != "$2" ]; then
		tap_pass "$3"
	else
		tap_fail "$3" "got:  $1"
	fi
}

# like GOT REGEX NAME: an extended regular expression, anywhere in the text
like() {
	if [[ $1 =~ $2 ]]; then
		tap_pass "$3"
	else
		tap_fail "$3" "got:  $1" "want: /$2/"
	fi
}

# unlike GOT REGEX NAME
unlike() {
	if [[ $1 =~ $2 ]]; then
		tap_fail "$3" "got:  $1" "not:  /$2/"
	else
		tap_pass "$3"
	fi
}

# ok NAME COMMAND...: any command that answers by its exit code, e.g. ok "it is there" test -e x
ok() {
	local name=$1
	shift
	if "$@"; then
		tap_pass "$name"
	else
		tap_fail "$name" "ran: $*"
	fi
}

# json FILTER: a jq filter over JSON on stdin, raw strings
json() {
	jq -r "$@"
}

# is_full: true in check-full, where tests take more seeds and every kill point.
is_full() {
	[ -n "${PINHOLE_TEST_FULL-}" ]
}

skip_all() {
	printf '1..0 # SKIP %s\n' "$1"
	exit 0
}

# skip COUNT REASON: stands for that many tests
skip() {
	for _ in $(seq "$1"); do
		tap_count=$((tap_count + 1))
		printf 'ok %d # SKIP %s\n' "$tap_count" "$2"
	done
}

# need PROGRAM...: skips the whole test where one is not installed
need() {
	for program in "$@"; do
		command -v "$program" >/dev/null || skip_all "$program is not installed"
	done
}

# find_data: sets $data to the shared test data; false where it is absent
find_data() {
	data=${PINHOLE_TEST_DATA:-$top/../shared/data}
	[ -d "$data" ]
}

done_testing() {
	printf '1..%d\n' "$tap_count"
	[ "$tap_failed" -eq 0 ] || exit 1
	exit 0
}
