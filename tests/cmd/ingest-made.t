#!/bin/bash
# ingest-made.t - pinhole ingest over files that this test makes: what a plain clone can hold it to.
#
# Kinds of pictures and their orientation, videos, RAW, hostile facts, hostile archives, odd names.
. "$(dirname "$0")/../lib.sh"
need vips vipsthumbnail exiftool bsdtar zip

store=$XDG_DATA_HOME/pinhole
pinhole init --name Ada -q

hash_of() {
	sha256sum <"$1" | cut -d ' ' -f 1
}

# variant FILE NAME: the image made of it
variant() {
	local hash
	hash=$(hash_of "$1")
	printf '%s/cache/%s/%s-%s.jpg' "$store" "${hash:0:2}" "${hash:2}" "$2"
}

album() {
	pinhole album create "$1" -q >/dev/null
}

fact() { # ALBUM FILE JQ...
	pinhole show "$1:$(hash_of "$2")" --json | json "${@:3}"
}

# --- orientation --------------------------------------------------------------------------

# Four quarters, 30 and 90 above, 150 and 210 below.
mkdir turned
for grey in 30 90 150 210; do
	vips black part.v 100 60 --bands 3
	vips linear part.v "part$grey.v" 1 "$grey" --uchar
done
vips arrayjoin 'part30.v part90.v part150.v part210.v' upright.v --across 2
vips rot upright.v quarter.v d90
vips flip upright.v o2.v horizontal
vips rot upright.v o3.v d180
vips flip upright.v o4.v vertical
vips flip quarter.v o5.v horizontal
vips rot upright.v o6.v d270
vips flip quarter.v o7.v vertical
vips copy quarter.v o8.v
vips copy upright.v o1.v
for o in 1 2 3 4 5 6 7 8; do
	for kind in jpg png webp tif; do
		vips copy o$o.v "turned/$o.$kind"
	done
	exiftool -q -m -overwrite_original -n -Orientation=$o turned/$o.*
done
album turned
succeeds "32 turned pictures" pinhole ingest turned --album turned -q
is "$(pinhole list turned --json | json '[.width, .height] | tostring' | sort | uniq -c | sed 's/^ *//')" \
	'32 [200,120]' "all are upright 200 x 120"
is "$(pinhole list turned --json | json .orientation | sort | uniq -c | sed 's/^ *//' | paste -sd ' ')" \
	'4 1 4 2 4 3 4 4 4 5 4 6 4 7 4 8' "each orientation is known"
