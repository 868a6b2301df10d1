#!/bin/bash
# images.t - photos as pictures of a size: which sizes, rendered once, kept within bounds, and what strange files do
# to whoever asks for them.
. "$(dirname "$0")/lib.sh"
. "$top/tests/http/photos.sh"
need jq curl python3

cat >header.py <<'END'
# Prints type, width and height of a JPEG or WebP, and whether it holds metadata.
import re, struct, sys
b = open(sys.argv[1], "rb").read()
if b[:4] == b"RIFF":
    w, h = {b"VP8 ": lambda: struct.unpack("<HH", b[26:30]), b"VP8X": lambda: (1 + int.from_bytes(b[24:27], "little"),
        1 + int.from_bytes(b[27:30], "little"))}[b[12:16]]()
    print("webp", w & 0x3fff, h & 0x3fff, "bare" if b"EXIF" not in b and b"XMP " not in b else "metadata")
else:
    at = 2
    kept = "bare"
    while True:
        marker, length = struct.unpack(">HH", b[at:at + 4])
        if marker in (0xffe1, 0xffed):
            kept = "metadata"
        if 0xffc0 <= marker <= 0xffc2:
            h, w = struct.unpack(">HH", b[at + 5:at + 9])
            break
        at += 2 + length
    print("jpeg", w, h, kept)
END
# picture_is WANT NAME: what came is such a picture
picture_is() {
	is "$(python3 header.py "$work/.body")" "$1" "$2"
}
rendered() {
	without_token api GET /metrics
	awk '$1 == "pinhole_renders_total" { print $2 }' "$work/.body"
}

