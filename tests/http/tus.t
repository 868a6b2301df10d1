#!/bin/bash
# tus.t - resumable uploads: every MUST of tus 1.0.0, whose they are, and what becomes of their bytes, also when
# the connection or the server breaks.
. "$(dirname "$0")/lib.sh"
need jq curl python3
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
ours=(-H 'Tus-Resumable: 1.0.0')
chunk=(-H 'Content-Type: application/offset+octet-stream')

# sends STATUS NAME METHOD PATH [...]: answers, with our version
sends() {
	answers "$@" "${ours[@]}"
}

# create LENGTH [CURL-OPTION...]: a new upload of that length; its path is in $upload
create() {
	api POST "/v1/albums/$album/uploads" -H "Upload-Length: $1" "${ours[@]}" "${@:2}"
	upload=$(header location)
	[ "$status" = 201 ]
}

# patch STATUS NAME OFFSET BYTES|@FILE [...]
patch() {
	sends "$1" "$2" PATCH "$upload" "$4" "${chunk[@]}" -H "Upload-Offset: $3" "${@:5}"
}

# offset WANT NAME: where the upload is
offset() {
	api HEAD "$upload" "${ours[@]}"
	is "$(header upload-offset)" "$1" "$2"
}

# sql STATEMENT: as only a test may
sql() {
	python3 - "$store/pinhole.db" "$1" <<'PYTHON'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=10)
for row in db.execute(sys.argv[2]):
    print("|".join(map(str, row)))
db.commit()
PYTHON
}

photos() {
	api GET "/v1/albums/$album/photos"
	json '.photos|length' <<<"$body"
}

as ada
api POST /v1/albums '{"title":"Beach"}'
album=$(json .id <<<"$body")
make_photo a.jpg
size=$(stat -c %s a.jpg)
hash=$(sha256sum a.jpg | cut -d' ' -f1)

# --- what it can do --------------------------------------------------------------------------------

for path in /v1/uploads "/v1/albums/$album/uploads" /v1/uploads/x; do
	without_token answers 204 "OPTIONS $path" OPTIONS "$path" -H 'Tus-Resumable: 9.9'
done
is "$(header tus-version)" 1.0.0 "Tus-Version"
is "$(header tus-extension)" creation,creation-with-upload,expiration,checksum,termination "Tus-Extension"
is "$(header tus-max-size)" 4294967296 "Tus-Max-Size"
is "$(header tus-checksum-algorithm)" sha1,sha256 "Tus-Checksum-Algorithm, with sha1"
is "$(header tus-resumable)" 1.0.0 "Tus-Resumable"

# --- creation --------------------------------------------------------------------------------------

metadata="filename $(printf 'dir/IMG_1.JPG' | base64),caption $(printf 'At the sea' | base64),flag"
sends 201 "an upload is made" POST "/v1/albums/$album/uploads" -H "Upload-Length: $size" \
	-H "Upload-Metadata: $metadata"
upload=$(header location)
like "$upload" '^/v1/uploads/[0-9a-f-]{36}$' "Location"
like "$(header upload-expires)" '^[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT$' "Upload-Expires"
is "$(header tus-resumable)" 1.0.0 "Tus-Resumable"
first=$upload

while IFS='|' read -r want name headers; do
	arguments=()
	while read -r -d ';' line; do
		[ -z "$line" ] || arguments+=(-H "$line")
	done <<<"$headers;"
	sends "$want" "$name" POST "/v1/albums/$album/uploads" "${arguments[@]}"
	is "$(header location)$(header tus-resumable)" 1.0.0 "$name: no Location, but Tus-Resumable"
done <<'END'
400|no length|X-Nothing: 1
400|a length that is none|Upload-Length: many
400|a negative length|Upload-Length: -1
400|length and no length|Upload-Length: 5; Upload-Defer-Length: 1
400|Upload-Defer-Length of 2|Upload-Defer-Length: 2
413|too long|Upload-Length: 4294967297
413|far too long|Upload-Length: 9223372036854775807
400|longer than a number|Upload-Length: 9223372036854775808
400|a key twice|Upload-Length: 5; Upload-Metadata: a YQ==,a YQ==
400|an empty key|Upload-Length: 5; Upload-Metadata: a YQ==,,b
400|a caption that is no text|Upload-Length: 5; Upload-Metadata: caption //79
400|a value that is no base64|Upload-Length: 5; Upload-Metadata: a Y
415|nothing at all is no photo|Upload-Length: 0
END
sends 415 "a body of another type" POST "/v1/albums/$album/uploads" abc -H 'Upload-Length: 3' \
	-H 'Content-Type: text/plain'
