#!/bin/bash
# fsck.t - pinhole fsck: damage is found, named, and told apart from what a crash leaves over.
. "$(dirname "$0")/../lib.sh"
need sqlite3 vips

store=$XDG_DATA_HOME/pinhole
db=$store/pinhole.db

picture() { # NUMBER: a small picture of its own
	vips black "$work/black.v" 64 48 --bands 3
	vips linear "$work/black.v" "$work/grey.v" 1 "$1" --uchar
	vips jpegsave "$work/grey.v" "$2"
}

object() { # HASH: its file
	printf '%s/objects/%s/%s' "$store" "${1:0:2}" "${1:2}"
}

flip() { # FILE OFFSET: one bit of one byte
	local byte
	byte=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
	chmod u+w "$1"
	printf "%b" "\\x$(printf %x $((byte ^ 4)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

mkdir photos
for i in 1 2 3 4 5 6 7 8; do
	picture $((i * 20)) "photos/p$i.jpg"
done
pinhole init --name Ada -q
pinhole album create beach -q >/dev/null
succeeds "eight photos" pinhole ingest photos --album beach -q
for i in 1 2 3; do
	pinhole send beach -q -m "message $i" >/dev/null
done

succeeds "a sound store" pinhole fsck
like "$out" '^[0-9]+ events in 2 albums, 16 objects named, 0 read$' "is told in one line"
succeeds "with its objects" pinhole fsck --objects --json
is "$(json -c '[.named,.missing,.read,.damaged,.problems,.unclaimed,.temporary]' <<<"$out")" \
	'[16,0,16,0,0,0,0]' "all are read"
succeeds "-q" pinhole fsck -q
is "$out$err" "" "is quiet where all is well"

total=0
for i in 1 2 3 4 5; do
	total=$((total + $(pinhole fsck --objects "$i/5" --json | json .read)))
done
is "$total" 16 "five fifths are the whole"
for bad in 0/5 6/5 1/0 1/257 x 1 -1/5 1/5/6 5; do
	run pinhole fsck --objects -- "$bad"
	is "$rc" 2 "no slice: $bad"
done
fails 2 "a slice without --objects" pinhole fsck 1/5

cp -a "$store" "$work/sound"
again() { # the sound store once more
	chmod -R u+w "$store"
	rm -rf "$store"
	cp -a "$work/sound" "$store"
}

photo=$(sha256sum <photos/p3.jpg | cut -d ' ' -f 1)
flip "$(object "$photo")" 100
succeeds "a flipped bit" pinhole fsck
fails 7 "is found by --objects" pinhole fsck --objects
like "$out" "object ${photo:0:16}… \(p3.jpg of photo ${photo:0:12} in beach\)" "and located by name"
like "$err" '1 problem found' "one problem"
like "$err" 'ingest --checksum' "the way out is told"
fails 7 "as JSON" pinhole fsck --objects --json
is "$(tail -n 1 <<<"$out" | json -c '[.damaged,.problems]')" '[1,1]' "counted"
like "$(head -n 1 <<<"$out" | json .problem)" 'p3.jpg' "and told"
run pinhole ingest photos --album beach --checksum --json
is "$rc" 0 "the way out works"
like "$out" 'p3.jpg","status":"duplicate".*they are back' "and says so"
succeeds "all is sound again" pinhole fsck --objects

rm -f "$(object "$photo")"
fails 7 "a missing photo" pinhole fsck
like "$out" "object ${photo:0:16}… \(p3.jpg of photo ${photo:0:12} in beach\) is missing" "is named"
succeeds "it comes back" pinhole ingest photos --album beach --checksum -q
succeeds "all is sound again" pinhole fsck --objects
facts=$(sqlite3 "$db" "SELECT lower(hex(facts)) FROM view_part WHERE lower(hex(id)) = '$photo'")
chmod u+w "$(object "$facts")"
rm -f "$(object "$facts")"
fails 7 "missing facts" pinhole fsck
like "$out" 'the facts of p3.jpg of photo' "are named as such"

again
sqlite3 "$db" "UPDATE event SET body = replace(body, 'message 2', 'message 3') WHERE body LIKE '%message 2%'"
fails 7 "a changed message" pinhole fsck
like "$out" 'album beach: event [0-9]+ does not fit the chain' "album and event are named"
again
sqlite3 "$db" "UPDATE event SET body = replace(body, '\"text\":\"message 2\"', '\"text\":message 2') WHERE body LIKE '%message 2%'"
fails 7 "a body that is no JSON any more" pinhole fsck
like "$out" 'album beach: the event at [0-9]+' "album and event are named"
again
sqlite3 "$db" "DELETE FROM event WHERE body LIKE '%message 2%'"
fails 7 "a deleted event" pinhole fsck
like "$out" 'album beach: event [0-9]+ is missing' "its number is named"
again
sqlite3 "$db" "DELETE FROM event WHERE body LIKE '%message 3%'"
fails 7 "the last event deleted" pinhole fsck
like "$out" 'album beach: the log ends at event' "is told by the head"
again
sqlite3 "$db" "UPDATE event SET time = time + 1 WHERE kind = 'photo.add' AND seq = (SELECT max(seq) FROM event WHERE kind = 'photo.add')" 2>/dev/null ||
	sqlite3 "$db" "UPDATE event SET time = time + 1 WHERE key = (SELECT max(key) FROM event WHERE kind = 'photo.add')"
fails 7 "another time" pinhole fsck
like "$out" 'does not fit the chain' "does not fit either"

again
pinhole fsck -q # so that the log file of the database is empty
mapfile -t places < <(od -An -v -tu1 -w1 "$db" | awk '$1 { n++; if (n % 997 == 0) print NR - 1 }' | head -n 40)
found=0 odd=0
for place in "${places[@]}"; do
	flip "$db" "$place"
	run pinhole fsck
	case $rc in
	0) ;;
	7) found=$((found + 1)) ;;
	*) odd=$((odd + 1)) && printf '# byte %d: code %d: %s\n' "$place" "$rc" "$err" ;;
	esac
	again
