#!/bin/bash
# set.t - pinhole set: corrections are events; originals stay untouched.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/pictures.sh"
need jq

pinhole init -q --name Ada >/dev/null 2>&1
pinhole album create -q beach >/dev/null
make_photo one.jpg
make_plain two.jpg
id=$(sha256sum <one.jpg | cut -d' ' -f1)
two=$(sha256sum <two.jpg | cut -d' ' -f1)
pinhole ingest -q ./*.jpg --album beach

# field FILTER: of the photo as it is now
field() {
	pinhole show "$id" --json | json -c "$1"
}
events() {
	pinhole log beach --json | wc -l
}

succeeds "--taken" pinhole set "$id" --taken 2020-02-29T01:02:03
is "$out" "changed beach:${id:0:8}" "says so"
is "$(field '.taken|[.local,.offset,.source,.offset_source]')" \
	'["2020-02-29T01:02:03","+02:00","user","exif:OffsetTimeOriginal"]' "the zone stays"
succeeds "with a zone" pinhole set "$id" --taken 2020-02-29T01:02:03-03:30
is "$(field '.taken|[.offset,.offset_source]')" '["-03:30","user"]' "changes it"
before=$(events)
succeeds "the same again" pinhole set "$id" --taken 2020-02-29T01:02:03-03:30
is "$out" "" "says nothing"
is "$err" "beach:${id:0:8}: nothing to change" "but a note"
is "$(events)" "$before" "and is no event"

succeeds "--at" pinhole set "$id" --at -33.8568,151.2153
is "$(field .gps)" '{"lat":-33.8568,"lon":151.2153}' "moves it"
is "$(field .name)" one.jpg "and keeps its name"
succeeds "--at none" pinhole set "$id" --at none
is "$(field .gps)" null "takes it off the map"

succeeds "tags" pinhole set "$id" --tag sea --tag 'été' --untag none
is "$(field .tags)" '["sea","été"]' "are added"
succeeds "--untag" pinhole set "$id" --untag sea
is "$(field .tags)" '["été"]' "takes one away"

succeeds "--rotate" pinhole set "$id" --rotate 90
is "$(field '[.width,.height,.rotate]')" '[32,48,90]' "turns it"
ok "and renders it" test -s "$(field '.variants[0].path')"
is "$(field '.variants[1]|[.width,.height]')" '[32,48]' "the right way"
succeeds "--rotate left" pinhole set "$id" --rotate left --no-render
is "$(field '[.width,.height,.rotate]')" '[48,32,0]' "turns it back"
succeeds "--rotate 180 --no-render" pinhole set "$id" --rotate 180 --no-render
is "$(field '.variants[0]|[.path,.reason]')" '[null,"not rendered yet"]' "renders nothing"
succeeds "--rotate none" pinhole set "$id" --rotate none
is "$(field .rotate)" 0 "undoes all turns"
is "$(sha256sum <"$(field '.parts[0].path')" | cut -d' ' -f1)" "$id" \
	"the original is as it was"

pinhole config set cache.dir "$work/fast" >/dev/null
succeeds "with another place for pictures" pinhole set "$two" --rotate 90
like "$(pinhole show "$two" --json | json '.variants[0].path')" "^$work/fast/" "they are made there"
rm -r "$work/fast"
pinhole config unset cache.dir >/dev/null

before=$(events)
succeeds "--dry-run" pinhole set "$id" --tag new --rotate 90 -n
is "$out" "would change beach:${id:0:8}" "says what it would do"
is "$(events)" "$before" "and does nothing"
succeeds "several photos, --json" pinhole set "$id" "$two" --tag both --json
is "$(json -c '[.photo,.tags]' <<<"$out")" "[\"$id\",[\"both\",\"été\"]]
[\"$two\",[\"both\"]]" "print what they are now"

fails 2 "nothing to set" pinhole set "$id"
fails 2 "a turn of 45 degrees" pinhole set "$id" --rotate 45
fails 2 "a position beyond the pole" pinhole set "$id" --at 91,0
fails 2 "a month 13" pinhole set "$id" --taken 2020-13-01
fails 5 "an unknown photo" pinhole set 00000000 --tag x
fails 1 "an empty tag" pinhole set "$id" --tag ''
pinhole album create -q other >/dev/null
pinhole ingest -q --no-render one.jpg --album other
fails 6 "a photo in two albums" pinhole set "${id:0:8}" --tag x
like "$err" "hint: say which: beach:${id:0:12}, other:${id:0:12}" "lists both"
succeeds "--album" pinhole set "${id:0:8}" --tag x --album other
is "$(pinhole show "other:$id" --json | json -c .tags)" '["x"]' "says which"
done_testing
