#!/bin/bash
# originals.t - the bytes of photos: whole and in ranges, for whom, and never as a page that a browser runs.
. "$(dirname "$0")/lib.sh"
. "$top/tests/http/photos.sh"
need jq curl

# Polyglots: pictures for one reader, pages for another.
mkdir more
make_photo more/page.html.jpg '<html><script>alert(1)</script></html>'
{ printf 'GIF89a/*\1\0\1\0\0\0*/=1;alert(1);//' && head -c 100 /dev/zero; } >more/script.gif
make_plain 'more/a"; filename=evil.html; x=".jpg' 1
make_plain $'more/\u202egpj.exe\u00e9.jpg' 2
printf '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>' >more/drawing.jpg
serve_photos
pinhole ingest -q --album beach more 2>/dev/null

original=$beach/photos/$one/original
size=$(stat -c %s one.jpg)

# bytes_are FROM LENGTH NAME: what came is that part of one.jpg
bytes_are() {
	ok "$3" cmp -s "$work/.body" <(tail -c "+$(($1 + 1))" one.jpg | head -c "$2")
}

answers 200 "an original" GET "$original"
bytes_are 0 "$size" "byte by byte"
is "$(header content-type)" image/jpeg "as what it is"
is "$(header etag)" "\"$one-original\"" "with a strong tag"
is "$(header cache-control)" "private, max-age=31536000, immutable" "kept by the browser"
is "$(header vary)" Authorization "for who asked"
is "$(header accept-ranges)" bytes "ranges are taken"
is "$(header content-length)" "$size" "its length"
is "$(header x-content-type-options)" nosniff "never taken for something else"
like "$(header content-security-policy)" sandbox "never run"
is "$(header content-disposition)" "inline; filename=\"one.jpg\"; filename*=UTF-8''one.jpg" "called as it was"
answers 200 "to be saved" GET "$original?download=1"
like "$(header content-disposition)" '^attachment; ' "when asked so"
answers 200 "only what is known about it" HEAD "$original"
is "$(header content-length)" "$size" "its length"
is "$(header etag)" "\"$one-original\"" "its tag"

# --- conditions and ranges ------------------------------------------------------------------------

answers 304 "what the browser has is not sent" GET "$original" -H "If-None-Match: \"x\", \"$one-original\""
is "$(wc -c <"$work/.body" | tr -d ' ')" 0 "not a byte"
is "$(header cache-control)" "private, max-age=31536000, immutable" "and is kept on"
while read -r range from length; do
	answers 206 "a range: $range" GET "$original" -H "Range: bytes=$range"
	bytes_are "$from" "$length" "just these bytes"
	is "$(header content-range)" "bytes $from-$((from + length - 1))/$size" "which are named"
done <<END
0-0 0 1
10-19 10 10
100- 100 $((size - 100))
-7 $((size - 7)) 7
$((size - 1))-99999999999999999999 $((size - 1)) 1
END
for range in "$size-" -0 99999999999999999999-; do
	answers 416 "no such range: $range" GET "$original" -H "Range: bytes=$range"
	is "$(header content-range)" "bytes */$size" "with how long it is"
	is "$(header cache-control)" "" "not to be kept"
done
for range in 5-2 0-1,4-5 x; do
	answers 200 "all of it for: $range" GET "$original" -H "Range: bytes=$range"
done
answers 206 "a range of the same file" GET "$original" -H 'Range: bytes=0-3' -H "If-Range: \"$one-original\""
answers 200 "all of another" GET "$original" -H 'Range: bytes=0-3' -H 'If-Range: "another"'
answers 200 "a date is no proof" GET "$original" -H 'Range: bytes=0-3' -H 'If-Range: Sat, 21 Nov 2026 00:00:00 GMT'

# --- parts ----------------------------------------------------------------------------------------

answers 200 "a part by its hash" GET "$beach/photos/$one/parts/$one"
bytes_are 0 "$size" "is a file of the photo"
answers 404 "another photo's is none" GET "$beach/photos/$one/parts/$plain"
answers 404 "nor is what does not exist" GET "$beach/photos/$one/parts/$(printf '0%.0s' {1..64})"
answers 404 "nor what is no hash" GET "$beach/photos/$one/parts/original"

# --- what browsers might run ----------------------------------------------------------------------

api GET "$beach/photos?limit=200"
cp .body all.json
is "$(json '[.photos[]|select(.name=="drawing.jpg")]|length' <all.json)" 0 "a drawing with a script was not taken"
seen=0
for photo in $(json '.photos[].photo' <all.json); do
	api GET "$beach/photos/$photo/original"
	seen=$((seen + 1))
	like "$status $(header content-type) $(header x-content-type-options)" '^200 image/(jpeg|gif) nosniff$' "photo $seen is a picture"
	like "$(header content-security-policy)" "default-src 'none'.*sandbox" "and nothing else"
	is "$(header content-disposition | wc -l)" 1 "with one name"
	like "$(header content-disposition)" "^inline; filename=\"[^\"\\\\/]*\"; filename\\*=UTF-8''[]A-Za-z0-9%!#\$&+.^_\`|~-]*$" "of one form"
done
is "$seen" 6 "all that was taken was looked at"

# --- for whom -------------------------------------------------------------------------------------

as_user bob
answers 200 "a member gets originals" GET "$original"
as_user vera
for path in original "parts/$one"; do
	answers 403 "a viewer does not: ${path:0:5}" GET "$beach/photos/$one/$path"
	is "$(header content-type)" application/problem+json "and is told"
	unlike "$body" 'SN-123456' "only that"
done
answers 403 "nor all of them" GET "$beach.zip"
as_user mallory
answers 404 "a stranger finds none" GET "$original"
done_testing
