#!/bin/bash
# log.t - pinhole log: one line per event, the chain.
. "$(dirname "$0")/../lib.sh"

pinhole init --name Ada -q
pinhole album create beach -q >/dev/null
pinhole send beach -m 'first' -q >/dev/null
pinhole send beach -m $'second\nline' -q >/dev/null
pinhole album rename beach 'By the sea' -q

succeeds "log" pinhole log beach
is "$(head -n 1 <<<"$out" | grep -c 'Ada.*By the sea')" 1 "the newest event comes first, with who and what"
like "$out" 'first' "messages are told"
is "$(wc -l <<<"$out")" "$(pinhole album show beach --json | json .head)" "one line for each event"
succeeds "log --reverse" pinhole log beach --reverse
is "$(awk '{print $1}' <<<"$out" | sort -nc && echo sorted)" sorted "oldest first"
succeeds "log --limit" pinhole log beach --limit 2
is "$(wc -l <<<"$out")" 2 "so many lines"
like "$out" 'By the sea' "of the newest"
succeeds "log --limit --reverse" pinhole log beach --limit 2 --reverse
is "$(wc -l <<<"$out")" 2 "the same lines"
like "$(tail -n 1 <<<"$out")" 'By the sea' "turned round"
fails 2 "no lines" pinhole log beach --limit 0
fails 5 "an album that is not there" pinhole log hill

succeeds "log -p" pinhole log beach -p
like "$out" $'\n        second\n        line\n' "shows texts over several lines"
like "$out" 'title By the sea|title "By the sea"' "and what was set"

succeeds "log --json" pinhole log beach --json --reverse
is "$(json -s 'map(.seq) == [range(1; length + 1)]' <<<"$out")" true "numbers without gaps"
is "$(json -s 'map(keys_unsorted) | unique | length' <<<"$out")" 1 "every line has the same fields"
is "$(head -n 1 <<<"$out" | json -c keys_unsorted)" \
	'["seq","id","kind","about","author","time","at","body","state"]' "the promised ones"
is "$(json 'select(.kind == "message.send") | .body.text' <<<"$out")" $'first\nsecond\nline' "bodies"
is "$(json .state <<<"$out" | sort -u)" confirmed "all confirmed"
is "$(json -s 'map(.at) | . == sort' <<<"$out")" true "times never decrease"

succeeds "hostile text" pinhole send beach -m $'bad\033[2Jtext' -q
succeeds "in the log" pinhole log beach -p
unlike "$out" $'\033' "reaches no terminal"

id=$(pinhole log beach --json | json -s 'map(select(.kind == "message.send" and .body.text == "first"))[0].id')
succeeds "unsend" pinhole unsend "$id" -q
succeeds "an erased event" pinhole log beach --json
is "$(json 'select(.id == "'"$id"'") | .body' <<<"$out")" null "has no body"
succeeds "log -p of it" pinhole log beach -p
like "$out" '\(erased\)' "says so"

succeeds "log --verify" pinhole log beach --verify
like "$out" '^[0-9]+ events, the chain holds$' "the chain holds, also over erased events"
succeeds "as JSON" pinhole log beach --verify --json
is "$(json .verified <<<"$out")" true "says so"
db=$XDG_DATA_HOME/pinhole/pinhole.db
sqlite3 "$db" "UPDATE event SET time = time + 1 WHERE kind = 'album.rename'"
fails 7 "an event that was changed" pinhole log beach --verify
like "$err" 'event [0-9]+|number [0-9]+|seq [0-9]+' "is named by its number"
done_testing
