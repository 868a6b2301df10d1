#!/bin/bash
# ingest.t - pinhole ingest: where files come from, what happens to them, what is told.
#
# The data of others are in ingest-data.t, kill -9 in ingest-kill.t.
. "$(dirname "$0")/../lib.sh"
need vips exiftool bsdtar zip

store=$XDG_DATA_HOME/pinhole

# picture FILE SHADE [EXIFTOOL OPTIONS]: a small picture, the format by the name
picture() {
	local file=$1
	vips black "$work/black.v" 64 48 --bands 3
	vips linear "$work/black.v" "$work/grey.v" 1 "$2" --uchar
	vips copy "$work/grey.v" "$file"
	shift 2
	[ $# -eq 0 ] || exiftool -q -m -overwrite_original "$@" "$file"
}

album() { # makes one, empty
	pinhole album create "$1" -q >/dev/null
}

photos() { # ALBUM: how many
	pinhole album show "$1" --json | json .photos
}

counts() { # the last line of $out: added, duplicate, refused, failed
	tail -n 1 <<<"$out" | json -c '[.added,.duplicate,.refused,.failed]'
}

status_of() { # PATH in $out
	json --arg p "$1" 'select(.path == $p) | .status' <<<"$out"
}

reason_of() {
	json --arg p "$1" 'select(.path == $p) | .reason' <<<"$out"
}

hash_of() {
	sha256sum <"$1" | cut -d ' ' -f 1
}

pinhole init --name Ada -q

# --- the command line ---------------------------------------------------------------------

mkdir -p p/sub/deep
picture p/a.jpg 10
picture p/b.png 20
picture p/sub/c.webp 30
picture p/sub/deep/d.tif 40
picture p/sub/e.gif 50
album one
fails 2 "no path" pinhole ingest --album one
fails 2 "no album" pinhole ingest p
like "$err" 'album list' "and how to find one"
fails 5 "an album that does not exist" pinhole ingest p --album two
fails 2 "jobs out of range" pinhole ingest p --album one --jobs 0
fails 2 "a date that is none" pinhole ingest p --album one --since yesterdayish
is "$(photos one)" 0 "none of that added anything"

succeeds "dry run" pinhole ingest p --album one --dry-run --json
is "$(counts)" '[5,0,0,0]' "judges"
is "$(photos one)" 0 "and adds nothing"
is "$(find "$store/objects" "$store/cache" -type f | wc -l)" 0 "nor leaves a file"

succeeds "a folder" pinhole ingest p --album one --json --jobs 2
is "$(counts)" '[5,0,0,0]' "with all below it"
is "$(status_of p/sub/deep/d.tif)" added "paths are the argument with what is below"
is "$(json -c 'select(.path == "p/a.jpg")' <<<"$out")" \
	"{\"path\":\"p/a.jpg\",\"status\":\"added\",\"photo\":\"$(hash_of p/a.jpg)\",\"reason\":null,\"role\":\"original\"}" \
	"the promised fields"
is "$(tail -n 1 <<<"$out" | json -c 'keys_unsorted[:6]')" \
	'["added","duplicate","refused","failed","bytes","seconds"]' "and those of the last line"
is "$(tail -n 1 <<<"$out" | json .bytes)" "$(cat p/a.jpg p/b.png p/sub/*.* p/sub/deep/* | wc -c)" "bytes"
is "$(tail -n 1 <<<"$out" | json .unrendered)" 0 "all were rendered"
is "$(photos one)" 5 "the album holds them"
is "$(find "$store/cache" -name '*-thumb.jpg' | wc -l)" 5 "thumbnails are there"
is "$(find "$store/cache" -name '*-preview.jpg' | wc -l)" 5 "previews are there"
is "$(find "$store/objects" -type f ! -perm 0444 | wc -l)" 0 "objects are read-only"

succeeds "a second time" pinhole ingest p --album one --json
is "$(counts)" '[0,5,0,0]' "adds nothing"
is "$(json 'select(.path == "p/a.jpg") | .photo' <<<"$out")" "$(hash_of p/a.jpg)" "and names the photos"
succeeds "without --json" pinhole ingest p --album one
is "$out" "" "nothing on stdout"
like "$err" '^nothing new: all 5 files are in one already \([0-9.]+ m?s\)$' "it says so"
succeeds "-q" pinhole ingest p --album one -q
is "$out$err" "" "says nothing"
if command -v strace >/dev/null; then
	strace -f -qq -e trace=open,openat -o trace "$PINHOLE" ingest p --album one -q
	is "$(grep -c '\.\(jpg\|png\|webp\|tif\|gif\)"' trace)" 0 "no file is opened a second time"
else
	skip 1 "strace is not installed"
fi
touch p/a.jpg
succeeds "a file of a new time" pinhole ingest p --album one --json
is "$(counts)" '[0,5,0,0]' "is read, and known"
succeeds "--checksum" pinhole ingest p --album one --checksum --json
is "$(counts)" '[0,5,0,0]' "reads all, and knows them"
album two
succeeds "another album" pinhole ingest p --album two -q
is "$(photos two)" 5 "has them, too"
is "$(find "$store/objects" -type f | wc -l)" 15 "their bytes are kept once"

# --- the same bytes, and what is put in place of them -------------------------------------

album twins
mkdir twins
picture twins/a.jpg 60
cp twins/a.jpg twins/b.jpg
printf '<x:xmpmeta xmlns:x="adobe:ns:meta/"/>' >twins/b.jpg.xmp
succeeds "dry run of the same bytes under two names" pinhole ingest twins --album twins -n --json
is "$(counts)" '[2,1,0,0]' "counts them once, and the sidecar"
succeeds "the same bytes under two names" pinhole ingest twins --album twins --json
is "$(counts)" '[2,1,0,0]' "are one photo, and the sidecar belongs to it"
is "$(status_of twins/b.jpg)" duplicate "the second is a duplicate"
is "$(json 'select(.path == "twins/b.jpg.xmp") | .role' <<<"$out")" sidecar "the sidecar is a part"
is "$(photos twins)" 1 "one photo"
if command -v strace >/dev/null; then
	strace -f -qq -e trace=open,openat -o trace "$PINHOLE" ingest twins --album twins -q
	is "$(grep -c 'b\.jpg"' trace)" 0 "the second name is not opened again"
else
	skip 1 "strace is not installed"
fi
hash=$(hash_of twins/a.jpg)
pinhole remove "twins:$hash" -q
succeeds "a photo that was removed" pinhole ingest twins --album twins --move --json
like "$(reason_of twins/a.jpg)" 'removed.*restore' "says how it comes back"
ok "and its source is not moved" test -e twins/a.jpg
pinhole restore "twins:$hash" -q
succeeds "once restored" pinhole ingest twins --album twins --move --json
ok "it is" test ! -e twins/a.jpg
ok "also under its second name" test ! -e twins/b.jpg
ok "and its sidecar" test ! -e twins/b.jpg.xmp

# --- lists --------------------------------------------------------------------------------

album lists
mkdir lists
picture "lists/with space.jpg" 70
picture lists/$'new\nline.jpg' 71
picture lists/plain.jpg 72
picture lists/more.jpg 73
succeeds "a list of lines" bash -c 'printf "%s\n" lists/plain.jpg "lists/with space.jpg" | "$PINHOLE" ingest - --album lists --json'
is "$(counts)" '[2,0,0,0]' "is read"
succeeds "a list of NULs" bash -c 'find lists -name "*line*" -print0 | "$PINHOLE" ingest - -z --album lists --json'
is "$(counts)" '[1,0,0,0]' "takes names with newlines"
succeeds "a list of NULs without -z" bash -c 'find lists -name "more*" -print0 | "$PINHOLE" ingest - --album lists --json'
is "$(counts)" '[1,0,0,0]' "is seen to be one"
fails 3 "a list that names what is not there" bash -c 'echo lists/none.jpg | "$PINHOLE" ingest - --album lists --json'
is "$(counts)" '[0,0,0,1]' "says so"
like "$(reason_of lists/none.jpg)" 'no such file' "with the reason"
fails 2 "two lists" pinhole ingest - - --album lists </dev/null
succeeds "an empty list" pinhole ingest - --album lists --json </dev/null
is "$(counts)" '[0,0,0,0]' "is nothing"

# --- archives -----------------------------------------------------------------------------

mkdir -p arch/Trip
for i in 1 2 3; do
	picture "arch/Trip/i$i.jpg" $((80 + i))
done
printf 'notes' >arch/Trip/notes.txt
(cd arch && zip -qr ../a.zip Trip && bsdtar -cf ../a.tar Trip && bsdtar -czf ../a.tar.gz Trip &&
	bsdtar -cJf ../a.tar.xz Trip && bsdtar --zstd -cf ../a.tar.zst Trip &&
	bsdtar -cjf ../a.tar.bz2 Trip && bsdtar --format 7zip -cf ../a.7z Trip)
n=0
for archive in a.zip a.tar a.tar.gz a.tar.xz a.tar.zst a.tar.bz2 a.7z; do
	n=$((n + 1))
	album "arch$n"
	fails 3 "$archive" pinhole ingest $archive --album arch$n --json
	is "$(counts)" '[3,0,1,0]' "three photos of $archive"
	is "$(status_of $archive:Trip/i2.jpg)" added "named with their archive"
	like "$(reason_of $archive:Trip/notes.txt)" 'not a (photo|picture)' "what is none is refused"
done
(cd arch && zip -qr -P secret ../locked.zip Trip)
album locked
fails 3 "an encrypted archive" pinhole ingest locked.zip --album locked --json
is "$(tail -n 1 <<<"$out" | json .added)" 0 "gives nothing"
is "$(json 'select(.path == "locked.zip:Trip/i1.jpg") | .reason' <<<"$out")" encrypted "and says why"
mkdir inner && cp a.zip inner/inner.zip && (cd inner && zip -q ../outer.zip inner.zip)
fails 3 "an archive in an archive" pinhole ingest outer.zip --album locked --json
like "$(reason_of outer.zip:inner.zip)" 'archive inside an archive' "is refused"
head -c 2500 a.zip >cut.zip
fails 3 "an archive that is cut off" pinhole ingest cut.zip --album locked --json
is "$(tail -n 1 <<<"$out" | json '.failed + .refused > 0')" true "says so"
PINHOLE_INGEST_MAX_FILE_SIZE=100 fails 3 "entries beyond the size" \
	pinhole ingest a.tar p/a.jpg --album locked --json
is "$(tail -n 1 <<<"$out" | json .added)" 0 "are refused"
like "$(reason_of p/a.jpg)" 'larger than' "with the reason"
succeeds "the store is sound" pinhole fsck --objects

# --- choosing -----------------------------------------------------------------------------

album choose
mkdir -p choose/raw
picture choose/old.jpg 90
picture choose/new.jpg 91
picture choose/raw/x.jpg 92
touch -d '2020-01-01 12:00' choose/old.jpg
succeeds "--exclude a name" pinhole ingest choose --album choose --exclude 'raw' --exclude 'new*' --json
is "$(counts)" '[1,0,0,0]' "passes it over"
succeeds "--since" pinhole ingest choose --album choose --since 2020-01-02 --json
is "$(counts)" '[2,0,0,0]' "takes what is newer"
album cap
succeeds "--caption --no-render" pinhole ingest choose --album cap --caption 'At the sea' --no-render --json
is "$(tail -n 1 <<<"$out" | json .unrendered)" 0 "nothing is missing that was not asked for"
is "$(pinhole list cap --json | json .caption | sort | uniq -c | sed 's/^ *//')" '3 At the sea' "all have it"
picture norender.jpg 93
run pinhole ingest norender.jpg --album cap --no-render -q
is "$(find "$store/cache" -name "$(hash_of norender.jpg | cut -c 3-)*" | wc -l)" 0 "no image was made"

# --- moving and linking -------------------------------------------------------------------

album move
mkdir -p move/sub
picture move/a.jpg 100
picture move/sub/b.jpg 101
printf 'text' >move/notes.txt
cp p/a.jpg move/known.jpg
fails 3 "--move" pinhole ingest move --album move --move --json
is "$(find move -type f)" move/notes.txt "removes what was added, and keeps what was refused"
is "$(photos move)" 3 "all are in the album"
picture move/c.jpg 102
succeeds "--move --dry-run" pinhole ingest move/c.jpg --album move --move -n -q
ok "moves nothing" test -e move/c.jpg
cp move/c.jpg keep.jpg
succeeds "--move" pinhole ingest move/c.jpg --album move --move -q
cp keep.jpg move/again.jpg
chmod u+w "$store/objects/$(hash_of keep.jpg | sed 's,^..,&/,')"
printf 'xx' >>"$store/objects/$(hash_of keep.jpg | sed 's,^..,&/,')"
succeeds "--move of what the store has lost" pinhole ingest move/again.jpg --album move --move --json
like "$(reason_of move/again.jpg)" 'they are back' "brings the bytes back first"
ok "and then moves" test ! -e move/again.jpg
succeeds "the store is sound" pinhole fsck --objects

before=$(find "$store/objects" -type f | sort)
ln -s "$store/objects" way
run pinhole ingest "$store/objects" way/ --album move --move -q
is "$(comm -23 <(echo "$before") <(find "$store/objects" -type f | sort))" '' "--move of the store's own objects removes none"

album link
mkdir link
picture link/a.jpg 110
picture link/b.jpg 111
succeeds "--link" pinhole ingest link/a.jpg --album link --link -q
isnt "$(stat -c %h link/a.jpg)" 2 "is no hard link"
succeeds "--link=hard" pinhole ingest link/b.jpg --album link --link=hard -q
is "$(stat -c %i link/b.jpg)" "$(stat -c %i "$store/objects/$(hash_of link/b.jpg | sed 's,^..,&/,')")" "is one"
is "$(stat -c %a link/b.jpg)" 444 "and read-only"
fails 2 "--link=soft" pinhole ingest link/b.jpg --album link --link=soft

# --- what is no plain photo ----------------------------------------------------------------

album odd
mkdir odd
: >odd/empty.jpg
printf '<svg xmlns="http://www.w3.org/2000/svg"/>' >odd/drawing.jpg
printf '<!DOCTYPE html><script>1</script>' >odd/page.png
head -c 5000 /dev/urandom >odd/noise.jpg
mkfifo odd/pipe.jpg
ln -s ../p/a.jpg odd/link.jpg
ln -s ../p odd/folder
picture odd/good.jpg 120
fails 3 "a folder of odd things" timeout 60 "$PINHOLE" ingest odd --album odd --json
is "$(counts)" '[1,0,7,0]' "one is good"
like "$(reason_of odd/empty.jpg)" empty "empty"
like "$(reason_of odd/drawing.jpg)" SVG "SVG"
like "$(reason_of odd/page.png)" HTML "HTML"
like "$(reason_of odd/pipe.jpg)" fifo "a fifo is not opened"
like "$(reason_of odd/link.jpg)" 'symbolic link' "a link is not followed"
like "$(reason_of odd/folder)" 'symbolic link' "nor one to a folder"
fails 3 "a fifo as the argument" timeout 60 "$PINHOLE" ingest odd/pipe.jpg --album odd --json
if [ "$(id -u)" -ne 0 ]; then
	picture odd/secret.jpg 121
	chmod 0 odd/secret.jpg
	fails 3 "a file that may not be read" pinhole ingest odd/secret.jpg --album odd --json
	like "$(reason_of odd/secret.jpg)" 'ermission' "says so"
else
	skip 2 "root may read everything"
fi
picture odd/$'esc\033]0;x\007\n.jpg' 122
printf 'no photo' >odd/$'bad\033[2J.jpg'
printf 'no photo' >odd/$'caf\xe9.jpg'
run pinhole ingest odd --album odd
unlike "$err$out" $'\033|\007' "hostile names reach no terminal"
run pinhole ingest odd --album odd -v
unlike "$err$out" $'\033|\007' "nor with -v"
run pinhole ingest odd --album odd --json
is "$(json -s length <<<"$out")" "$(wc -l <<<"$out")" "every line is JSON"
like "$out" 'caf..xe9' "bytes that are no text are shown"

# A file that shrinks while it is read, and one that grows.
head -c 30000000 /dev/zero >zeros
for i in 1 2 3; do
	cat p/a.jpg zeros >odd/change.jpg
	(for _ in $(seq 1 200); do
		truncate -s "$((20000000 + RANDOM * 100))" odd/change.jpg 2>/dev/null
	done) &
	changer=$!
	run timeout 60 "$PINHOLE" ingest odd/change.jpg --album odd --json
	kill $changer 2>/dev/null
	wait $changer 2>/dev/null
	like "$rc" '^[03]$' "a file that changes while it is read crashes nothing: $(json -s 'map(select(.path))[0] | "\(.status) \(.reason)"' <<<"$out")"
done
rm -f zeros odd/change.jpg
succeeds "the store is sound" pinhole fsck --objects

# --- what belongs together ----------------------------------------------------------------

parts() { # HASH: the roles of a photo's parts, sorted
	pinhole show "$1" --json | json '[.parts[].role] | sort | join(" ")'
}

mkdir pairs
when='-DateTimeOriginal=2024:05:06 07:08:09'
picture pairs/IMG_1.JPG 130 "$when"
picture pairs/IMG_E1.JPG 131 "$when"
printf '<?xml version="1.0"?><plist/>' >pairs/IMG_1.AAE
picture pairs/trip.jpg 132 "$when"
picture pairs/trip-edited.jpg 133 "$when"
printf '<x:xmpmeta xmlns:x="adobe:ns:meta/"><!-- 1 --></x:xmpmeta>' >pairs/trip.jpg.xmp
picture pairs/note.jpg 134
cat >pairs/note.xmp <<'END'
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:exif="http://ns.adobe.com/exif/1.0/"
 exif:DateTimeOriginal="2019-02-03T04:05:06+01:00"><dc:title><rdf:Alt><rdf:li xml:lang="x-default">From the sidecar</rdf:li></rdf:Alt></dc:title>
</rdf:Description></rdf:RDF></x:xmpmeta>
END
picture pairs/IMG_9.JPG 135 '-DateTimeOriginal=2024:05:06 09:00:00'
picture pairs/IMG_9-edited.JPG 136 '-DateTimeOriginal=2024:05:07 09:00:00'
printf 'lonely' >pairs/nobody.xmp
image=$(hash_of pairs/IMG_1.JPG) edited=$(hash_of pairs/IMG_E1.JPG) trip=$(hash_of pairs/trip.jpg)
note=$(hash_of pairs/note.jpg)

# In a folder trip-edited.jpg comes before trip.jpg: then that one is the part.
check_pairs() { # ALBUM WHAT ROLE
	is "$(photos "$1")" 5 "$2: five photos"
	is "$(parts "$1:$image")" 'edited original sidecar' "$2: IMG_1, IMG_E1 and AAE"
	is "$(parts "$1:$trip")" "$3 original sidecar" "$2: -edited and .jpg.xmp"
	is "$(pinhole show "$1:$trip" | grep -c 'trip-edited.jpg  (shown)')" 1 "$2: the edited copy is shown"
	is "$(parts "$1:$note")" 'original sidecar' "$2: .xmp"
	is "$(pinhole show "$1:$note" --json | json '.taken.local')" 2019-02-03T04:05:06 "$2: the sidecar tells the time"
}

album pairs
fails 3 "a folder of things that belong together" pinhole ingest pairs --album pairs --json
is "$(counts)" '[10,0,1,0]' "all are taken but the lonely sidecar"
like "$(reason_of pairs/nobody.xmp)" 'photo did not come' "which is told"
check_pairs pairs folder jpeg
fails 3 "again" pinhole ingest pairs --album pairs --json
is "$(counts)" '[0,10,1,0]' "all are there"
is "$(pinhole show "pairs:$edited" --json | json .photo)" "$image" "a part's hash names its photo"

album zipped
(cd pairs && bsdtar -cf ../pairs.tar IMG_1.JPG IMG_E1.JPG trip.jpg trip-edited.jpg note.jpg IMG_9.JPG IMG_9-edited.JPG \
	IMG_1.AAE trip.jpg.xmp note.xmp nobody.xmp)
fails 3 "an archive with its sidecars at the end" pinhole ingest pairs.tar --album zipped --json
is "$(counts)" '[10,0,1,0]' "takes the same"
check_pairs zipped archive edited

album later
for file in IMG_1.JPG trip.jpg note.jpg IMG_9.JPG IMG_9-edited.JPG; do
	succeeds "$file by itself" pinhole ingest pairs/$file --album later -q
done
fails 3 "its parts in a later run" pinhole ingest pairs --album later --json
is "$(photos later)" 5 "later: no photo more"
is "$(parts "later:$image")" 'edited original sidecar' "later: the parts found their photo"
is "$(parts "later:$trip")" 'edited original sidecar' "later: -edited, too"
is "$(parts "later:$note")" 'original sidecar' "later: and the sidecar"

album reversed
succeeds "the edited copy first" pinhole ingest pairs/IMG_E1.JPG --album reversed -q
succeeds "then the original" pinhole ingest pairs/IMG_1.JPG --album reversed --json
is "$(photos reversed)" 1 "reversed: one photo"
is "$(json 'select(.path) | [.photo, .role] | join(" ")' <<<"$out")" "$edited jpeg" "reversed: a part of the first"

if command -v ffmpeg >/dev/null; then
	album live
	ffmpeg -hide_banner -loglevel error -f lavfi -i testsrc=d=1:s=320x240:r=10 \
		-metadata creation_time=2024-05-06T07:08:10Z pairs/LIVE.MOV
	ffmpeg -hide_banner -loglevel error -f lavfi -i testsrc=d=2:s=320x240:r=10 pairs/clip.mp4
	picture pairs/LIVE.JPG 140 "$when"
	succeeds "a picture with its video, and a clip" \
		pinhole ingest pairs/LIVE.JPG pairs/LIVE.MOV pairs/clip.mp4 --album live --json
	is "$(photos live)" 2 "live: two photos"
	is "$(json 'select(.path == "pairs/LIVE.MOV") | .role' <<<"$out")" live "live: the video is its motion"
	is "$(pinhole list live --json | json 'select(.kind == "video") | .name')" clip.mp4 "live: the clip is one of its own"
	album live2
	succeeds "the video first" pinhole ingest pairs/LIVE.MOV --album live2 -q
	succeeds "then the picture" pinhole ingest pairs/LIVE.JPG --album live2 -q
	is "$(photos live2)" 1 "live: one photo"
	is "$(parts "live2:$(hash_of pairs/LIVE.JPG)")" 'jpeg original' "live: in reversed order"
else
	skip 8 "ffmpeg is not installed"
fi
succeeds "the store is sound" pinhole fsck --objects
is "$(find "$store/objects/tmp" -type f | wc -l)" 0 "no temporary file is left"

# --- at once -------------------------------------------------------------------------------

album crowd
mkdir crowd
for i in $(seq 1 60); do
	printf 'crowd %s' "$i" | cat p/a.jpg - >"crowd/$i.jpg"
done
printf '<x:xmpmeta xmlns:x="adobe:ns:meta/"><!-- crowd --></x:xmpmeta>' >crowd/7.jpg.xmp
pids=()
for i in 1 2 3; do
	"$PINHOLE" ingest crowd --album crowd --json --jobs 1 >"crowd$i.out" 2>"crowd$i.err" &
	pids+=($!)
done
codes=
for pid in "${pids[@]}"; do
	wait "$pid"
	codes="$codes$?"
done
is "$codes" 000 "three runs of one folder at once"
is "$(cat crowd?.err | grep -v '^added\|^nothing new')" '' "none complains"
is "$(tail -qn 1 crowd?.out | json -s 'map(.added) | add')" 61 "each file was added by one of them"
is "$(photos crowd)" 60 "and is there once"
is "$(pinhole log crowd --json | json 'select(.kind == "photo.add") | .about' | sort | uniq -d | wc -l)" 0 "in the log, too"
is "$(pinhole log crowd --json | json 'select(.kind == "photo.part") | .about' | wc -l)" 1 "and its sidecar"
succeeds "the store is sound" pinhole fsck --objects

# --- stopping ------------------------------------------------------------------------------

album stop
mkdir stop
for i in $(seq 1 40); do
	printf '%s' "$i" | cat p/a.jpg - >"stop/$i.jpg"
done
"$PINHOLE" ingest stop --album stop --json --jobs 1 >stopped.out 2>stopped.err &
pid=$!
sleep 0.2
kill -INT $pid 2>/dev/null
wait $pid
rc=$?
like "$rc" '^(130|0)$' "an interrupt without a terminal stops it: $rc"
is "$(json -s length <stopped.out)" "$(wc -l <stopped.out)" "what it printed is whole"
is "$(photos stop)" "$(tail -n 1 stopped.out | json .added)" "what it counted is there"
succeeds "the next run" pinhole ingest stop --album stop -q
is "$(photos stop)" 40 "completes it"
succeeds "the store is sound" pinhole fsck --objects
done_testing
