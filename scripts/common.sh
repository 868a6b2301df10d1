#!/bin/bash
# common.sh - what the scripts here share: how they speak.
#
# It is sourced, changes nothing and needs nothing but bash.  Invariant: what goes well takes one
# line; what fails shows what it printed and is named.

say() {
	printf '== %s\n' "$*"
}

# die SENTENCE: on stderr, under the script's own name
die() {
	printf '%s: %s\n' "$(basename "$0")" "$*" >&2
	exit 1
}

# quietly SENTENCE COMMAND...: what the command prints is shown only when it fails, and then SENTENCE
quietly() {
	local sentence=$1 log rc=0
	shift
	log=$(mktemp)
	"$@" >"$log" 2>&1 </dev/null || rc=$?
	[ "$rc" -eq 0 ] || tail -n 60 "$log" >&2
	rm -f "$log"
	[ "$rc" -eq 0 ] || die "$sentence"
}
