#!/bin/bash
# forms.t - photos by a page's form: many at once, each taken or refused by itself.
. "$(dirname "$0")/lib.sh"
need jq curl
. "$top/tests/pictures.sh"

pinhole init --name Ada -q
for name in ada bob cleo; do
	add_user "$name"
done
no_limits
start_server
declare -A tokens
for name in ada bob cleo; do
	login "$name"
	tokens[$name]=$token
done
as() {
	token=${tokens[$1]}
}
store=$XDG_DATA_HOME/pinhole
as ada
api POST /v1/albums '{"title":"Beach"}'
album=$(json .id <<<"$body")
api POST "/v1/albums/$album/participants" "{\"name\":\"Bob\",\"user\":\"$bob_id\",\"role\":\"viewer\"}"
photos=/v1/albums/$album/photos

# statuses: "name status" of each file of the last answer
statuses() {
	json '[.files[]|"\(.name) \(.status)"]|join(", ")' <<<"$body"
}
hash() {
	sha256sum "$1" | cut -d' ' -f1
}

make_photo a.jpg a
make_plain b.jpg b
echo '<html>no</html>' >page.jpg
: >empty.jpg

# --- what is taken ---------------------------------------------------------------------------------

answers 201 "a form" POST "$photos" -F 'caption=Aм the sea' -F photo=@a.jpg -F other=@page.jpg -F photo=@b.jpg \
	-F photo=@empty.jpg
is "$(statuses)" 'a.jpg added, page.jpg refused, b.jpg added, empty.jpg refused' "each file by itself"
is "$(json '.files[0].photo' <<<"$body")" "$(hash a.jpg)" "with its photo"
like "$(json '.files[1].detail' <<<"$body")" HTML "or why not"
api GET "$photos?order=oldest"
is "$(json '[.photos[].caption]|tostring' <<<"$body")" '["Aм the sea","Aм the sea"]' "and the caption"
is "$(ls "$store/uploads")" '' "nothing is left of the form"
answers 200 "the same file" POST "$photos" -F photo=@a.jpg
is "$(statuses)" 'a.jpg there' "is there already"
make_plain c.jpg c
answers 201 "the same file twice in a form" POST "$photos" -F photo=@c.jpg -F photo=@c.jpg
is "$(statuses)" 'c.jpg added, c.jpg there' "is one photo"
answers 415 "no photo at all" POST "$photos" -F photo=@page.jpg
is "$(statuses)" 'page.jpg refused' "is said, too"
make_plain d.jpg d
api POST "$photos" -F $'photo=@d.jpg;filename="../../etc/d\x1b[2J.jpg"'
is "$status $(statuses)" '201 ../../etc/d\x1b[2J.jpg added' "a hostile name is only a name"

# --- pages -----------------------------------------------------------------------------------------

make_plain e.jpg e
answers 303 "a browser" POST "$photos" -F photo=@e.jpg -H 'Accept: text/html,application/xhtml+xml,*/*' \
	-H "Referer: $base/album/1?page=2"
is "$(header location)" '/album/1?page=2' "goes back to its page"
while read -r referer; do
	api POST "$photos" -F photo=@e.jpg -H 'Accept: text/html' -H "Referer: $referer"
	is "$status $(header location)" '303 /' "but not to $referer"
done <<END
https://evil.example/x
$base.evil.example/x
$base//evil.example
javascript:alert(1)
END
answers 415 "a browser that brings no photo" POST "$photos" -F photo=@page.jpg -H 'Accept: text/html'

# --- what is refused -------------------------------------------------------------------------------

answers 400 "a form without a file" POST "$photos" -F caption=x
form=(-H 'Content-Type: multipart/form-data; boundary=b')
answers 400 "a file input that nobody used" POST "$photos" \
	$'\r\n--b\r\nContent-Disposition: form-data; name="photo"; filename=""\r\n\r\n\r\n--b--\r\n' "${form[@]}"
answers 400 "a form that breaks off" POST "$photos" \
	$'\r\n--b\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n\xff\xd8\xff\r\n--b\r\n' "${form[@]}"
answers 400 "no boundary" POST "$photos" x -H 'Content-Type: multipart/form-data'
answers 415 "no form" POST "$photos" '{}'
head -c 20000 /dev/zero | tr '\0' x >caption
answers 413 "a caption that is too long" POST "$photos" -F photo=@e.jpg -F 'caption=<caption'
answers 400 "a caption that is no text" POST "$photos" -F photo=@e.jpg -F $'caption=\xff\xfe'
files=()
for _ in $(seq 51); do
	files+=(-F 'photo=@e.jpg')
done
answers 413 "too many files" POST "$photos" "${files[@]}"
is "$(ls "$store/uploads")" '' "nothing is left of any"
as bob
answers 403 "a viewer" POST "$photos" -F photo=@e.jpg
as cleo
answers 404 "a stranger" POST "$photos" -F photo=@e.jpg
without_token answers 401 "a form of a page that has no token" POST "$photos" -F photo=@e.jpg

# --- quota -----------------------------------------------------------------------------------------

api POST /v1/albums '{"title":"Mine"}'
photos=/v1/albums/$(json .id <<<"$body")/photos
run pinhole user quota cleo $(($(stat -c %s a.jpg) + 100))
answers 201 "files of more than the quota" POST "$photos" -F photo=@a.jpg -F photo=@b.jpg
is "$(statuses)" 'a.jpg added, b.jpg refused' "are taken as far as it goes"
like "$(json '.files[1].detail' <<<"$body")" 'quota has' "and the others are told"
answers 413 "what is over it alone" POST "$photos" -F photo=@b.jpg

# --- what belongs together -------------------------------------------------------------------------

as ada
api POST /v1/albums '{"title":"Pairs"}'
pairs=$(json .id <<<"$body")
api POST "/v1/albums/$pairs/participants" "{\"name\":\"Bob\",\"user\":\"$bob_id\"}"
make_photo IMG_0001.JPG pair
make_photo IMG_E0001.JPG edited
make_photo other.jpg other
answers 201 "a photo and its edited copy" POST "/v1/albums/$pairs/photos" -F photo=@IMG_0001.JPG -F photo=@IMG_E0001.JPG
is "$(json '[.files[].role]|tostring' <<<"$body")" '["original","edited"]' "are one photo"
as bob
answers 201 "another person's file of that name" POST "/v1/albums/$pairs/photos" -F 'photo=@other.jpg;filename=IMG_E0001.JPG'
is "$(json '.files[0].role' <<<"$body")" original "is one of its own"
run pinhole fsck --objects
is "$rc" 0 "the store is sound"
done_testing