for version in 0.2.2 1.0 ''; do
	answers 412 "version '$version'" POST "/v1/albums/$album/uploads" -H 'Upload-Length: 5' -H "Tus-Resumable; $version"
	is "$(header tus-version)" 1.0.0 "version '$version': Tus-Version says which"
done

# --- where it is -----------------------------------------------------------------------------------

sends 200 "HEAD" HEAD "$upload"
is "$(header upload-offset) $(header upload-length)" "0 $size" "Upload-Offset and Upload-Length"
is "$(header upload-metadata)" "$metadata" "Upload-Metadata as they came"
is "$(header cache-control)" no-store "not to be cached"
answers 412 "HEAD of another version" HEAD "$upload" -H 'Tus-Resumable: 2.0.0'
is "$(header upload-offset)" '' "does not tell"
for path in /v1/uploads/00000000-0000-7000-8000-000000000000 /v1/uploads/x; do
	sends 404 "HEAD $path" HEAD "$path"
	is "$(header upload-offset)$(header tus-resumable)" 1.0.0 "has no offset, but Tus-Resumable"
done

# --- bytes -----------------------------------------------------------------------------------------

head -c 100 a.jpg >part
sends 415 "another type" PATCH "$upload" abc -H 'Content-Type: text/plain' -H 'Upload-Offset: 0'
sends 400 "no offset" PATCH "$upload" abc "${chunk[@]}"
patch 400 "an offset that is none" x abc
patch 409 "an offset too far" 1 @part
answers 412 "another version" PATCH "$upload" @part "${chunk[@]}" -H 'Upload-Offset: 0' -H 'Tus-Resumable: 0.9'
offset 0 "nothing of that changed it"
patch 204 "the first bytes" 0 @part
is "$(header upload-offset)" 100 "are counted"
isnt "$(header upload-expires)" '' "with Upload-Expires"
patch 409 "the same once more" 0 @part
offset 100 "are not taken twice"
head -c "$size" /dev/zero >long
patch 413 "more than there should be" 100 @long
patch 413 "also without telling so" 100 @long -H 'Transfer-Encoding: chunked'
offset 100 "none of it is kept"
upload=/v1/uploads/00000000-0000-7000-8000-000000000000
patch 404 "to nowhere" 0 @part
upload=$first
is "$(photos)" 0 "no photo yet"
tail -c +101 a.jpg >rest
patch 204 "the rest" 100 @rest
is "$(header upload-offset)" "$size" "is counted"
is "$(header pinhole-photo)" "$hash" "and is a photo"
offset "$size" "HEAD says so afterwards"
is "$(header pinhole-photo)" "$hash" "with the photo"
patch 204 "nothing more can come" "$size" ''
patch 413 "really" "$size" abc
is "$(ls "$store/uploads")" '' "its bytes are an object now"
api GET "/v1/albums/$album/photos/$hash"
is "$(json '[.caption,.kind,.mime]|tostring' <<<"$body")" '["At the sea","image","image/jpeg"]' "with its caption"
run pinhole show "${hash:0:12}" --json
is "$(json .name <<<"$out")" IMG_1.JPG "and the file's name, without its directory"
is "$(json '[.variants[].name]|tostring' <<<"$out")" '["thumb","preview"]' "thumbnail and preview are there"
curl -sS "$base/v1/albums/$album/photos/$hash/original" -H "Authorization: Bearer $token" -o back
ok "the bytes are the same" cmp -s back a.jpg

# --- at once, and without PATCH --------------------------------------------------------------------

make_plain b.jpg b
sends 201 "all bytes with the creation" POST "/v1/albums/$album/uploads" @b.jpg "${chunk[@]}" \
	-H "Upload-Length: $(stat -c %s b.jpg)"
