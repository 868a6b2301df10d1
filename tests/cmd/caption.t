#!/bin/bash
# caption.t - pinhole caption: words, stdin, an editor, none.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/pictures.sh"
need jq

pinhole init -q --name Ada >/dev/null 2>&1
pinhole album create -q beach >/dev/null
make_plain one.jpg
id=$(sha256sum <one.jpg | cut -d' ' -f1)
pinhole ingest -q --no-render one.jpg --album beach
caption() {
	pinhole show "$id" --json | json .caption
}

succeeds "caption" pinhole caption "${id:0:4}" 'Été à la plage'
is "$out" "captioned beach:${id:0:8}" "says so"
is "$(caption)" 'Été à la plage' "is kept"
succeeds "from stdin" pinhole caption "$id" - <<<'two
lines'
is "$(caption)" 'two
lines' "with its lines"
succeeds "--dry-run" pinhole caption "$id" other -n
is "$out" "would caption beach:${id:0:8}" "says what it would do"
is "$(caption)" 'two
lines' "and does nothing"
succeeds "--json" pinhole caption "$id" third --json
is "$(json -c '[.status,.photo]' <<<"$out")" "[\"captioned\",\"$id\"]" "answers an object"
succeeds "an empty one" pinhole caption "$id" ''
is "$(caption)" null "is none"
like "$(pinhole log beach)" 'captioned photo' "the log tells it"

fails 1 "not UTF-8" pinhole caption "$id" $'\xff'
head -c 17000 /dev/zero | tr '\0' x >long
fails 1 "too long" pinhole caption "$id" - <long
printf 'a\0b' >nul
fails 1 "a NUL byte" pinhole caption "$id" - <nul
fails 2 "an editor without a terminal" pinhole caption "$id" </dev/null
fails 5 "an unknown photo" pinhole caption 00000000 x
pinhole remove -q "$id" >/dev/null
fails 5 "a removed photo" pinhole caption "$id" x
done_testing
