#!/bin/bash
# remove.t - pinhole remove: hidden, not gone.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/pictures.sh"
need jq

pinhole init -q --name Ada >/dev/null 2>&1
pinhole album create -q beach >/dev/null
make_plain one.jpg 1
make_plain two.jpg 2
id=$(sha256sum <one.jpg | cut -d' ' -f1)
two=$(sha256sum <two.jpg | cut -d' ' -f1)
pinhole ingest -q --no-render ./*.jpg --album beach

succeeds "--dry-run" pinhole remove "$id" -n
is "$out" "would remove beach:${id:0:8}" "says what it would do"
is "$(pinhole list beach --json | wc -l)" 2 "and does nothing"
succeeds "remove" pinhole remove "$id"
is "$out" "removed beach:${id:0:8}" "says so"
like "$err" 'restore.* within 30 days' "and the way back"
is "$(pinhole list beach --json | json .name)" two.jpg "the other one is left"
is "$(pinhole album show beach --json | json .photos)" 1 "and counted"
ok "its bytes stay" test -s "$XDG_DATA_HOME/pinhole/objects/${id:0:2}/${id:2}"
fails 5 "a second time" pinhole remove "$id"
fails 5 "an unknown one among others" pinhole remove "$two" 00000000
is "$(pinhole list beach --json | wc -l)" 1 "removes none of them"
succeeds "--json" pinhole remove "$two" --json
is "$(json -c '[.status,.photo]' <<<"$out")" "[\"removed\",\"$two\"]" "answers an object"
fails 2 "no photo" pinhole remove
done_testing
