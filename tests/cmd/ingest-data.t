#!/bin/bash
# ingest-data.t - pinhole ingest over the shared test data: facts exactly, pictures upright, and
# malformed files and archives that cost nothing but themselves.
#
# What every file must give was found by other programs; see the data's own README.
. "$(dirname "$0")/../lib.sh"
need sqlite3 vips vipsthumbnail
find_data || skip_all "the shared test data are not there"

store=$XDG_DATA_HOME/pinhole
is_sanitized=
grep -qc __asan_init "$PINHOLE" && is_sanitized=1

# ours ALBUM TABLE: the album's photos, as `list --json` has them, into facts.db
ours() {
	pinhole list "$1" --json | sed "s/'/''/g; s/.*/INSERT INTO $2 VALUES ('&');/" >load.sql
	sqlite3 facts.db "CREATE TABLE IF NOT EXISTS $2(j)" BEGIN ".read load.sql" COMMIT
}

# none QUERY NAME: the query finds nothing; what it finds is shown
none() {
	is "$(sqlite3 facts.db "$1")" '' "$2"
}

pinhole init --name Ada -q

# --- photos/expected.csv ------------------------------------------------------------------

photos=$data/photos
pinhole album create photos -q >/dev/null
pinhole album create halves -q >/dev/null
# The halves of pairs go into an album of their own, so that each file is a photo.
fails 3 "all photos" pinhole ingest "$photos" --album photos --json \
	--exclude IMG_E4120.JPG --exclude IMG_0042.MOV
succeeds "the other halves" pinhole ingest "$photos/sidecar/IMG_E4120.JPG" "$photos/made/IMG_0042.MOV" \
	--album halves --json
sqlite3 facts.db '.mode csv' ".import '$photos/expected.csv' expected"
ours photos photo
ours halves photo
pinhole log photos --json | sed "s/'/''/g; s/.*/INSERT INTO event VALUES ('&');/" >load.sql
pinhole log halves --json | sed "s/'/''/g; s/.*/INSERT INTO event VALUES ('&');/" >>load.sql
sqlite3 facts.db "CREATE TABLE event(j)" BEGIN ".read load.sql" COMMIT
sqlite3 facts.db "CREATE TABLE e AS SELECT x.*, p.j, v.j ->> '\$.body.taken.local' AS wall,
	v.j ->> '\$.body.duration' AS duration FROM expected AS x
	LEFT JOIN photo AS p ON p.j ->> 'photo' = x.sha256
	LEFT JOIN event AS v ON v.j ->> 'about' = x.sha256 AND v.j ->> 'kind' = 'photo.add'"
rows=$(sqlite3 facts.db "SELECT count(*) FROM expected WHERE kind <> 'sidecar' AND mime <> 'empty'")
is "$(sqlite3 facts.db "SELECT count(*) FROM e WHERE j IS NOT NULL")" "$rows" "all $rows pictures and videos are photos"
none "SELECT file FROM e WHERE j IS NULL AND kind <> 'sidecar' AND mime <> 'empty'" "none is missing"
none "SELECT file, mime, j ->> 'mime' FROM e WHERE mime <> j ->> 'mime'" "mime"
none "SELECT file, bytes, j ->> 'bytes' FROM e WHERE bytes <> j ->> 'bytes'" "bytes"
none "SELECT file, display_width, display_height, j ->> 'width', j ->> 'height' FROM e
	WHERE j IS NOT NULL AND vips_decodes <> 'no' AND (CAST(display_width AS INTEGER) <> j ->> 'width'
	OR CAST(display_height AS INTEGER) <> j ->> 'height')" "width and height, upright"
none "SELECT file, orientation, j ->> 'orientation' FROM e WHERE j IS NOT NULL AND kind = 'image'
	AND nullif(CAST(orientation AS INTEGER), 0) IS NOT j ->> 'orientation'" "orientation"
# exiftool's columns of videos leave out QuickTime's camera.
none "SELECT file, make, model, j ->> 'make', j ->> 'model' FROM e WHERE j IS NOT NULL AND kind = 'image'
	AND (make <> coalesce(j ->> 'make', '') OR model <> coalesce(j ->> 'model', ''))" "make and model"
