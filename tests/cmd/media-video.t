#!/bin/bash
# media-video.t - videos made here by ffmpeg: facts without it, a poster frame with it.
. "$(dirname "$0")/../lib.sh"

media=$(dirname "$PINHOLE")/pinhole-media
[ -x "$media" ] || media=$top/build/pinhole-media
skip() {
	echo "1..0 # SKIP $1"
	exit 0
}
[ -x "$media" ] || skip "pinhole-media is not built"
command -v ffmpeg >/dev/null || skip "ffmpeg is not installed"

make_video() {
	ffmpeg -nostdin -v error -f lavfi -i "testsrc=size=160x96:rate=10:duration=2" "$@" 2>/dev/null
}
make_video -metadata creation_time=2022-03-04T05:06:07Z -metadata location=+43.2951+005.3744/ \
	-c:v mpeg4 movie.mp4 || skip "ffmpeg cannot make MPEG-4"
make_video -c:v mpeg4 -f mov late.mov

succeeds "an MP4 is probed" "$media" --probe movie.mp4
like "$out" '"mime":"video/mp4","kind":"video"' "as a video"
like "$out" '"width":160,"height":96,"duration_ms":2000' "with its size and length"
like "$out" '"taken_local":"2022-03-04T05:06:07".*"offset":0,"offset_source":"utc"' "its date in UTC"
like "$out" '"lat_e7":43295[0-9]+,"lon_e7":5374[0-9]+' "and its place (in 16 bits of fraction)"
succeeds "its poster is made" "$media" --render movie.mp4 poster.jpg 80 80 contain
like "$err" '80x48 [0-9]+ bytes' "of the right shape"
succeeds "a MOV too" "$media" --render late.mov poster.png 40 40 cover
like "$err" '40x40 [0-9]+ bytes' "cropped to its box"

# Turned by a matrix, as phones do.
if ffmpeg -nostdin -v error -display_rotation 90 -i movie.mp4 -c copy turned.mp4 2>/dev/null ||
	ffmpeg -nostdin -v error -i movie.mp4 -c copy -metadata:s:v rotate=90 turned.mp4 2>/dev/null; then
	run "$media" --render turned.mp4 turned.jpg 80 80 contain
	like "$out" '"width":96,"height":160' "a turned video is upright in the facts"
	like "$err" '48x80 [0-9]+ bytes' "and on its poster"
fi

if make_video -c:v libvpx small.webm; then
	succeeds "a WebM is rendered" "$media" --render small.webm webm.jpg 80 80 contain
	like "$out" '"mime":"video/webm".*"width":160,"height":96,"duration_ms":2000' "with its facts"
fi

# A playlist that names another file is no video, whatever it is called.
printf '#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n' >list.mp4
fails 1 "a playlist is refused" "$media" --render list.mp4 list.jpg 80 80 contain
head -c 3000 movie.mp4 >cut.mp4
run "$media" --render cut.mp4 cut.jpg 80 80 contain
is "$rc" 1 "a cut video has no poster"
like "$err" 'ffmpeg found no' "and says why"

done_testing
