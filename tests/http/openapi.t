#!/bin/bash
# openapi.t - the document of the API: valid by the specification, the same from the program and from the server, and
# kept by the server: a tour through all operations sees every documented answer and holds it against its schema.
# shellcheck disable=SC2034 # lib.sh uses $token
. "$(dirname "$0")/lib.sh"
need curl python3
. "$top/tests/pictures.sh"

succeeds "serve --openapi prints it" pinhole serve --openapi
cp "$work/.out" openapi.json
succeeds "it is JSON" jq -e '.openapi | startswith("3.1.")' openapi.json
if npm_tools; then
	succeeds "it is valid OpenAPI" "$npm/.bin/validate-api" openapi.json
	is "$(json .valid <<<"$out")" true "says a validator"
else
	skip 2 "$reason"
fi
is "$(json '[.paths[][] | objects | select(.operationId) | .operationId] | length - (unique | length)' openapi.json)" 0 \
	"no two operations have one name"

pinhole init --name Ada --region FR 2>/dev/null
pinhole config set register.mode open
pinhole config set notify.sms-command "cat >>'$work/sms'; echo >>'$work/sms'"
pinhole contact add Bob --email bob@example.org --phone '06 12 34 56 78' >/dev/null
no_limits
add_user ada --role admin
add_user bob
add_user eve
start_server
api GET /openapi.json
succeeds "the server gives the same" jq -e --slurpfile o openapi.json '. == $o[0]' "$work/.body"

# --- the tour -----------------------------------------------------------------------------------