none "SELECT file, gps_lat, gps_lon, j ->> 'gps' FROM e WHERE j IS NOT NULL
	AND iif(gps_lat = '' OR abs(gps_lon) > 180 OR (gps_lat + 0 = 0 AND gps_lon + 0 = 0), j ->> 'gps' IS NOT NULL,
	abs(gps_lat - (j ->> '\$.gps.lat')) > 1e-6 OR abs(gps_lon - (j ->> '\$.gps.lon')) > 1e-6
	OR j ->> 'gps' IS NULL)" "gps, and none where it is 0,0 or beyond the Earth"
none "SELECT file, duration_s, duration FROM e WHERE j IS NOT NULL
	AND iif(duration_s = '', duration IS NOT NULL AND mime NOT LIKE 'image/gif' AND mime NOT LIKE 'image/webp',
	abs(duration_s * 1000 - duration) > 30 OR duration IS NULL)" "duration"
# Two files say when in XMP's DateCreated, which the table does not have.
sqlite3 facts.db "CREATE TABLE w AS SELECT *, replace(substr(t, 1, 10), ':', '-') || substr(t, 11) AS want FROM
	(SELECT *, CASE WHEN file = 'cameras/long_description.jpg' THEN '2003:08:31 00:00:00'
	WHEN file = 'gps/N_W_thompson-springs.jpg' THEN '2022:01:10 15:15:44'
	WHEN date_time_original GLOB '[12]*' THEN date_time_original WHEN create_date GLOB '[12]*' THEN create_date
	WHEN modify_date GLOB '[12]*' THEN modify_date WHEN qt_creation_date <> '' THEN substr(qt_creation_date, 1, 19)
	WHEN qt_create_date_utc GLOB '[12]*' THEN qt_create_date_utc END AS t FROM e WHERE j IS NOT NULL)"
none "SELECT file, want, j ->> '\$.taken.local' FROM w
	WHERE replace(datetime(want), ' ', 'T') IS NOT j ->> '\$.taken.local'" \
	"when it was taken; blanks, zeroes and 2024:13:45 99:99:99 are no date"
none "SELECT file, subsec, wall FROM w WHERE datetime(want) IS NOT NULL AND date_time_original GLOB '[12]*'
	AND wall % 1000 <> CAST(substr(subsec || '000', 1, 3) AS INTEGER)" "to the millisecond"
none "SELECT file, offset_original, j ->> '\$.taken' FROM e WHERE offset_original <> ''
	AND offset_original IS NOT j ->> '\$.taken.offset'" "offset"
none "SELECT file, xmp_date_time_original, j ->> '\$.taken' FROM e WHERE length(xmp_date_time_original) = 25
	AND kind = 'image' AND offset_original = ''
	AND substr(xmp_date_time_original, 20) IS NOT j ->> '\$.taken.offset'" "offset from XMP"
none "SELECT file, qt_creation_date, j ->> '\$.taken' FROM e WHERE length(qt_creation_date) = 25
	AND substr(qt_creation_date, 20) IS NOT j ->> '\$.taken.offset'" "offset of videos"
none "SELECT file, j ->> '\$.taken' FROM e WHERE j ->> '\$.taken.offset' IS NOT NULL
	AND j ->> '\$.taken.offset_source' IS NULL" "every offset says where it came from"
none "SELECT file, j ->> 'name' FROM e WHERE j IS NOT NULL
	AND substr(file, instr(file, '/') + 1) <> j ->> 'name'" "names"
is "$(sqlite3 facts.db "SELECT count(*) FROM e WHERE j ->> '\$.taken.local' LIKE '2024-13%'")" 0 "garbage is not believed"

# --- luma8x8.csv --------------------------------------------------------------------------

mkdir small
sqlite3 facts.db '.mode csv' ".import '$photos/luma8x8.csv' luma"
sqlite3 -separator ' ' facts.db "SELECT e.sha256, luma8x8_hex, e.file FROM luma JOIN e USING (file)
	WHERE j IS NOT NULL AND luma8x8_hex <> '' ORDER BY e.file" >luma.txt
