#!/bin/bash
# show.t - pinhole show: the JSON that programs rely on, the lines that people read.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/pictures.sh"
need jq

pinhole init -q --name Ada >/dev/null 2>&1
pinhole album create -q beach >/dev/null
pinhole album create -q other >/dev/null
make_photo one.jpg
make_plain $'two\033[31m.jpg' two
id=$(sha256sum <one.jpg | cut -d' ' -f1)
two=$(sha256sum <two* | cut -d' ' -f1)
succeeds "ingest" pinhole ingest -q one.jpg two* --album beach

succeeds "show --json" pinhole show "${id:0:6}" --json
field() {
	json ".$1" <<<"$out"
}
is "$(json -c 'keys_unsorted[:15]' <<<"$out")" \
	'["photo","album","name","mime","bytes","width","height","orientation","taken","gps","make","model","caption","tags","parts"]' "has the promised fields first"
is "$(field photo)" "$id" "the id"
is "$(field album)" "$(pinhole album show beach --json | json .id)" "the album's id"
is "$(json -c '[.name,.mime,.bytes,.width,.height,.orientation]' <<<"$out")" \
	"[\"one.jpg\",\"image/jpeg\",$(stat -c %s one.jpg),48,32,1]" "the file"
is "$(json -c '.taken|[.local,.offset,.offset_source]' <<<"$out")" \
	'["2024-05-01T12:34:56","+02:00","exif:OffsetTimeOriginal"]' "the time"
is "$(json -c .gps <<<"$out")" '{"lat":48.8584,"lon":2.2945}' "the place"
is "$(json -c '[.make,.model,.caption,.tags]' <<<"$out")" '["Testcam","Testcam One",null,[]]' "the rest"
is "$(json -c '[.variants[].name]' <<<"$out")" '["thumb","preview"]' "two variants"
for n in 0 1; do
	path=$(field "variants[$n].path")
	ok "variant $n is a file" test -s "$path"
	is "$(json -c ".variants[$n]|[.mime,.reason]" <<<"$out")" '["image/jpeg",null]' "and a JPEG"
done
is "$(sha256sum <"$(field 'parts[0].path')" | cut -d' ' -f1)" "$id" "the part's path has its bytes"
is "$(json -c '.parts|map([.role,.part])' <<<"$out")" "[[\"original\",\"$id\"]]" "one part"

succeeds "a photo without metadata" pinhole show "$two" --json
is "$(json -c '[.taken,.gps,.make,.model,.orientation]' <<<"$out")" '[null,null,null,null,null]' \
	"has nulls"
is "$(field name)" $'two\033[31m.jpg' "and its name as it is"
succeeds "show it" pinhole show "$two"
ok "with escapes made visible" bash -c "! grep -q $'\033' '$work/.out'"
like "$out" 'two\\x1b\[31m.jpg' "in the name"

pinhole caption -q "$id" $'By the sea\nat noon' >/dev/null
pinhole like "$id" >/dev/null
pinhole send beach --photo "$id" -m 'who is that?' >/dev/null
succeeds "show" pinhole show "$id"
like "$out" "^beach:${id:0:8}  one.jpg
By the sea
at noon
taken      2024-05-01 12:34:56 \+02:00  exif:DateTimeOriginal
where      48.8584, 2.2945
camera     Testcam One
exposure   1/250 s, f/2.8, ISO 100
picture    48 × 32, image/jpeg, 819 B
likes      1
added      [-0-9]+ [0-9:]+ by Ada
thumb      /[^ ]+-thumb.jpg
preview    /[^ ]+-preview.jpg

Ada  [-0-9]+ [0-9:]+
    who is that\?\$" "tells it all"
unlike "$out" 'SN-123456' "but no serial number"
is "$(pinhole show "$id" --json | json -c '[.likes,.comments,.caption]')" '[1,1,"By the sea\nat noon"]' \
	"also in JSON"

# painted [VAR=VALUE...]: how many lines are painted on a terminal
painted() {
	env TERM=xterm "$@" script -qc "'$PINHOLE' show $id" /dev/null </dev/null | grep -c ▀
}
if command -v script >/dev/null; then
	is "$(painted COLORTERM=truecolor)" 10 "a terminal with all colours gets a picture"
	is "$(painted COLORTERM=)" 0 "another one does not"
	is "$(painted COLORTERM=truecolor NO_COLOR=1)" 0 "nor one without colours"
	is "$(painted COLORTERM=truecolor PINHOLE_CORE_COLOR=never)" 0 "nor one that wants none"
else
	skip 4 "script(1) is not installed"
fi

rm "$(pinhole show "$id" --json | json '.variants[0].path')"
succeeds "a thumbnail that is gone" pinhole show "$id" --json
is "$(json -c '.variants[0]|[.path,.reason]' <<<"$out")" '[null,"no longer in the cache"]' "has a reason"
succeeds "--render" pinhole show "$id" --json --render
ok "makes it again" test -s "$(field 'variants[0].path')"

pinhole ingest -q one.jpg --album other --caption elsewhere
succeeds "a photo in two albums" pinhole show "$id" --json
is "$(json -c '[.album_name,.caption]' <<<"$out" | sort)" '["beach","By the sea\nat noon"]
["other","elsewhere"]' "is shown for each"
succeeds "with its album" pinhole show "other:${id:0:4}" --json
is "$(field album_name)" other "only that one"
succeeds "--album" pinhole show "$id" --album beach --json
is "$(field album_name)" beach "does the same"

fails 5 "an unknown photo" pinhole show 00000000
fails 5 "three digits" pinhole show "${id:0:3}"
fails 2 "no photo" pinhole show
pinhole remove -q "other:$id" >/dev/null
is "$(pinhole show "$id" --json | json .album_name)" beach "where it is shown goes before where it is not"
succeeds "a removed photo" pinhole show "other:$id"
like "$out" '^other:[0-9a-f]+  one.jpg  removed' "says so"
pinhole erase -q --yes "other:$id" >/dev/null
fails 5 "an erased photo" pinhole show "other:$id"
done_testing