mkdir bad
make_photo bad/whole.jpg bomb
head -c 400 bad/whole.jpg >bad/cut.jpg
# A picture that says it is 60,000 pixels wide and high.
python3 - <<'END'
import struct, zlib
chunk = lambda kind, data: struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))
open("bad/bomb.png", "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">LLBBBBB", 60000, 60000, 8, 2, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(bytes(100000))) + chunk(b"IEND", b""))
END
serve_photos serve.rate-user=0 serve.image-key="a key"
pinhole ingest -q --album beach bad 2>/dev/null
image=$beach/photos/$one/image
cache=$XDG_DATA_HOME/pinhole/cache

# --- sizes ----------------------------------------------------------------------------------------

answers 200 "a picture" GET "$image.jpg?w=640"
picture_is "jpeg 48 32 bare" "is never enlarged, and tells nothing"
is "$(header content-type)" image/jpeg "its type"
is "$(header etag)" "\"$one-640k640q80.r0.jpg\"" "a strong tag"
is "$(header cache-control)" "private, max-age=31536000, immutable" "kept by the browser"
is "$(header vary)" Authorization "for who asked"
cp .body first
answers 200 "the same again" GET "$image.jpg?w=640"
ok "is the same" cmp -s first .body
answers 304 "what the browser has is not sent" GET "$image.jpg?w=640" -H "If-None-Match: \"$one-640k640q80.r0.jpg\""
answers 206 "a part of it" GET "$image.jpg?w=640" -H 'Range: bytes=0-1'
is "$(wc -c <.body | tr -d ' ')" 2 "is a part"
answers 200 "another format" GET "$image.webp?w=640"
picture_is "webp 48 32 bare" "is one"
answers 200 "filling a box" GET "$image.jpg?w=640&h=320&fit=cover&q=90"
picture_is "jpeg 640 320 bare" "fills it"
answers 200 "the thumbnail" GET "$image.jpg?w=320&fit=cover"
is "$(header etag)" "\"$one-thumb.r0.jpg\"" "is the one that ingest made"
answers 200 "the preview" GET "$image.jpg?w=1600"
is "$(header etag)" "\"$one-preview.r0.jpg\"" "is, too"
for bad in w=333 'w=320&h=1' w=0 w=-1 w=99999 w=x 'w=320&q=55' 'w=320&q=0' 'w=320&fit=fill' h=320 ''; do
	answers 400 "no such size: $bad" GET "$image.jpg?$bad"
done
answers 404 "no such format" GET "$image.avif?w=320"

# --- signed sizes ---------------------------------------------------------------------------------

# signature TEXT: by the server's key
signature() {
	python3 -c 'import hashlib, hmac, sys; print(hmac.new(b"a key", sys.argv[1].encode(), hashlib.sha256).hexdigest())' "$1"
}
later=$(($(date +%s) + 600))
asked="w=33&h=22&fit=cover&q=55&expires=$later"
sig=$(signature "${beach#/v1/albums/}/$one/jpg?$asked")
answers 200 "a signed size" GET "$image.jpg?$asked&sig=$sig"
picture_is "jpeg 33 22 bare" "of any measure"
answers 400 "not without the signature" GET "$image.jpg?$asked"
answers 403 "nor with another" GET "$image.jpg?$asked&sig=${sig//[0-4]/5}"
answers 403 "nor for another size" GET "$image.jpg?${asked/w=33/w=34}&sig=$sig"
answers 403 "nor for another format" GET "$image.webp?$asked&sig=$sig"
answers 403 "nor for another photo" GET "$beach/photos/$plain/image.jpg?$asked&sig=$sig"
answers 403 "nor for longer" GET "$image.jpg?${asked/expires=/expires=1}&sig=$sig"
past="w=33&h=22&fit=cover&q=55&expires=1000"
answers 403 "nor after its time" GET "$image.jpg?$past&sig=$(signature "${beach#/v1/albums/}/$one/jpg?$past")"
as_user mallory
answers 404 "a signature opens nothing" GET "$image.jpg?$asked&sig=$sig"
as_user vera
answers 200 "a viewer sees pictures" GET "$image.jpg?w=640"
as_user ada

# --- each once ------------------------------------------------------------------------------------

before=$(rendered)
pids=()
for i in $(seq 20); do
	curl -sS --max-time 60 -o "many.$i" -H "Authorization: Bearer $token" "$base$image.jpg?w=1280&h=640" &
	pids+=($!)
done
wait "${pids[@]}"
is "$(sha256sum many.* | cut -d ' ' -f 1 | sort -u | wc -l)" 1 "twenty who ask at once get the same picture"
is "$(($(rendered) - before))" 1 "which was rendered once"

printf 'GET %s.jpg?w=1600&h=320 HTTP/1.1\nAuthorization: Bearer %s\n' "$image" "$token" >saved
succeeds "a saved request is rendered with no socket" pinhole http-request saved
like "$(head -c 12 .out)" '^HTTP/1.1 200$' "and answered"

# --- as the photo is now --------------------------------------------------------------------------

answers 200 "a photo is turned" PATCH "$beach/photos/$one" '{"rotate":90}'
answers 200 "its picture" GET "$image.jpg?w=640"
picture_is "jpeg 32 48 bare" "is turned"
is "$(header etag)" "\"$one-640k640q80.r1.jpg\"" "with another tag"
pinhole set "$one" --rotate none >/dev/null
turned() {
	api GET "$image.jpg?w=640"
	[ "$(header etag)" = "\"$one-640k640q80.r0.jpg\"" ]
}
ok "what another process changes is seen" soon turned
rm -rf "$cache"
answers 200 "an emptied cache" GET "$image.jpg?w=640"
picture_is "jpeg 48 32 bare" "is filled again"

# --- files that cannot be rendered ----------------------------------------------------------------

bomb=$(photo_of bad/bomb.png) cut=$(photo_of bad/cut.jpg)
for _ in 1 2; do
	answers 422 "a bomb" GET "$beach/photos/$bomb/image.jpg?w=640"
	is "$(header content-type)" application/problem+json "is refused"
	like "$(json .detail <<<"$body")" 'cannot be rendered: .' "with a reason"
done
answers 200 "but its original is there" GET "$beach/photos/$bomb/original"
api GET "$beach/photos/$cut/image.jpg?w=640"
like "$status" '^(200|422)$' "what is cut off is shown as far as it goes, or refused"
answers 200 "and others are rendered on" GET "$beach/photos/$plain/image.jpg?w=640"

# --- the quota ------------------------------------------------------------------------------------

pinhole config set serve.cache-quota 1
kill -HUP "$server_pid"
find "$cache" -name '*-[0-9]*' -exec touch -d '1 hour ago' {} +
many=$(find "$cache" -name '*-[0-9]*' | wc -l)
kept=$(find "$cache" -name '*-thumb*' -o -name '*-preview*' | wc -l)
ok "something was rendered" test "$many" -ge 2
thinned() {
	rm -f "$cache"/*/*-2560*
	api GET "$image.jpg?w=2560"
	[ "$(find "$cache" -name '*-[0-9]*' | wc -l)" -eq 1 ]
}
ok "a quota that shrinks takes what was not looked at" soon thinned
is "$status" 200 "not what is just being answered"
is "$(find "$cache" -name '*-thumb*' -o -name '*-preview*' | wc -l)" "$kept" "nor what ingest made"

# --- several places ---------------------------------------------------------------------------------

stop_server
is "$server_rc" 0 "the server stops"
pinhole config set cache.dir "$work/c1" "$work/c2"
pinhole config set serve.cache-quota 1M
start_server
for photo in "$one" "$plain"; do
	answers 200 "a picture goes to one of two places" GET "$beach/photos/$photo/image.webp?w=2560"
done
is "$(find c1 c2 -name '*-2560*' | cut -c 1-5 | sort | tr '\n' ' ')" "c1/$(printf '%.2s' "$one") c2/$(printf '%.2s' "$plain") " "by its hash"
before=$(rendered)
answers 200 "what lies in the old place" GET "$image.jpg?w=2560"
is "$(($(rendered) - before))" 0 "is found there"

is "$(grep -c '"route":"getImage[a-zA-Z]*".*"status":500' "$work/server.log")" 0 "nothing went wrong"
done_testing