done
ok "of ${#places[@]} flipped bits of the database $found were found" test "$found" -gt 10
is "$odd" 0 "and the others did no harm that fsck sees"
head -c 5000 "$work/sound/pinhole.db" >"$db"
run pinhole fsck
ok "half a database is an error, not a crash: $rc" test "$rc" -gt 0 -a "$rc" -lt 128

again
sqlite3 "$db" "DELETE FROM view_photo; DELETE FROM view_message"
succeeds "--rebuild" pinhole fsck --rebuild --json
is "$(json .problems <<<"$out")" 0 "after lost views"
is "$(json '.replayed == .events' <<<"$out")" true "replays all events"
is "$(pinhole album show beach --json | json '[.photos,.messages]|tostring')" '[8,3]' "all is there"
is "$(pinhole search 'message' --json | wc -l)" 3 "also for searching"

again
printf left >"$store/objects/tmp/1" 2>/dev/null || { mkdir -p "$store/objects/tmp/dead"; printf left >"$store/objects/tmp/dead/1"; }
extra=$(printf extra | sha256sum | cut -d ' ' -f 1)
mkdir -p "$store/objects/${extra:0:2}"
printf extra >"$(object "$extra")"
succeeds "a dry run" pinhole fsck -n --json
is "$(json -c '[.unclaimed,.removed,.temporary,.problems]' <<<"$out")" '[1,0,0,0]' "removes nothing"
exec 9<"$store/objects/tmp"
flock -s 9
succeeds "while another program stores" pinhole fsck --json
is "$(json -c '[.unclaimed,.removed,.problems]' <<<"$out")" '[1,0,0]' "the object is kept"
exec 9<&-
chmod u+w "$(object "$photo")" && mv "$(object "$photo")" saved
fails 7 "where something is missing" pinhole fsck --json
is "$(tail -n 1 <<<"$out" | json -c '[.unclaimed,.removed,.missing]')" '[1,0,1]' "it is kept, too"
mv saved "$(object "$photo")"
succeeds "else" pinhole fsck --json
is "$(json -c '[.unclaimed,.removed,.problems]' <<<"$out")" '[0,1,0]' "it goes"
ok "from the disk" test ! -e "$(object "$extra")"

again
sqlite3 "$db" "DELETE FROM view_photo; DELETE FROM view_part"
run pinhole fsck -q
is "$(find "$store/objects" -type f | wc -l)" 16 "lost views do not make originals look left over"
succeeds "--rebuild brings them back" pinhole fsck --rebuild --objects
done_testing