is "$(header upload-offset)" "$(stat -c %s b.jpg)" "Upload-Offset"
is "$(header pinhole-photo)" "$(sha256sum b.jpg | cut -d' ' -f1)" "is a photo at once"
as_before() {
	[ "$(find "$store/objects" -type f | wc -l)" = "$before" ]
}
before=$(find "$store/objects" -type f | wc -l)
sends 201 "the same once more" POST "/v1/albums/$album/uploads" @b.jpg "${chunk[@]}" -H "Upload-Length: $(stat -c %s b.jpg)"
ok "leaves no file behind" soon as_before
make_plain c.jpg c
head -c 90 c.jpg >part
tail -c +91 c.jpg >rest
sends 201 "some with the creation" POST "/v1/albums/$album/uploads" @part "${chunk[@]}" \
	-H "Upload-Length: $(stat -c %s c.jpg)"
is "$(header upload-offset)" 90 "Upload-Offset"
upload=$(header location)
sends 204 "the rest by POST" POST "$upload" @rest "${chunk[@]}" -H 'Upload-Offset: 90' \
	-H 'X-HTTP-Method-Override: PATCH'
is "$(header pinhole-photo)" "$(sha256sum c.jpg | cut -d' ' -f1)" "X-HTTP-Method-Override counts"
sends 204 "given up by POST" POST "$upload" -H 'X-HTTP-Method-Override: DELETE'
sends 404 "is gone" HEAD "$upload"

# --- a length that comes late ----------------------------------------------------------------------

make_plain d.jpg d
head -c 90 d.jpg >part
tail -c +91 d.jpg >rest
sends 201 "no length yet" POST "/v1/albums/$album/uploads" -H 'Upload-Defer-Length: 1'
upload=$(header location)
patch 204 "bytes all the same" 0 @part
api HEAD "$upload" "${ours[@]}"
is "$(header upload-offset) $(header upload-defer-length) $(header upload-length)" "90 1 " "HEAD says that it is not known"
patch 413 "a length over the limit" 90 @rest -H 'Upload-Length: 4294967297'
patch 400 "a length that is too short" 90 '' -H 'Upload-Length: 89'
patch 204 "the length" 90 '' -H "Upload-Length: $(stat -c %s d.jpg)"
api HEAD "$upload" "${ours[@]}"
is "$(header upload-length) $(header upload-defer-length)" "$(stat -c %s d.jpg) " "is known now"
patch 400 "another one" 90 @rest -H 'Upload-Length: 1000000'
patch 204 "the rest" 90 @rest -H "Upload-Length: $(stat -c %s d.jpg)"
is "$(header pinhole-photo)" "$(sha256sum d.jpg | cut -d' ' -f1)" "is a photo"

# --- checksums -------------------------------------------------------------------------------------

make_plain e.jpg e
head -c 90 e.jpg >part
tail -c +91 e.jpg >rest
digest() {
	openssl dgst "-$1" -binary "$2" | base64
}
create "$(stat -c %s e.jpg)"
patch 400 "an algorithm that we have not" 0 @part -H 'Upload-Checksum: md5 1B2M2Y8AsgTpgAmY7PhCfg=='
patch 400 "a digest that is none" 0 @part -H 'Upload-Checksum: sha1 !!'
patch 460 "the digest of other bytes" 0 @part -H "Upload-Checksum: sha1 $(digest sha1 rest)"
offset 0 "its bytes are dropped"
patch 204 "a right one, SHA-1" 0 @part -H "Upload-Checksum: sha1 $(digest sha1 part)"
patch 460 "a wrong one, SHA-256" 90 @rest -H "Upload-Checksum: sha256 $(digest sha256 part)"
offset 90 "only those of that chunk"
patch 204 "a right one, SHA-256" 90 @rest -H "Upload-Checksum: sha256 $(digest sha256 rest)"
is "$(header pinhole-photo)" "$(sha256sum e.jpg | cut -d' ' -f1)" "is a photo"
sends 460 "a creation with a wrong one" POST "/v1/albums/$album/uploads" @part "${chunk[@]}" -H 'Upload-Length: 90' \
	-H "Upload-Checksum: sha1 $(digest sha1 rest)"
is "$(header location)$(ls "$store/uploads")" '' "leaves nothing"

# --- given up, expired -----------------------------------------------------------------------------

create 100
answers 412 "DELETE of another version" DELETE "$upload"
sends 204 "DELETE" DELETE "$upload"
for method in HEAD DELETE; do
	sends 404 "then $method" "$method" "$upload"