while read -r hash _ file; do
	preview=$store/cache/${hash:0:2}/${hash:2}-preview.jpg
	[ ! -e "$preview" ] || { ln -s "$preview" "small/$hash.jpg" && echo "$hash $file" >>rendered.txt; }
done <luma.txt
is "$(wc -l <rendered.txt)" "$(wc -l <luma.txt)" "all that can be decoded has a preview"
vipsthumbnail --size '8x8!' -o "$work/small/t_%s.png" small/*.jpg
awk '{print "small/t_" $1 ".png"}' rendered.txt | tr '\n' ' ' >list
vips arrayjoin "$(cat list)" joined.v --across 1
printf '3 1\n0.2126 0.7152 0.0722\n' >luma.mat
vips recomb joined.v grey.v luma.mat
vips cast grey.v one.v uchar
vips rawsave one.v grey.raw
od -An -v -tx1 -w64 grey.raw | tr -d ' ' >got.txt
join <(sort luma.txt) <(paste -d ' ' <(cut -d ' ' -f 1 rendered.txt) got.txt | sort) |
	awk '# correlation of 64 cells; a flat picture has none, there the difference counts
	function hex(s, i) { return index("0123456789abcdef", substr(s, i, 1)) - 1 }
	{ got = $NF; want = $2; sa = sb = saa = sbb = sab = most = 0
	  for (i = 1; i < 128; i += 2) {
		a = hex(want, i) * 16 + hex(want, i + 1); b = hex(got, i) * 16 + hex(got, i + 1)
		sa += a; sb += b; saa += a * a; sbb += b * b; sab += a * b
		d = a > b ? a - b : b - a; if (d > most) most = d }
	  va = saa - sa * sa / 64; vb = sbb - sb * sb / 64
	  r = va > 0 && vb > 0 ? (sab - sa * sb / 64) / sqrt(va * vb) : 0
	  if (most > 40 && r < 0.95) print $0, "difference", most, "correlation", r }' >wrong.txt
is "$(cut -c 1-12,150- wrong.txt)" '' "previews are upright and look like the pictures"

thumbs=()
for i in 1 2 3 4 5 6 7 8; do
	hash=$(sha256sum <"$photos/orientation/rot_$i.jpg" | cut -d ' ' -f 1)
	thumbs+=("$store/cache/${hash:0:2}/${hash:2}-thumb.jpg")
done
for i in 2 3 4 5 6 7 8; do
	vips subtract "${thumbs[0]}" "${thumbs[i - 1]}" difference.v
	vips abs difference.v absolute.v
	# Turned or mirrored ones differ by 35 and more.
	ok "the thumbnail of rot_$i.jpg is that of rot_1.jpg" \
		awk "BEGIN { exit !($(vips avg absolute.v) < 25) }"
done

# --- hostile files ------------------------------------------------------------------------

# Everything beside the store must stay as it is.
mkdir -p canary/a/b
echo canary >canary/a/b/file
ln -s canary/a canary/link
outside() {
	{ find "$work" -path "$store" -prune -o -path "$work/.*" -prune -o -type f -exec sha256sum {} + |
		grep -v -e '/outside\.' -e '/usage$' -e '/hostile.json$' | sort -k 2
	ls -d /tmp/pinhole-evil* /tmp/evil* "$work"/../evil* 2>/dev/null; }
}

# hostile ALBUM PATH SECONDS: ingests it and checks that nothing else happened
hostile() {
	local measure=() most
	pinhole album create "$1" -q >/dev/null
	outside >outside.before
	[ ! -x /usr/bin/time ] || measure=(/usr/bin/time -q -f %M -o "$work/usage")
	(cd canary/a/b && run timeout -k 1 "$3" "${measure[@]}" "$PINHOLE" ingest "$2" --album "$1" --json
	echo "$rc" >"$work/.rc")
	rc=$(cat .rc) out=$(cat .out) err=$(cat .err)
	cp .out hostile.json
	is "$rc" 3 "$1: some files are refused or not rendered, in less than $3 s"
	outside >outside.after
	is "$(diff outside.before outside.after)" '' "$1: nothing outside the store was touched"
	is "$(json -s 'map(select(.path and .status != "added" and .status != "duplicate" and .reason == null)) | length' <<<"$out")" \
		0 "$1: all that was not taken has a reason"
	is "$(LC_ALL=C tr -d '\n\040-\176\200-\377' <<<"$out$err" | wc -c)" 0 "$1: no control characters"
	if [ -z "$is_sanitized" ] && [ -s usage ]; then
		most=$(tail -n 1 usage)
		ok "$1: no process took more than 300 MB (${most} kB)" test "$most" -lt 300000
	else
		skip 1 "memory is not measured here"
	fi
	run pinhole fsck --objects
	is "$rc" 0 "$1: the store is sound"
	is "$(find "$store/objects/tmp" -type f | wc -l)" 0 "$1: no temporary file is left"
}

field() { # PATH (its end) FIELD: of the report in hostile.json
	json --arg p "$1" --arg f "$2" 'select(.path and (.path | endswith($p))) | .[$f]' <hostile.json
}

hostile malformed "$data/malformed" 120
is "$(json -r 'select(.path and .status == "failed") | .path' <hostile.json)" '' "malformed: no file failed by our fault"
for file in active-content/svg_named.jpg active-content/html_named.png active-content/xxe.svg \
	active-content/laughs.svg odd/random_64k.jpg truncations/elephants_first_1.jpg; do
	is "$(field "$file" status)" refused "malformed: $file is refused"
done
for file in bombs/50000x50000_1bit.png bombs/65535x65535_header_only.gif bombs/jpeg_says_65500x65500.jpg; do
	is "$(field "$file" status)" added "malformed: $file is kept"
	like "$(field "$file" reason)" 'more than the limit of 250 million' "malformed: and not decoded"
done
for file in bitflips/elephants_0.jpg bombs/ztxt_zlib_bomb_50MB.png exif/ifd_self_loop.jpg exif/count_4294967295.jpg; do
	is "$(field "$file" status)$(field "$file" reason)" addednull "malformed: $file is rendered"
done
like "$(field truncations/elephants_first_30000.jpg reason)" 'cut short' "malformed: a truncated picture is marked"
hash=$(field truncations/elephants_first_30000.jpg photo)
is "$(pinhole show "$hash" --json | json '[.variants[] | select(.path)] | length')" 2 "malformed: and rendered as far as it goes"
like "$(pinhole status)" '… and [0-9]+ more' "status tells of them"

hostile archives "$data/archives" 60
added() { # ARCHIVE: how many photos
	json -s --arg a "$data/archives/$1:" \
		'map(select(.path and (.path | startswith($a)) and (.status == "added" or .status == "duplicate")) | .photo) | unique | length' <hostile.json
}
while read -r archive least most; do
	count=$(added "$archive")
	ok "archives: $archive gives $count" test "$count" -ge "$least" -a "$count" -le "$most"
done < <(json '.archives | to_entries[] | select((.value.photos | type) == "number" or .value.photos_max)
	| "\(.key) \(.value.photos // 0) \(.value.photos // .value.photos_max)"' <"$data/archives/expected.json")
is "$(added links_devices.tar)" 2 "archives: links_devices.tar gives good.jpg and setuid.jpg"
is "$(added bomb_512MiB_zeros.zip)$(added nested_bomb_80GiB.zip)$(added overlap_bomb_10GiB.zip)" 000 "archives: bombs give nothing"
like "$(json 'select(.path and (.path | contains("encrypted.zip"))) | .reason' <hostile.json | sort -u)" '^encrypted$' \
	"archives: encrypted says so"
ok "the store stays small" test "$(du -sm "$store" | cut -f 1)" -lt 60

succeeds "rebuild" pinhole fsck --rebuild --json
is "$(json .problems <<<"$out")" 0 "after all that the log makes the same views"
done_testing
