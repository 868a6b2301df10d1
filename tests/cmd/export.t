#!/bin/bash
# export.t - pinhole export: folder, zip, tar.zst; refused, and nothing half where the disk fills up.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/pictures.sh"

pinhole init -q --name Ada
succeeds "an album" pinhole album create -q beach --title 'A day'
succeeds "with a message" pinhole send -q beach -m 'hello'

fails 2 "without words" pinhole export
fails 2 "without a target" pinhole export beach
fails 5 "an album that is not there" pinhole export beech out
ok "makes nothing" test ! -e out

succeeds "a folder" pinhole export beach out
is "$out" "" "prints no result"
like "$err" 'out: 0 photos \(0 B\), 1 message' "but says what is in it"
is "$(json .format <out/album.json)" pinhole-album "it holds album.json"
is "$(json '.messages[].text' <out/album.json)" hello "with the talk"
ok "sha256sum checks it" sh -c 'cd out && sha256sum --quiet -c SHA256SUMS'
fails 6 "a folder with something in it" pinhole export beach out
mkdir empty
succeeds "an empty folder may be there" pinhole export beach empty
ok "it is filled" test -e empty/album.json

succeeds "a zip, in JSON" pinhole export --json beach a.zip
is "$(json '"\(.path) \(.photos) \(.messages) \(.absent)"' <<<"$out")" "a.zip 0 1 0" "says what is in it"
is "$err" "" "and nothing else"
succeeds "a compressed tar" pinhole export beach a.tar.zst
ok "zstd reads it" zstd -tq a.tar.zst
fails 6 "a file that exists" pinhole export beach a.zip
fails 5 "a folder that is not there" pinhole export beach nowhere/out
fails 2 "another way to link" pinhole export --link=soft beach soft
succeeds "hard links" pinhole export --link=hard beach hard

full() {
	(
		trap '' XFSZ
		ulimit -f 1
		"$PINHOLE" export beach full.zip
	)
}
pinhole send beach -m "$(head -c 8000 /dev/zero | tr '\0' x)" >/dev/null
run full
isnt "$rc" 0 "a disk that fills up is a failure"
ok "that leaves no file" test ! -e full.zip
is "$(find . -maxdepth 1 -name '.*' -type f ! -name .out ! -name .err)" "" "nor anything beside it"

make_photo one.jpg
make_plain two.jpg
pinhole ingest -q one.jpg two.jpg --album beach
succeeds "photos" pinhole export beach photos
is "$(find photos -name '*.jpg' | wc -l)" 2 "go out as they are"
is "$(find photos -name '*.jpg.xmp' | wc -l)" 2 "each with a sidecar"
is "$(sha256sum <photos/*_one.jpg)" "$(sha256sum <one.jpg)" "byte for byte"
ok "sha256sum checks them" sh -c 'cd photos && sha256sum --quiet -c SHA256SUMS'
done_testing