done
patch 404 "and PATCH" 0 abc
create 100
patch 204 "some bytes of" 0 @part
sql "UPDATE upload SET expires = 1 WHERE photo IS NULL" >/dev/null
sends 404 "one that expired" HEAD "$upload"
patch 404 "is not there" 90 abc
create 100
soon test ! -e "$store/uploads/${first##*/}"
is "$(sql 'SELECT count(*) FROM upload WHERE photo IS NULL')" 1 "expired ones go when others come"
sends 204 "the other one" DELETE "$upload"
is "$(ls "$store/uploads")" '' "and their bytes"

# --- whose it is -----------------------------------------------------------------------------------

answers 201 "another member" POST "/v1/albums/$album/participants" "{\"name\":\"Bob\",\"user\":\"$bob_id\"}"
create "$size"
as bob
for method in HEAD GET DELETE; do
	sends 404 "another member's upload: $method" "$method" "$upload"
done
patch 404 "another member's upload: PATCH" 0 @part
without_token sends 401 "a stranger's" HEAD "$upload"
is "$(header tus-resumable)" 1.0.0 "has Tus-Resumable, too"
as cleo
sends 404 "into an album that one is not in" POST "/v1/albums/$album/uploads" -H 'Upload-Length: 5'
as ada
sends 204 "away with it" DELETE "$upload"

# --- what is no photo ------------------------------------------------------------------------------

printf '<html><script>alert(1)</script></html>%100s' '' >page.html
create "$(stat -c %s page.html)"
patch 415 "a page" 0 @page.html
like "$(json .detail <<<"$body")" HTML "is refused as what it is"
gone() {
	api HEAD "$upload" "${ours[@]}"
	[ "$status" = 404 ] && [ ! -e "$store/uploads/${upload##*/}" ]
}
ok "and is gone at once" soon gone
create 1000000
head -c 70 page.html >part
patch 415 "its beginning is enough" 0 @part
printf '<svg xmlns="http://www.w3.org/2000/svg"/>' >x.svg
create "$(stat -c %s x.svg)" -H "Upload-Metadata: filename $(printf x.jpg | base64),filetype $(printf image/jpeg | base64)"
patch 415 "whatever it calls itself" 0 @x.svg
create 3
patch 415 "three bytes" 0 abc
ok "they are gone, too" soon gone

# --- bytes that are there already ------------------------------------------------------------------

before=$(photos)
create "$size"
patch 204 "the same photo into the same album" 0 @a.jpg
is "$(header pinhole-photo)" "$hash" "is the one that is there"
is "$(photos)" "$before" "and no other"
as cleo
api POST /v1/albums '{"title":"Mine"}'
album_of_ada=$album
album=$(json .id <<<"$body")
create "$size"
patch 204 "the same photo from somebody who cannot see it" 0 @a.jpg
is "$(header pinhole-photo)" "$hash" "is taken like any other"
is "$(photos)" 1 "and is theirs"
answers 404 "which opens nothing else" GET "/v1/albums/$album_of_ada/photos/$hash"

# --- quota -----------------------------------------------------------------------------------------

run pinhole user quota cleo $((size + 500))
sends 413 "more than the quota" POST "/v1/albums/$album/uploads" -H 'Upload-Length: 501'
like "$(json .detail <<<"$body")" '500 left' "says what is left"
create 400
sends 413 "what is announced counts" POST "/v1/albums/$album/uploads" -H 'Upload-Length: 101'
like "$(json .detail <<<"$body")" '100 left' "and says so"
sends 204 "given up" DELETE "$upload"
sends 201 "it is free again" POST "/v1/albums/$album/uploads" -H 'Upload-Length: 500'
sends 204 "this too" DELETE "$(header location)"
sends 201 "no length" POST "/v1/albums/$album/uploads" -H 'Upload-Defer-Length: 1'
upload=$(header location)
make_photo f.jpg f
patch 413 "and too many bytes" 0 @f.jpg
head -c 300 f.jpg >part
patch 204 "some of them" 0 @part
first=$upload
sends 201 "a second one without a length" POST "/v1/albums/$album/uploads" -H 'Upload-Defer-Length: 1'
upload=$(header location)
patch 413 "what came of the first counts" 0 @part
sends 204 "away with it" DELETE "$upload"
upload=$first
patch 413 "a late length that is too much" 300 '' -H 'Upload-Length: 501'
patch 204 "bytes that are there count once" 300 '' -H 'Upload-Length: 500'
sends 204 "away" DELETE "$upload"

