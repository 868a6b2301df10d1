#!/bin/bash
# erase.t - pinhole erase: nothing of it is left in any byte of the store.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/pictures.sh"
need jq

pinhole init -q --name Ada >/dev/null 2>&1
pinhole album create -q beach >/dev/null
pinhole album create -q other >/dev/null
store=$XDG_DATA_HOME/pinhole

# holds WORD: how many files of the store have it in their bytes or their names
holds() {
	{
		grep -rlaF -- "$1" "$store"
		find "$store" -name "*$1*"
	} | wc -l
}

mkdir photos
make_photo photos/zanzibar.jpg axolotl
make_photo photos/zanzibar-edited.jpg axolotl-edited
make_plain photos/wombat.jpg wombat-bytes
id=$(sha256sum <photos/zanzibar.jpg | cut -d' ' -f1)
pinhole ingest -q photos/zanzibar.jpg --album beach
pinhole ingest -q photos --album beach
pinhole caption -q "$id" 'a quokka at noon' >/dev/null
pinhole set -q "$id" --tag orangutan --at 12.3456789,2 >/dev/null
pinhole set -q "$id" --rotate 90 >/dev/null
pinhole send beach --photo "$id" -m 'a comment about narwhals' >/dev/null
seq 1 1500 | jq -c '{text:"chatter \(.)"}' | pinhole send beach --batch >/dev/null
for word in zanzibar axolotl quokka orangutan SN-123456 123456789; do
	ok "$word is in the store" test "$(holds "$word")" -gt 0
done

fails 2 "erase asks" pinhole erase "$id" </dev/null
like "$err" 'hint: .*--yes' "and says how to answer"
succeeds "--dry-run" pinhole erase "$id" -n
is "$out" "would erase photo beach:${id:0:8}" "says what it would do"
ok "and does nothing" test "$(holds zanzibar)" -gt 0
succeeds "erase --json" pinhole erase "$id" --yes --json
is "$(json -c '[.status,.photo,.kept]' <<<"$out")" "[\"erased\",\"$id\",false]" "answers an object"
for word in zanzibar axolotl quokka orangutan SN-123456 123456789; do
	is "$(holds "$word")" 0 "no byte of $word is left"
done
is "$(find "$store" -name "*${id:2}*")" "" "no file that was made of it either"
is "$(pinhole list beach --json | json .name)" wombat.jpg "the others stay"
ok "what was said about it stays" test "$(holds narwhals)" -gt 0
succeeds "the chain" pinhole log beach --verify
like "$(pinhole log beach)" "erased photo ${id:0:8}" "and the log tells it"
fails 5 "a second time" pinhole erase "$id" --yes
succeeds "fsck" pinhole fsck
succeeds "ingest it again" pinhole ingest -q photos/zanzibar.jpg --album beach
is "$(pinhole show "$id" --json | json -c '[.caption,.tags]')" '[null,[]]' "is a new photo"

pinhole ingest -q photos/zanzibar.jpg --album other
succeeds "in one of two albums" pinhole erase "beach:$id" -y
like "$err" 'another album shows the same bytes' "says that the bytes stay"
ok "which is so" test -s "$store/objects/${id:0:2}/${id:2}"
is "$(pinhole show "$id" --json | json -c '[.album_name,.name]')" '["other","zanzibar.jpg"]' \
	"for the other album"

wombat=$(sha256sum <photos/wombat.jpg | cut -d' ' -f1)
said=$(pinhole send beach -m 'an echidna' | cut -d' ' -f1)
pinhole remove -q "$wombat" >/dev/null
succeeds "a removed photo and a message" pinhole erase -y "$wombat" "$said"
is "$out" "erased photo beach:${wombat:0:8}
erased message $said" "go together"
is "$(holds echidna)$(holds wombat)" 00 "from all bytes"
succeeds "with --album" pinhole erase -y --album other "${id:0:8}" --json
is "$(json .kept <<<"$out")" false "the last one takes the bytes"
fails 5 "what is neither" pinhole erase -y --album other 00000000
fails 2 "nothing" pinhole erase -y
done_testing
