#!/bin/bash
# edit.t - pinhole edit: changing what was said.
. "$(dirname "$0")/../lib.sh"
need jq

pinhole init -q --name Ada >/dev/null 2>&1
pinhole album create beach >/dev/null 2>&1
pinhole send beach -m 'tpyo' >/dev/null

text() {
	pinhole messages beach --json --limit 1 | json .text
}

succeeds "--dry-run" pinhole edit beach@3 -m 'typo' -n
is "$out" 'would edit beach@3
    typo' "says what it would do"
is "$(text)" tpyo "and does nothing"
succeeds "-m" pinhole edit beach@3 -m 'typo'
is "$out" 'edited beach@3' "names the message"
is "$(text)" typo "it says something else now"
succeeds "standard input" pinhole edit beach@3 --json <<<'from stdin'
is "$(json '[.status,.seq]|join(" ")' <<<"$out")" "edited 5" "JSON"
is "$(text)" 'from stdin' "again"
fails 6 "the same text" pinhole edit beach@3 -m 'from stdin'
like "$err" 'says already' "is said to be so"
fails 1 "an empty text" pinhole edit beach@3 -m ''
fails 2 "two ways at once" pinhole edit beach@3 -m a -F -
fails 5 "what is no message" pinhole edit beach@1 -m a
fails 5 "a number without its album" pinhole edit @3 -m a
like "$err" 'in which album' "says what is missing"
succeeds "with the album" pinhole edit @3 --album beach -m 'by number'
fails 5 "a message that is not there" pinhole edit beach@99 -m a
fails 1 "an empty standard input" pinhole edit beach@3 </dev/null
pinhole unsend beach@3 >/dev/null
fails 6 "what was taken back" pinhole edit beach@3 -m again
like "$err" 'taken back' "cannot be edited"
succeeds "the log tells it" pinhole log beach
like "$out" 'edited message' "as an event"

if command -v script >/dev/null; then
	cat >ed.sh <<'END'
#!/bin/sh
grep -q '^old text$' "$1" && echo 'new text' >"$1"
END
	chmod +x ed.sh
	pinhole send beach -m 'old text' >/dev/null
	seq=$(pinhole messages beach --json --limit 1 | json .seq)
	EDITOR=$work/ed.sh script -qec "'$PINHOLE' edit beach@$seq" /dev/null >/dev/null 2>&1
	is "$(text)" 'new text' "an editor starts with the old text"
else
	skip 1 "script is not installed"
fi
done_testing