# --- breaking off ----------------------------------------------------------------------------------

as ada
album=$album_of_ada
make_photo big.jpg
head -c 3000000 /dev/urandom >>big.jpg
big=$(stat -c %s big.jpg)
create "$big"
# slowly OFFSET: sends the rest of big.jpg at 1 MB/s, in the background
slowly() {
	tail -c +$(($1 + 1)) big.jpg >slow
	curl -sS -o /dev/null --limit-rate 1M -X PATCH "${ours[@]}" "${chunk[@]}" -H "Upload-Offset: $1" \
		-H "Authorization: Bearer $token" "${@:2}" --data-binary @slow "$base$upload" 2>/dev/null &
	slow_pid=$!
}
arrived() {
	[ "$(stat -c %s "$store/uploads/${upload##*/}" 2>/dev/null || echo 0)" -gt "$1" ]
}
slowly 0
ok "bytes arrive" soon arrived 100000
patch 423 "two at once" 0 abc
kill -KILL "$slow_pid"
wait "$slow_pid" 2>/dev/null
free() {
	api PATCH "$upload" '' "${ours[@]}" "${chunk[@]}" -H 'Upload-Offset: 0'
	[ "$status" = 409 ]
}
ok "the connection broke: another may go on" soon free
api HEAD "$upload" "${ours[@]}"
at=$(header upload-offset)
ok "what came is kept ($at)" test "$at" -gt 100000
slowly "$at" -H "Upload-Checksum: sha1 $(digest sha1 big.jpg)"
ok "more, with a checksum" soon arrived $((at + 100000))
offset "$at" "does not count before it is whole"
kill -KILL "$server_pid"
wait "$server_pid" "$slow_pid" 2>/dev/null
start_server
offset "$at" "nor after the server was killed"
slowly "$at"
counted() {
	api HEAD "$upload" "${ours[@]}"
	[ "$(header upload-offset)" -gt $((at + 100000)) ]
}
ok "more, without one" soon counted
kill -KILL "$server_pid"
wait "$server_pid" "$slow_pid" 2>/dev/null
start_server
api HEAD "$upload" "${ours[@]}"
more=$(header upload-offset)
ok "is there after the server was killed ($more)" test "$more" -gt "$((at + 100000))"
tail -c +$((more + 1)) big.jpg >rest
patch 204 "the rest" "$more" @rest
is "$(header pinhole-photo)" "$(sha256sum big.jpg | cut -d' ' -f1)" "is the photo that was sent"

# A phone that changed its network: nobody closes the old connection.
create 1000
host=${base#http://}
exec {dead}<>"/dev/tcp/${host%:*}/${host#*:}"
printf 'PATCH %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: 1000\r\n\r\n' \
	"$upload" "$token" >&"$dead"
head -c 90 a.jpg >&"$dead"
ok "bytes that came before silence" soon arrived 89
locked() {
	api PATCH "$upload" '' "${ours[@]}" "${chunk[@]}" -H 'Upload-Offset: 0'
	[ "$status" = 423 ]
}
ok "the upload is locked" locked
ok "a dead connection gives way" soon free
exec {dead}>&-
offset 90 "its bytes count"
sends 204 "given up" DELETE "$upload"

# Whole, but killed before it was a photo.
make_plain g.jpg g
create "$(stat -c %s g.jpg)"
cp g.jpg "$store/uploads/${upload##*/}"
offset "$(stat -c %s g.jpg)" "one that was only to be made a photo"
is "$(header pinhole-photo)" "$(sha256sum g.jpg | cut -d' ' -f1)" "is made one by who asks for it"
touch "$store/uploads/${upload##*/}" "$store/uploads/01a1fbf6-0000-7000-8000-000000000000"
stop_server
is "$server_rc" 0 "the server ends"
start_server
is "$(ls "$store/uploads")" '' "what nobody needs goes at the next start"

# --- who may no longer -----------------------------------------------------------------------------

as bob
ok "a member's upload" create 1000
as ada
api DELETE "/v1/albums/$album/participants/$bob_id"
like "$status" '^20[04]$' "they are removed"
as bob
sends 404 "an upload into an album that one was removed from" HEAD "$upload"
head -c 90 g.jpg >part
patch 404 "takes no bytes" 0 @part
run pinhole fsck --objects
is "$rc" 0 "the store is sound"
done_testing
