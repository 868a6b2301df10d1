#!/bin/bash
# zip.t - an album's originals as one archive: what `pinhole export` would make, while it is sent.
. "$(dirname "$0")/lib.sh"
. "$top/tests/http/photos.sh"
need jq curl python3

mkdir more
for i in 1 2 3; do
	mkdir "more/$i"
	make_photo "more/$i/IMG_1.JPG" "$i"
done
make_plain $'more/\u00e9t\u00e9\u202e.jpg' x
serve_photos
pinhole ingest -q --album beach more

answers 200 "an archive" GET "$beach.zip"
cp .body beach.zip
is "$(header content-type)" application/zip "is one"
is "$(header content-disposition)" "attachment; filename=\"Beach.zip\"; filename*=UTF-8''Beach.zip" "by the album's title"
ok "which is whole" python3 -c 'import sys, zipfile; sys.exit(zipfile.ZipFile("beach.zip").testzip() is not None)'
mkdir got
python3 -c 'import zipfile; zipfile.ZipFile("beach.zip").extractall("got")'
pinhole export beach want >/dev/null
rm -f want/*.xmp want/album.json want/SHA256SUMS
is "$(cd got && sha256sum -- * | sort)" "$(cd want && sha256sum -- * | sort)" "with the names and bytes of an export"
is "$(find got -type f | wc -l)" 6 "six of them"
ok "it can be unpacked while it arrives" python3 - <<'END'
import struct, zlib
data, at, files = open("beach.zip", "rb").read(), 0, 0
while data[at:at + 4] == b"PK\3\4":
    flags, method, crc, packed, size, name, extra = struct.unpack("<6xHH4xLLLHH", data[at:at + 30])
    body = data[at + 30 + name + extra:][:size]
    assert flags & 8 == 0 and method == 0 and packed == size and zlib.crc32(body) == crc
    at += 30 + name + extra + size
    files += 1
assert files == 6 and data[at:at + 4] == b"PK\1\2"
END

answers 204 "a photo is removed" DELETE "$beach/photos/$one"
api GET "$beach.zip"
cp .body beach.zip
is "$(python3 -c 'import zipfile; print(len(zipfile.ZipFile("beach.zip").namelist()))')" 5 "and is not handed on"
pinhole album create empty >/dev/null
answers 200 "an album without photos" GET "/v1/albums/$(pinhole album show empty --json | json .id).zip"
cp .body empty.zip
is "$(python3 -c 'import zipfile; print(zipfile.ZipFile("empty.zip").namelist())')" '[]' "is an empty archive"

rm -f "$XDG_DATA_HOME/pinhole/objects/${plain:0:2}/${plain:2}"
answers 200 "an original that the store lacks" GET "$beach.zip"
cp .body beach.zip
is "$(python3 -c 'import zipfile; print(len(zipfile.ZipFile("beach.zip").namelist()))')" 4 "does not keep the others back"
# Access ends also in the middle.  (The photo is as large as no socket's buffers are.)
make_photo large.jpg
head -c 40000000 /dev/zero >>large.jpg
pinhole ingest -q --album beach large.jpg
curl -sS --max-time 60 --limit-rate 4M -o slow.zip -H "Authorization: Bearer $bob" "$base$beach.zip" 2>slow.err &
slow=$!
ok "a member gets the archive slowly" soon test -s slow.zip
answers 204 "and is removed" DELETE "$beach/participants/$bob_id"
wait "$slow"
isnt $? 0 "then no more of it comes"
ok "but what was on its way" test "$(stat -c %s slow.zip)" -lt 40000000
as_user vera
answers 403 "a viewer gets none" GET "$beach.zip"
as_user mallory
answers 404 "nor does a stranger" GET "$beach.zip"
done_testing
