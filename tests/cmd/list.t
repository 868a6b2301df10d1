#!/bin/bash
# list.t - pinhole list: the order, the filters, days for people and lines for programs.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/pictures.sh"
need jq

pinhole init -q --name Ada >/dev/null 2>&1
pinhole album create -q beach >/dev/null
for name in a b c d; do
	make_photo $name.jpg $name
done
make_plain e.jpg e
pinhole ingest -q --no-render ./*.jpg --album beach
for name in a b c d e; do
	declare "$name=$(sha256sum <$name.jpg | cut -d' ' -f1)"
done
pinhole set -q "$a" --taken 2023-01-02T03:04 >/dev/null
pinhole set -q "$b" --taken 2023-01-02T05:06 --tag sea --tag 'old pier' >/dev/null
pinhole set -q "$c" --taken 2023-02-01T00:00 --at 0,179.99 >/dev/null
pinhole set -q "$d" --at none >/dev/null
pinhole caption -q "$d" 'the last one' >/dev/null
pinhole like "$c"

# names ARGS...: the names that list prints, in one line
names() {
	pinhole list beach --json "$@" | json '.name[:1]' | tr -d '\n'
}

succeeds "list" pinhole list beach
is "$out" "Monday 2023-01-02
  03:04  ${a:0:8}        48×32  a.jpg
  05:06  ${b:0:8}        48×32  b.jpg  #old pier  #sea

Wednesday 2023-02-01
  00:00  ${c:0:8}        48×32  c.jpg  ♥ 1

Wednesday 2024-05-01
  12:34  ${d:0:8}        48×32  d.jpg  the last one

$(date -u '+%A %Y-%m-%d')  (when added; no time is known)
         ${e:0:8}        48×32  e.jpg" "groups by day"
is "$(names)" abcde "in the order of time"
is "$(names --reverse)" edcba "or the other way"
is "$(names --limit 2)" ab "or the first"
is "$(names --since 2023-01-02T05:00)" bcde "since a minute"
is "$(names --until 2023-01)" ab "until the end of a month"
is "$(names --since 2023-01-02 --until 2023-01-02)" ab "of a day"
is "$(names --has gps)" abc "with a place"
is "$(names --has gps --has like)" c "with a place, and liked"
is "$(names --has gps,tag)" b "with a place and a tag"
is "$(names --has caption)" d "with a caption"
is "$(names --tag 'old pier')" b "with a tag"
is "$(names --near 48.9,2.3,10)" ab "near Paris"
is "$(names --near 0,-179.99,5)" c "across the date line"
is "$(names --by ada)" abcde "of a person"
is "$(names --has video)" "" "no videos"
pinhole remove -q "$a" >/dev/null
is "$(names)" bcde "without what was removed"
is "$(names --removed)" a "or only that"
is "$(pinhole list beach --limit 1 --json | json -c '[.name,.taken.local,.gps.lat,.tags]')" \
	'["b.jpg","2023-01-02T05:06:00",48.8584,["old pier","sea"]]' "JSON as show prints it"

fails 5 "nobody of that name" pinhole list beach --by Bob
fails 5 "no such album" pinhole list sea
fails 2 "a zone" pinhole list beach --since 2023-01-02T05:06Z
fails 2 "an unknown --has" pinhole list beach --has gsp
fails 2 "a place without a distance" pinhole list beach --near 1,2
pinhole album create -q empty >/dev/null
succeeds "an empty album" pinhole list empty
is "$out" "" "has no photos"
is "$err" "no photos" "and says so"
done_testing