mkdir exchanges
exchanges=0
# tour STATUS METHOD PATH [BODY] [CURL-OPTION...]: as api; the exchange is kept, and fails at once where the status is
# another
tour() {
	local want=$1 request=
	shift
	api "$@"
	exchanges=$((exchanges + 1))
	cp "$work/.body" "exchanges/$exchanges"
	cp "$work/.head" "exchanges/$exchanges.head"
	if [[ ${3-} == [\{\[]* ]]; then
		request=exchanges/$exchanges.json
		printf '%s' "$3" >"$request"
	fi
	jq -nc --arg method "$1" --arg path "$2" --arg status "$status" --arg type "$(header content-type)" \
		--arg answer "exchanges/$exchanges" --arg request "$request" \
		'{$method, $path, status: ($status | tonumber), $type, $answer, $request}' >>records
	[ "$status" = "$want" ] || tap_fail "$1 $2" "got $status, expected $want" "${body:0:300}"
}
# field FILTER: of the last answer
field() {
	json "$1" <<<"$body"
}
# tour_twice PATH: the second time it is as the client has it
tour_twice() {
	tour 200 GET "$1"
	tour 304 GET "$1" -H "If-None-Match: $(header etag)"
}
# bad METHOD PATH...: the problems of many operations, as nobody
bad() {
	local token='' path
	for path in "${@:2}"; do
		tour 401 "$1" "$path"
	done
}
octets=(-H 'Tus-Resumable: 1.0.0' -H 'Content-Type: application/offset+octet-stream')

# the server
tour 200 GET /
tour 200 GET /join
tour 200 GET /healthz
tour 200 GET /readyz
tour 200 GET /metrics
tour 200 GET /openapi.json
tour 200 GET /.well-known/jwks.json
for path in / /join /healthz /readyz /metrics /openapi.json /.well-known/jwks.json; do
	tour 413 GET "$path" '{}'
done

# accounts
code() {
	soon grep -qsE '[0-9]{6}' "$work/sms"
	grep -oE '\b[0-9]{6}\b' "$work/sms" | tail -1
	: >"$work/sms"
}
for path in /v1/register /v1/register/resend /v1/register/confirm /v1/password/reset /v1/password/reset/confirm \
	/v1/login /v1/token/refresh; do
	tour 400 POST "$path" '[]'
done
tour 202 POST /v1/register '{"phone":"+33612345678","name":"Zoe"}'
code=$(code)
tour 202 POST /v1/register/resend '{"phone":"+33698765432"}'
tour 201 POST /v1/register/confirm "{\"phone\":\"+33612345678\",\"code\":\"$code\",\"password\":\"first password\"}"
code >/dev/null
tour 202 POST /v1/password/reset '{"phone":"+33612345678"}'
tour 200 POST /v1/password/reset/confirm \
	"{\"phone\":\"+33612345678\",\"code\":\"$(code)\",\"password\":\"second password\"}"
tour 200 POST /v1/login '{"phone":"+33612345678","password":"second password","device":"a phone"}'
refresh=$(field .refresh_token)
zoe=$(field .user.id)
tour 200 POST /v1/token/refresh "{\"refresh_token\":\"$refresh\"}"
token=$(field .access_token)
tour 200 GET /v1/me
tour 200 PATCH /v1/me '{"name":"Zoë"}'
tour 400 PATCH /v1/me '{}'
tour 200 PUT /v1/me/password '{"old":"second password","password":"third password"}'
token=$(field .access_token)
tour 200 GET /v1/sessions
tour 201 POST /v1/tokens '{"name":"a script","scopes":["read"]}'
tour 400 POST /v1/tokens '{"name":"a script"}'
tour 200 GET /v1/tokens
tour 204 DELETE "/v1/tokens/$(field '.tokens[0].id')"
tour 404 DELETE /v1/tokens/a
tour 201 POST /v1/invites '{"max_uses":2}'
tour 400 POST /v1/invites '{"max_uses":0}'
tour 200 GET /v1/invites
tour 204 DELETE "/v1/invites/$(field '.invites[0].id')"
tour 404 DELETE /v1/invites/a
tour 404 DELETE /v1/sessions/a
login ada
api POST /v1/albums '{"title":"Mountain"}'
api POST /v1/invites "{\"album\":$(field .id | jq -R .)}"
invite=$(field .token)
login bob
tour 200 POST /v1/join "{\"invite\":\"$invite\"}"
tour 400 POST /v1/join '{}'
api POST /v1/login '{"phone":"+33612345678","password":"third password"}'
token=$(field .access_token)
tour 204 POST /v1/tokens/revoke-all
api POST /v1/login '{"phone":"+33612345678","password":"third password"}'
token=$(field .access_token)
api GET /v1/sessions
tour 204 DELETE "/v1/sessions/$(field '.sessions[0].id')"
api POST /v1/login '{"phone":"+33612345678","password":"third password"}'
token=$(field .access_token)
tour 204 POST /v1/logout
login ada
tour 200 GET /v1/users
tour 201 POST /v1/users '{"name":"Tom","email":"tom@example.org","quota":1000000}'
tour 409 POST /v1/users '{"name":"Tom","email":"tom@example.org"}'
tour 200 GET "/v1/users/$zoe"
tour 404 GET /v1/users/a
tour 200 PATCH "/v1/users/$zoe" '{"quota":null,"disabled":true}'
tour 404 PATCH /v1/users/a '{}'
tour 200 DELETE "/v1/users/$zoe?content=keep&dry_run=1"
tour 200 DELETE "/v1/users/$zoe?content=erase"
tour 400 DELETE "/v1/users/$bob_id"

# albums and their people
login bob
tour 201 POST /v1/albums '{"title":"Beach"}'
album=/v1/albums/$(field .id)
tour 400 POST /v1/albums '{}'
tour_twice /v1/albums
tour 200 GET '/v1/albums?limit=1&archived=true'
tour_twice "$album"
tour 404 GET "/v1/albums/$bob_id"
tour 201 POST "$album/participants" "{\"name\":\"Eve\",\"user\":\"$eve_id\",\"role\":\"member\"}"
tour 201 POST "$album/participants" '{"name":"Tom"}'
tour 400 POST "$album/participants" '{}'
tour_twice "$album/participants?former=true"
tour 200 PATCH "$album/participants/$eve_id" '{"role":"viewer"}'
tour 404 PATCH "$album/participants/a" '{}'
tour 204 DELETE "$album/participants/$eve_id"
tour 404 DELETE "$album/participants/a"
tour 200 GET "$album/participants?former=true&limit=2"
tour 201 POST "$album/links" '{"may":["look","download"],"name":"Family","max_uses":3}'
tour 400 POST "$album/links" '{"may":[]}'
link=$(json .id <exchanges/$((exchanges - 1)))
tour_twice "$album/links"
tour 204 DELETE "$album/links/$link"
tour 404 DELETE "$album/links/a"
tour 200 GET "$album/links?revoked=true"

# uploads and photos
make_photo one.jpg one
make_plain two.jpg two
tour 204 OPTIONS /v1/uploads
tour 204 OPTIONS "$album/uploads"
tour 204 OPTIONS /v1/uploads/a
for path in /v1/uploads "$album/uploads" /v1/uploads/a; do
	tour 413 OPTIONS "$path" '{}'
done
tour 201 POST "$album/uploads" @one.jpg "${octets[@]}" -H "Upload-Length: $(stat -c %s one.jpg)" \
	-H "Upload-Metadata: filename $(printf one.jpg | base64),caption $(printf 'At sea' | base64)"
photo=$album/photos/$(header pinhole-photo)
tour 200 GET "$(header location)"
tour 201 POST "$album/uploads" -H 'Tus-Resumable: 1.0.0' -H "Upload-Length: $(stat -c %s two.jpg)"
upload=$(header location)
tour 200 GET "$upload"
tour 204 PATCH "$upload" @two.jpg "${octets[@]}" -H 'Upload-Offset: 0'
second=$album/photos/$(header pinhole-photo)
tour 412 PATCH "$upload" a -H 'Tus-Resumable: 9'
tour 412 POST "$album/uploads" -H 'Tus-Resumable: 9' -H 'Upload-Length: 1'
tour 201 POST "$album/uploads" -H 'Tus-Resumable: 1.0.0' -H 'Upload-Defer-Length: 1'
upload=$(header location)
tour 200 GET "$upload"
tour 204 DELETE "$upload" -H 'Tus-Resumable: 1.0.0'
tour 404 DELETE "$upload" -H 'Tus-Resumable: 1.0.0'
tour 404 GET "$upload"
make_plain three.jpg three
printf '<script>' >page.html
form=(-F 'caption=By form' -F)
tour 201 POST "$album/photos" "${form[@]}" photo=@three.jpg
tour 200 POST "$album/photos" "${form[@]}" photo=@three.jpg
tour 303 POST "$album/photos" "${form[@]}" photo=@three.jpg -H 'Accept: text/html' -H "Referer: $base//evil.example/a"
is "$(header location | grep -c evil)" 0 "the way back leads nowhere else"
tour 303 POST "$album/photos" "${form[@]}" photo=@three.jpg -H 'Accept: text/html' -H "Referer: $base/"$'\t'"/evil.example"
"$PINHOLE" -q user quota bob 1k >/dev/null
make_plain four.jpg "$(head -c 5000 /dev/zero | tr '\0' a)"
tour 413 POST "$album/photos" "${form[@]}" photo=@four.jpg
"$PINHOLE" -q user quota bob 0 >/dev/null
tour 415 POST "$album/photos" "${form[@]}" photo=@page.html
tour 400 POST "$album/photos" -H 'Content-Type: multipart/form-data; boundary=a'
tour 200 GET "$album/photos?limit=1"
tour 304 GET "$album/photos?limit=1" -H "If-None-Match: $(header etag)"
tour 200 GET "$album/photos?limit=1&order=oldest"
tour 200 GET "$album/photos?limit=1&order=oldest&cursor=$(field .next)"
tour 400 GET "$album/photos?limit=0"
tour 200 GET "$photo"
tour 304 GET "$photo" -H "If-None-Match: $(header etag)"
tour 404 GET "$album/photos/a"
tour 200 PATCH "$photo" '{"caption":"On land","tags":["a","b"],"rotate":90,"taken":{"local":"2024-05-01T12:00:00","offset":"+02:00"}}'
tour 412 PATCH "$photo" '{"caption":"In the air"}' -H 'If-Match: "a"'
tour 200 PATCH "$album" "{\"description\":\"Summer\",\"cover\":\"${photo##*/}\",\"archived\":false}"
tour 400 PATCH "$album" '{"title":1}'
for file in "$photo/original" "$photo/parts/${photo##*/}"; do
	tour 200 GET "$file"
	tour 304 GET "$file" -H "If-None-Match: $(header etag)"
	tour 206 GET "$file" -H 'Range: bytes=0-9'
	tour 416 GET "$file" -H 'Range: bytes=99999999-'
done
for format in jpg webp; do
	tour 200 GET "$photo/image.$format?w=320"
	tour 304 GET "$photo/image.$format?w=320" -H "If-None-Match: $(header etag)"
	tour 404 GET "$album/photos/a/image.$format?w=320"
done
tour 200 GET "$album.zip"
tour 404 GET "/v1/albums/$bob_id.zip"
tour 204 DELETE "$second"
tour 404 DELETE "$album/photos/a"
tour 200 POST "$second/restore"
tour 409 POST "$second/restore"
tour 200 POST "$second/erase"
tour 404 POST "$second/erase"

# talk
tour 201 POST "$album/messages" "{\"text\":\"Hello\",\"photo\":\"${photo##*/}\",\"id\":\"0190b0a0-0000-7000-8000-000000000001\"}"
tour 200 POST "$album/messages" "{\"text\":\"Hello\",\"photo\":\"${photo##*/}\",\"id\":\"0190b0a0-0000-7000-8000-000000000001\"}"
message=$album/messages/0190b0a0-0000-7000-8000-000000000001
tour 400 POST "$album/messages" '{}'
tour 201 POST "$album/messages" '{"text":"Yes","reply_to":"0190b0a0-0000-7000-8000-000000000001"}'
tour 200 GET "$message"
tour 404 GET "$album/messages/a"
tour 200 PATCH "$message" '{"text":"Hello there"}'
tour 400 PATCH "$message" '{}'
for about in "$message" "$photo"; do
	tour 201 POST "$about/reactions" '{}'
	tour 200 POST "$about/reactions" '{"name":"like"}'
	tour 400 POST "$about/reactions" '{"name":1}'
	tour_twice "$about/reactions"
	tour 400 GET "$about/reactions?limit=a"
	tour 200 DELETE "$about/reactions?name=like"
	tour 404 DELETE "${about%/*}/a/reactions"
done
tour_twice "$album/messages?limit=1"
tour 200 GET "$album/messages?limit=1"
tour 200 GET "$album/messages?limit=1&before=$(field .next)"
tour 400 GET "$album/messages?before=a"
tour_twice "/chat/${album##*/}?quantity=5"
tour 400 GET "/chat/${album##*/}?quantity=0"
tour 200 GET '/v1/search?q=hello'
tour 200 GET '/v1/search?q=beach'
tour 400 GET /v1/search
tour 204 DELETE "$message"
tour 404 DELETE "$album/messages/a"
tour 200 GET "$message"

# events, marks, contacts
tour 201 POST "$album/events" '{"id":"0190b0a0-0000-7000-8000-000000000002","kind":"message.send","body":{"text":"By hand"}}'
tour 200 POST "$album/events" '{"id":"0190b0a0-0000-7000-8000-000000000002","kind":"message.send","body":{"text":"By hand"}}'
tour 200 POST "$album/events" '[{"id":"0190b0a0-0000-7000-8000-000000000003","kind":"message.send","body":{"text":"Two"}},{"id":"0190b0a0-0000-7000-8000-000000000004","kind":"message.send","body":{}}]'
tour 400 POST "$album/events" '{}'
tour 200 GET "$album/events"
tour 200 GET "$album/events?after=999999&wait=0"
tour 400 GET "$album/events?after=a"
tour 200 GET "$album/mark"
tour 404 GET "/v1/albums/$bob_id/mark"
tour 200 PUT "$album/mark" '{"seq":2}'
tour 400 PUT "$album/mark" '{}'
tour 200 GET /v1/marks
tour_twice /v1/contacts
tour 400 GET '/v1/contacts?limit=a'
tour 200 GET /v1/events/stream -H 'Last-Event-ID: 0' --max-time 1
tour 400 GET /v1/events/stream -H 'Last-Event-ID: a'
tour 204 DELETE "$album"
tour 404 DELETE "$album"

# nobody
bad GET /v1/me /v1/sessions /v1/tokens /v1/invites /v1/users /v1/albums /v1/marks "$album/participants" \
	"$album/links" "$photo/original"
bad POST /v1/logout /v1/tokens/revoke-all
bad PUT /v1/me/password

while IFS= read -r line; do
	case $line in
	ok*) tap_pass "${line#ok * - }" ;;
	not*) tap_fail "${line#not ok * - }" ;;
	'#'*) printf '%s\n' "$line" ;;
	esac
done < <("$top/tests/http/check_answers.py" openapi.json records)
is "$(grep -c ERROR "$work/server.log")" 0 "nothing went wrong inside"
done_testing
