#!/bin/bash
# like.t - pinhole like: messages and photos.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/pictures.sh"
need jq

pinhole init -q --name Ada >/dev/null 2>&1
pinhole album create beach >/dev/null 2>&1
pinhole send beach -m one >/dev/null
pinhole send beach -m two >/dev/null

likes() {
	pinhole messages beach --json | json .likes | paste -sd' '
}

succeeds "--dry-run" pinhole like beach@3 -n
is "$out" "would like beach@3" "says what it would do"
is "$(likes)" "0 0" "and does nothing"
succeeds "like" pinhole like beach@3
is "$out$err" "" "is quiet"
is "$(likes)" "1 0" "counts"
succeeds "again" pinhole like beach@3
is "$err" "beach@3 was liked already" "changes nothing"
succeeds "several" pinhole like beach@3 beach@4 --json
is "$(json '[.status,.likes]|join(" ")' <<<"$out" | paste -sd,)" "unchanged 1,liked 1" "in JSON"
id=$(pinhole messages beach --json --limit 1 | json .id)
is "$(json .message <<<"$out" | tail -1)" "$id" "with whole ids"
events=$(pinhole log beach --json | wc -l)
fails 5 "one that is not there" pinhole like beach@4 beach@99
fails 5 "a photo that is not there" pinhole like abcdef
fails 5 "one of another album" pinhole like --album beach abcdef
pinhole unsend beach@4 >/dev/null
fails 5 "nothing at all" pinhole like ''
is "$(pinhole log beach --json | wc -l)" $((events + 1)) "refusals leave nothing in the log"

make_plain red.jpg
photo=$(pinhole ingest red.jpg --album beach --json | json -s '.[0].photo')
succeeds "a photo" pinhole like "${photo:0:8}"
succeeds "in an album" pinhole like --album beach --json "${photo:0:8}"
is "$(json '[.status,.photo]|join(" ")' <<<"$out")" "unchanged $photo" "is liked once"
pinhole album create other >/dev/null 2>&1
pinhole ingest -q red.jpg --album other >/dev/null
fails 6 "a photo of two albums" pinhole unlike "${photo:0:8}"
like "$err" 'other:' "names both"
succeeds "ALBUM:PHOTO" pinhole like "other:${photo:0:8}" --json
is "$(json .status <<<"$out")" liked "likes it there"
done_testing
