#!/bin/bash
# messages.t - pinhole messages: pages of talk, for people and programs.
. "$(dirname "$0")/../lib.sh"
need jq

pinhole init -q --name Ada >/dev/null 2>&1
pinhole album create beach >/dev/null 2>&1
succeeds "an album without talk" pinhole messages beach
is "$out" "" "shows nothing"

for i in 1 2 3 4 5; do
	pinhole send beach -m "message $i" >/dev/null
done
pinhole send beach -m $'\e[31mred\e[0m\nsecond line' --reply-to beach@3 >/dev/null
pinhole like beach@4
pinhole edit beach@5 -m 'message three' >/dev/null
pinhole unsend beach@6 >/dev/null

succeeds "--json" pinhole messages beach --json
is "$(wc -l <<<"$out")" 6 "one object each"
is "$(head -1 <<<"$out" | json 'keys_unsorted|join(" ")')" \
	"id seq author author_id time when text photo reply_to edited deleted likes liked" "the fields"
is "$(json .seq <<<"$out" | paste -sd' ')" "3 4 5 6 7 8" "oldest first"
is "$(json '.author' <<<"$out" | sort -u)" Ada "the author's name"
is "$(json 'select(.seq==4)|[.likes,.liked]|join(" ")' <<<"$out")" "1 true" "likes"
is "$(json 'select(.seq==5)|[.text,(.edited|type)]|join(" ")' <<<"$out")" \
	"message three number" "what was edited"
is "$(json 'select(.seq==6)|[(.text|type),.deleted]|join(" ")' <<<"$out")" "null true" \
	"what was taken back"
is "$(json 'select(.seq==8)|.reply_to' <<<"$out")" \
	"$(json 'select(.seq==3)|.id' <<<"$out")" "what it answers"
is "$(json 'select(.seq==8)|.text' <<<"$out")" $'\e[31mred\e[0m\nsecond line' "texts are whole"
is "$(json 'select(.seq==3)|[.photo,.reply_to,.edited]|map(type)|unique[]' <<<"$out")" null \
	"what is not there is null"
ids=$out

succeeds "for people" pinhole messages beach
like "$out" 'Ada  20[0-9-]+ [0-9:]+  beach@4  ♥ 1' "name, time, place, hearts"
like "$out" $'│ Ada: message 1\n    \\\\x1b' "the answered line, controls made visible"
like "$out" '\(taken back\)' "the shell of what was taken back"
like "$out" 'edited' "what was edited"
ok "no raw escape" bash -c "! grep -q $'\e' '$work/.out'"

succeeds "--limit" pinhole messages beach --limit 2
like "$err" 'older ones: --before beach@7' "tells how to go on"
is "$(pinhole messages beach --json --limit 2 --before beach@7 | json .seq | paste -sd' ')" "5 6" \
	"--before ALBUM@SEQ"
id=$(json 'select(.seq==7)|.id' <<<"$ids")
is "$(pinhole messages beach --json --before "$id" | json .seq | paste -sd' ')" "3 4 5 6" \
	"--before an id"
is "$(pinhole messages beach --json --before "${id: -8}" | json .seq | paste -sd' ')" "3 4 5 6" \
	"--before the last digits"
is "$(pinhole messages beach --json --before 018bcfe5-6800-7000-8000-000000000000 | wc -l)" 0 \
	"--before a UUIDv7 of 2023"
is "$(pinhole messages beach --json --before ffffffff-ffff-7fff-bfff-ffffffffffff | wc -l)" 6 \
	"--before a UUIDv7 of a far future"
is "$(pinhole messages beach --json --before d9428888-122b-11e1-b85c-61cd3cbb3210 | wc -l)" 0 \
	"--before a UUIDv1 of 2011"
fails 5 "--before a UUIDv4" pinhole messages beach --before f47ac10b-58cc-4372-a567-0e02b2c3d479
fails 5 "--before nothing" pinhole messages beach --before beach@99
fails 2 "--limit 0" pinhole messages beach --limit 0
fails 5 "an album that is not there" pinhole messages lake
done_testing
