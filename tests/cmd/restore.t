#!/bin/bash
# restore.t - pinhole restore: a photo, or a store out of a backup.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/pictures.sh"
need jq

pinhole init -q --name Ada >/dev/null 2>&1
pinhole album create -q beach >/dev/null
pinhole album create -q other >/dev/null
make_plain one.jpg
id=$(sha256sum <one.jpg | cut -d' ' -f1)
pinhole ingest -q --no-render one.jpg --album beach
pinhole ingest -q --no-render one.jpg --album other
pinhole caption -q "beach:$id" 'kept words' >/dev/null

fails 6 "what was not removed" pinhole restore "$id"
pinhole remove -q "beach:$id" >/dev/null
succeeds "--dry-run" pinhole restore "${id:0:6}" -n
is "$out" "would restore beach:${id:0:8}" "finds the album that removed it"
is "$(pinhole list beach --json | wc -l)" 0 "and does nothing"
succeeds "restore" pinhole restore "${id:0:6}"
is "$out" "restored beach:${id:0:8}" "says so"
is "$(pinhole list beach --json | json .caption)" 'kept words' "with what was said"
fails 6 "a second time" pinhole restore "beach:$id"
pinhole remove -q "beach:$id" "other:$id" >/dev/null
fails 6 "removed from two albums" pinhole restore "$id"
like "$err" "hint: say which: beach:${id:0:8}, other:${id:0:8}" "lists both"
succeeds "--album" pinhole restore "$id" --album other --json
is "$(json -c '[.status,.photo]' <<<"$out")" "[\"restored\",\"$id\"]" "says which"
fails 5 "an unknown photo" pinhole restore 00000000

pinhole restore -q "beach:$id" >/dev/null
pinhole backup -q store.tar
succeeds "a backup" pinhole restore store.tar again
is "$out" "" "prints no result"
like "$err" '^again: .* verified$' "but a note"
is "$(pinhole --store again list beach --json | json .caption)" 'kept words' "is the same store"
succeeds "its chains are true" pinhole --store again log beach --verify
fails 6 "into what is not empty" pinhole restore store.tar again
succeeds "without a store of one's own" env -u XDG_DATA_HOME HOME="$work/nobody" \
	"$PINHOLE" restore store.tar third --json
is "$(json -c '[.dir,.absent]' <<<"$out")" '["third",0]' "in JSON"
head -c 3000 store.tar >cut.tar
fails 7 "a backup that is cut off" pinhole restore cut.tar fourth
ok "leaves nothing" test ! -e fourth
fails 5 "a backup that is not there" pinhole restore none.tar fifth
fails 2 "--album with a backup" pinhole restore store.tar sixth --album beach
fails 2 "--dry-run with a backup" pinhole restore store.tar sixth -n
fails 2 "no word" pinhole restore
fails 10 "a photo without a store" env XDG_DATA_HOME="$work/nobody" "$PINHOLE" restore "$id"
done_testing