# quarters FILE...: a line for each, the grey of its four quarters in steps of 60
quarters() {
	local n=0 file
	rm -rf two && mkdir two
	for file; do
		n=$((n + 1))
		ln -s "$(realpath "$file")" "two/$(printf %03d $n).${file##*.}"
	done
	vipsthumbnail --size '2x2!' -o "$work/two/t_%s.png" two/*.*
	vips arrayjoin "$(printf '%s ' two/t_*)" two/all.v --across 1
	vips extract_band two/all.v two/one.v 0
	vips rawsave two/one.v two/raw
	od -An -v -tu1 -w4 two/raw | awk '{ for (i = 1; i <= 4; i++) printf "%d ", $i / 60; print "" }'
}
made=()
for file in turned/*; do
	made+=("$(variant "$file" preview)" "$(variant "$file" thumb)")
done
is "$(quarters "${made[@]}" | sort | uniq -c | sed 's/^ *//')" '64 0 1 2 3 ' "all previews and thumbnails are upright"

album heif
mkdir heif
for kind in heic avif; do
	vips copy upright.v "heif/x.$kind" 2>/dev/null &&
		exiftool -q -m -overwrite_original -n -Orientation=6 "heif/x.$kind" 2>/dev/null
done
if [ -s heif/x.heic ] && [ -s heif/x.avif ]; then
	succeeds "HEIC and AVIF" pinhole ingest heif --album heif -q
	is "$(pinhole list heif --json | json -c '[.mime, .width, .height]' | sort | paste -sd ' ')" \
		'["image/avif",200,120] ["image/heic",200,120]' "are turned by the decoder alone"
	is "$(quarters "$(variant heif/x.heic preview)" "$(variant heif/x.avif preview)" | sort -u)" '0 1 2 3 ' "never twice"
else
	skip 3 "this libvips writes no HEIC"
fi

# --- facts ---------------------------------------------------------------------------------

mkdir facts
vips jpegsave upright.v facts/good.jpg
exiftool -q -m -overwrite_original '-DateTimeOriginal=2024:05:06 07:08:09' -SubSecTimeOriginal=25 \
	'-OffsetTimeOriginal=-03:30' -GPSLatitude=48.2 -GPSLatitudeRef=S -GPSLongitude=11.5 \
	-GPSLongitudeRef=W -Make=Acme -Model=One -XMP-dc:Title=Beach -XMP-dc:Subject=sea facts/good.jpg
hostile() { # NAME OPTION...
	local file=facts/$1.jpg
	shift
	{ cat facts/plain && printf %s "$file"; } >"$file"
	exiftool -q -m -overwrite_original -n "$@" "$file"
}
vips jpegsave upright.v plain.jpg && mv plain.jpg facts/plain
hostile north -GPSLatitude=91 -GPSLatitudeRef=N -GPSLongitude=1 -GPSLongitudeRef=E
hostile east -GPSLatitude=1 -GPSLatitudeRef=N -GPSLongitude=213 -GPSLongitudeRef=E
hostile null -GPSLatitude=0 -GPSLatitudeRef=N -GPSLongitude=0 -GPSLongitudeRef=E
hostile zero '-DateTimeOriginal=0000:00:00 00:00:00'
hostile blank '-DateTimeOriginal=    :  :     :  :  '
hostile month '-DateTimeOriginal=2024:13:45 99:99:99'
hostile offset '-DateTimeOriginal=2024:05:06 07:08:09' '-OffsetTimeOriginal=+99:99'
hostile turn -Orientation=0
hostile turn9 -Orientation=9
hostile escape $'-Make=A\033[2Jb' $'-Model=x\001y'
rm facts/plain
album facts
run pinhole ingest facts --album facts -q
is "$rc" 0 "hostile facts are no failure"
is "$(fact facts facts/good.jpg -c '[.taken.local[:19], .taken.offset, .gps.lat, .gps.lon, .make, .model]')" \
	'["2024-05-06T07:08:09","-03:30",-48.2,-11.5,"Acme","One"]' "good ones are read"
for name in north east null; do
	is "$(fact facts facts/$name.jpg .gps)" null "no position: $name"
done
for name in zero blank month; do
	is "$(fact facts facts/$name.jpg .taken)" null "no date: $name"
done
is "$(fact facts facts/offset.jpg -c '[.taken.local[:19], .taken.offset]')" '["2024-05-06T07:08:09",null]' "no offset of 99 hours"
is "$(fact facts facts/turn.jpg .orientation)" null "no orientation 0"
is "$(fact facts facts/turn9.jpg .orientation)" null "no orientation 9"
unlike "$(pinhole show "facts:$(hash_of facts/escape.jpg)"; pinhole list facts; pinhole log facts -p)" $'\033|\001' \
	"control characters reach no terminal"

# --- videos, RAW ---------------------------------------------------------------------------

if command -v ffmpeg >/dev/null; then
	album video
	mkdir video
	for kind in mp4 mov 3gp webm; do
		ffmpeg -hide_banner -loglevel error -f lavfi -i testsrc=d=2:s=352x288:r=10 -y "video/v.$kind" 2>/dev/null
	done
	find video -empty -delete
	videos=$(find video -type f | wc -l)
	succeeds "$videos videos" pinhole ingest video --album video --exclude nothing --json
	is "$(tail -n 1 <<<"$out" | json -c '[.added, .unrendered]')" "[$videos,0]" "have a poster each"
	is "$(pinhole list video --json | json '[.kind, .width, .height] | tostring' | sort -u)" '["video",352,288]' "and their size"
	is "$(pinhole log video --json | json 'select(.kind == "photo.add") | .body.duration | (. >= 1900 and . <= 2200)' | sort -u)" \
		true "and last two seconds"
else
	skip 4 "ffmpeg is not installed"
fi
album raw
mkdir raw
vips tiffsave upright.v raw/IMG_5.dng
exiftool -q -m -overwrite_original '-DNGVersion=1 4 0 0' -Make=Acme raw/IMG_5.dng
vips jpegsave upright.v raw/IMG_5.JPG
run pinhole ingest raw --album raw --json
is "$(pinhole list raw --json | json -c '[.parts[] | [.role, .mime]]')" \
	'[["original","image/jpeg"],["raw","image/x-adobe-dng"]]' "a DNG is told from a TIFF, and belongs to its JPEG"

# --- limits --------------------------------------------------------------------------------

album limits
vips jpegsave upright.v big.jpg
PINHOLE_MEDIA_MAX_PIXELS=1000 fails 3 "more pixels than the limit" pinhole ingest big.jpg --album limits --json
like "$(head -n 1 <<<"$out" | json .reason)" '200 x 120 pixels are more than the limit' "are not decoded"
is "$(head -n 1 <<<"$out" | json .status)" added "the original is kept"
is "$(pinhole album show limits --json | json .photos)" 1 "in the album"
succeeds "later, with room" pinhole show "limits:$(hash_of big.jpg)" --render --json
is "$(json '[.variants[] | select(.path)] | length' <<<"$out")" 2 "it is rendered"

# --- hostile archives ----------------------------------------------------------------------

mkdir -p evil/deep canary/x
vips jpegsave upright.v evil/deep/good.jpg
cp evil/deep/good.jpg evil/deep/bad.jpg
printf bad >>evil/deep/bad.jpg
(cd evil/deep && ln -s ../../canary way &&
	bsdtar -cf ../slip.tar good.jpg && bsdtar -rPf ../slip.tar -s ',bad,../../../canary/bad,' bad.jpg &&
	bsdtar -rPf ../slip.tar -s ",bad,$work/canary/bad," bad.jpg && bsdtar -rf ../slip.tar way &&
	bsdtar -rPf ../slip.tar -s ',bad,way/bad,' bad.jpg)
head -c 300000000 /dev/zero >evil/zeros.jpg
(cd evil && zip -q -9 bomb.zip zeros.jpg && rm zeros.jpg && zip -q nested.zip bomb.zip)
find canary -exec ls -ld --time-style=full-iso {} + >before
album evil
for archive in slip.tar bomb.zip nested.zip; do
	(cd canary/x && run timeout 60 "$PINHOLE" ingest ../../evil/$archive --album evil --json; echo "$rc" >"$work/.rc")
	is "$(cat .rc)" 3 "$archive is refused, or part of it"
done
is "$(pinhole album show evil --json | json .photos)" 1 "only the good picture is there"
find canary -exec ls -ld --time-style=full-iso {} + >after
is "$(diff before after)" '' "nothing was written outside the store"
ok "nor so much into it" test "$(du -sm "$store" | cut -f 1)" -lt 30

# --- names ---------------------------------------------------------------------------------

mkdir -p names/objects.git/x "names/$(printf 'd%.0s' {1..250})"
n=0
vips jpegsave upright.v name.jpg
put() {
	n=$((n + 1))
	{ cat name.jpg && printf '%s' "$n"; } >"names/$1" 2>/dev/null || n=$((n - 1))
}
for byte in $(seq 1 255); do
	[ "$byte" -eq 47 ] || put "a$(printf "\\x$(printf %x "$byte")")b.jpg"
done
for name in $'caf\xc3\xa9.jpg' $'cafe\xcc\x81.jpg' $'\xe2\x80\xaegpj.exe.jpg' '-rf.jpg' '.hidden.jpg' ' .jpg' 'x .jpg ' \
	'%2e%2e%2f.jpg' '$(id).jpg' 'CON.jpg' 'con.jpg' '~.jpg' '*.jpg' $'\xf0\x9f\x8e\x82.jpg' \
	'objects.git/x/x.jpg' "$(printf 'n%.0s' {1..251}).jpg" "$(printf 'd%.0s' {1..250})/deep.jpg"; do
	put "$name"
done
album names
run pinhole ingest names --album names --no-render --json
is "$rc" 0 "$n odd names"
is "$(tail -n 1 <<<"$out" | json .added)" "$n" "all were added"
is "$(pinhole list names --json | json -s length)" "$n" "all are listed as JSON"
unlike "$(pinhole list names; pinhole log names -p)" $'[\001-\010\013-\037\177]' "no control character reaches a terminal"
find names -type f -printf '%f\0' | sort -z >names.there
find "$store/objects" -type f -size -20k -print0 | perl -MJSON::PP -MEncode -0ne 'chomp; open F, $_ or next; local $/; $_ = <F>;
	next unless /^\{/; $f = decode_json($_);
	print defined $f->{name_hex} ? pack("H*", $f->{name_hex}) : encode("UTF-8", $f->{name}), "\0"' |
	sort -zu >names.kept
is "$(sort -zu names.there | comm -z -23 - names.kept | tr '\0' '|')" '' "every name is kept, byte for byte"
succeeds "the store is sound" pinhole fsck --objects
done_testing
