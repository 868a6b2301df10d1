#!/bin/bash
# media-sandbox.t - the decoder's lock holds, and its doors for tests work behind it.
. "$(dirname "$0")/../lib.sh"

media=$(dirname "$PINHOLE")/pinhole-media
[ -x "$media" ] || media=$top/build/pinhole-media
if [ ! -x "$media" ]; then
	echo "1..0 # SKIP pinhole-media is not built"
	exit 0
fi

for kind in image video; do
	succeeds "the $kind sandbox" "$media" --check-sandbox "$kind"
	is "$out" tight "has no hole"
done

# A picture of one pixel: the smallest GIF there is.
printf 'GIF89a\1\0\1\0\200\0\0\377\0\0\0\0\0,\0\0\0\0\1\0\1\0\0\2\2D\1\0;' >pixel.gif
succeeds "a picture is probed" "$media" --probe pixel.gif
like "$out" '"mime":"image/gif".*"width":1' "by its bytes"
succeeds "and rendered" "$media" --render pixel.gif out.png 32 32 cover
like "$(head -c 4 out.png | tail -c 3)" PNG "as the output's name says"

cp pixel.gif lies.jpg
run "$media" --probe lies.jpg
like "$out" '"mime":"image/gif"' "a wrong name changes nothing"

printf '<svg xmlns="http://www.w3.org/2000/svg"/>' >picture.png
fails 1 "SVG is refused" "$media" --probe picture.png
like "$err" SVG "by its name"
: >empty.jpg
fails 1 "an empty file is refused" "$media" --probe empty.jpg
like "$err" empty "as such"
fails 1 "a file that is not there" "$media" --probe nothing.jpg
fails 2 "no arguments" "$media"
fails 2 "a sandbox of another kind" "$media" --check-sandbox audio

cat >side.xmp <<'XMP'
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="5"/></rdf:RDF></x:xmpmeta>
XMP
succeeds "a sidecar" "$media" --probe pixel.gif side.xmp
like "$out" '"rating":5' "lends its facts"
printf '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>' >bomb.xmp
succeeds "a sidecar with a document type" "$media" --probe pixel.gif bomb.xmp
like "$out" 'document type declaration is refused' "is noted and not read"

done_testing
