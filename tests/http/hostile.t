#!/bin/bash
# hostile.t - requests that nobody sends by accident: broken framing, paths, tokens, bodies, texts.
# Invariant: after all of it the server still answers, every line of its access log is JSON, and no secret
# is in it.
. "$(dirname "$0")/lib.sh"
need curl python3 openssl
. "$top/tests/pictures.sh"

pinhole init --name Ada 2>/dev/null
export PINHOLE_SERVE_HEADER_TIME=1
pinhole config set serve.access-log "$work/access.log"
no_limits
add_user bob
start_server
login bob || skip_all "nobody can sign in: $body"
api POST /v1/albums '{"title":"Beach"}'
album=$(json .id <<<"$body")

# refused NAME BYTES...: sends them and closes; nothing of it is served.  (libmicrohttpd 0.9.75 sends the head of some
# refusals twice, so there may be two.)
refused() {
	local name=$1
	shift
	raw_seconds=2 raw "$@"
	if grep -aoE 'HTTP/1\.[01] [0-9]+' "$work/.raw" | grep -vqE ' (4..|501|505)$'; then
		tap_fail "$name" "$(head -c 600 "$work/.raw")"
	else
		tap_pass "$name"
	fi
}

# --- framing ------------------------------------------------------------------------------------

G='GET /openapi.json HTTP/1.1\r\nHost: a\r\n'
P='POST /v1/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n'
# What a confused server would take for a request of its own.
N='GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n'
raw_seconds=3 raw "${G}Connection: close\r\n\r\n"
like "$out" '^HTTP/1.1 200 ' "a plain request is answered"
raw_seconds=3 raw "${G}\r\n${G}Connection: close\r\n\r\n"
is "$(grep -ao 'HTTP/1.1 200' "$work/.raw" | wc -l)" 2 "two, one behind the other, too"
refused "two lengths" "${P}Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}$N"
refused "two lengths of which none is ours" "${P}Content-Length: 40\r\nContent-Length: 2\r\n\r\n{}$N"
refused "a length and chunks" "${P}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n$N"
refused "chunks and a length" "${P}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n$N"
refused "a blank before the colon" "${P}Content-Length : 2\r\n\r\n{}$N"
refused "a blank before the colon of chunks" "${P}Transfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n$N"
refused "an unknown coding" "${P}Transfer-Encoding: xchunked\r\nContent-Length: 2\r\n\r\n{}$N"
refused "chunked, then another coding" "${P}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n$N"
refused "two codings in two headers" "${P}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n$N"
for length in -1 +2 '2, 2' 0x2 2e0 99999999999999999999 '2 2' ''; do
	refused "a length of '$length'" "${P}Content-Length: $length\r\n\r\n{}$N"
done
for size in zz -1 ffffffffffffffffff '1 ' 0x1; do
	refused "a chunk of '$size'" "${P}Transfer-Encoding: chunked\r\n\r\n$size\r\nx\r\n0\r\n\r\n$N"
done
raw_seconds=2 raw "${G}X-A: b\r\n Connection: keep-alive\r\nConnection: close\r\n\r\n"
like "$out" '^HTTP/1.1 (200|400) ' "a folded header is one header, or refused"
refused "a header without a colon" "${G}garbage\r\n\r\n"
# libmicrohttpd drops the one and cuts the other before we see them.
for header in ': b' 'X-A: a\000b'; do
	raw_seconds=2 raw "$G$header\r\nConnection: close\r\n\r\n"
	like "$out" '^HTTP/1.1 (200|400) ' "$header is passed over, or refused"
done
refused "a carriage return in a header" "${G}X-A: a\rb\r\n\r\n"
refused "a request of HTTP/2" 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
refused "HTTP/9.9" 'GET /openapi.json HTTP/9.9\r\nHost: a\r\n\r\n'
refused "no version" 'GET /openapi.json\r\n\r\n'
refused "no path" 'GET  HTTP/1.1\r\nHost: a\r\n\r\n'
refused "TLS where none is" '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'
refused "garbage" '\x00\xff\xfe\r\n\r\n'
refused "an unknown method" 'BREW /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n'
refused "CONNECT" 'CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: a\r\n\r\n'
refused "TRACE" 'TRACE /openapi.json HTTP/1.1\r\nHost: a\r\nX-Secret: b\r\n\r\n'
unlike "$(cat "$work/.raw")" X-Secret "and nothing is echoed"
refused "another's address" 'GET http://evil.example/openapi.json HTTP/1.1\r\nHost: a\r\n\r\n'
refused "a star" 'GET * HTTP/1.1\r\nHost: a\r\n\r\n'
refused "two hosts" "${G}Host: b\r\n\r\n"
refused "no Host" 'GET /openapi.json HTTP/1.1\r\n\r\n'

# --- sizes --------------------------------------------------------------------------------------

long=$(head -c 70000 /dev/zero | tr '\0' a)
refused "a long header" "${G}X-A: $long\r\n\r\n"
refused "a long name of a header" "$G$long: a\r\n\r\n"
refused "a long address" "GET /openapi.json?$long HTTP/1.1\r\nHost: a\r\n\r\n"
refused "a long method" "$long /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n"
many=$(for i in $(seq 200); do printf 'X-%s: a\\r\\n' "$i"; done)
refused "two hundred headers" "$G$many\r\n"
many=$(for i in $(seq 100); do printf 'a%s=1&' "$i"; done)
answers 414 "a hundred parameters" GET "/openapi.json?$many"
head -c 5000000 /dev/zero | tr '\0' ' ' >"$work/large"
answers 413 "a body of 5 MB" POST "/v1/albums/$album/messages" "@$work/large"
head -c 400000 "$work/large" >"$work/chunks"
answers 413 "one of unknown length" POST "/v1/albums/$album/messages" "@$work/chunks" \
	-H 'Transfer-Encoding: chunked'
answers 413 "a body where none is taken" GET /v1/albums '{"a":1}'
refused "the promise of a large body" "${P}Expect: 100-continue\r\nContent-Length: 99999999999\r\n\r\n"

# --- a header that does not end ------------------------------------------------------------------

# trickle SECONDS BYTES: the connection, one byte every 0.3 s; true once the server has closed it
trickle() {
	python3 - "${base##*:}" "$1" "$2" <<'END'
import socket, sys, time
port, seconds, text = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3].encode()
s = socket.create_connection(("127.0.0.1", port))
s.setblocking(False)
end = time.monotonic() + seconds
at = 0
while time.monotonic() < end:
    try:
        s.send(text[at % len(text):][:1])
        at += 1
        if s.recv(100) == b"":
            sys.exit(0)
    except BlockingIOError:
        pass
    except OSError:
        sys.exit(0)
    time.sleep(0.3)
sys.exit(1)
END
}
ok "a header that trickles is cut off" trickle 10 'GET /openapi.json HTTP/1.1 X-A: aaaaaaaaaaaaaaaaaaaaaa'
answers 200 "others are answered meanwhile and afterwards" GET /openapi.json
head=$(api GET "/v1/albums/$album" && json .head <<<"$body")
answers 200 "a request that is whole may take longer" GET "/v1/albums/$album/events?after=$head&wait=4"

# What takes longer than a header may is none: a body on a slow way, a stream that stays.
slow_body() {
	local fd said='{"text":"slowly said"}'
	exec {fd}<>"/dev/tcp/127.0.0.1/${base##*:}"
	printf 'POST /v1/albums/%s/messages HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n%s%d\r\n\r\n%s' "$album" \
		"$token" $'Connection: close\r\nContent-Length: ' "${#said}" "${said:0:5}" >&"$fd"
	sleep 3
	printf '%s' "${said:5}" >&"$fd"
	timeout 10 cat <&"$fd"
	exec {fd}>&-
}
slow_body >slow 2>/dev/null &
slow=$!
timeout 4 curl -sN -H "Authorization: Bearer $token" "$base/v1/events/stream" >/dev/null
is $? 124 "a stream stays open"
wait "$slow"
like "$(head -1 slow | tr -d '\r')" '^HTTP/1.1 201' "a body may come slowly"

answers 200 "a program that cannot spell its name may sign in" POST /v1/login \
	'{"login":"bob@example.org","password":"bob'"'"'s password"}' -A $'caf\xe9'

# --- paths --------------------------------------------------------------------------------------

for path in /openapi.json/ //openapi.json /./openapi.json /v1/../openapi.json /%2e%2e/openapi.json \
	/..%2fopenapi.json /openapi%2ejson /openapi.json%00 /openapi.json%00.jpg '/openapi.json;a' '/;/openapi.json' \
	/OPENAPI.JSON '/openapi.json%20' /%c0%af /%c0%ae%c0%ae/openapi.json /%e0%80%af /%ff /% /%z /%zz /%u002e \
	'/\openapi.json' '/..\..\etc/passwd' /v1%2falbums /v1/albums/%2e%2e/openapi.json \
	/v1/albums/../../../../etc/passwd /v1/albums/%00 "/v1/albums/$album%00" "/v1/albums/$album%2f" \
	"/v1/albums/$album/" "/v1//albums/$album" "/v1/albums/$album;/photos" "/v1/albums/$album/photos/%2e%2e" \
	"/v1/albums/$album/photos/../../$album" '/%0d%0aSet-Cookie:%20a=b' '/openapi.json%0d%0aX-A:%20b' \
	'/v1/albums/%0d%0aX-A:%20b' "/${long:0:7000}" "/$(printf 'a/%.0s' {1..500})"; do
	api GET "$path"
	like "$status" '^(400|404|414)$' "GET ${path:0:60}"
	[ -z "$(header set-cookie)$(header x-a)" ] || tap_fail "a header was made of $path"
done
answers 400 "a query that is no UTF-8" GET '/v1/albums?a=%ff'
answers 400 "a query with U+0000" GET '/v1/albums?a=%00'
answers 400 "a query with half an escape" GET '/v1/albums?a=%4'

# --- who asks -----------------------------------------------------------------------------------

good=$token
while IFS=$'\t' read -r name forged; do
	token=$forged
	if [ "$name" = genuine ]; then
		answers 200 "the forger can sign" GET /v1/albums
	else
		answers 401 "a token with $name" GET /v1/albums
	fi
done < <("$top/tests/http/forge_tokens.py" "$XDG_DATA_HOME/pinhole" "$good")
token=''
answers 401 "no token" GET /v1/albums
answers 401 "a token in the address" GET "/v1/albums?access_token=$good&token=$good"
answers 401 "a token in a cookie" GET /v1/albums -H "Cookie: token=$good"
answers 401 "Basic" GET /v1/albums -H "Authorization: Basic $(printf 'bob:x' | base64)"
answers 401 "Bearer and nothing" GET /v1/albums -H 'Authorization: Bearer '
answers 401 "two tokens" GET /v1/albums -H "Authorization: Bearer $good $good"
api GET /v1/albums -H 'Authorization: Bearer x' -H "Authorization: Bearer $good"
like "$status" '^40[01]$' "two headers of which the second is good"
answers 200 "the scheme in lower case" GET /v1/albums -H "Authorization: bearer $good"
token=$good

# --- JSON ---------------------------------------------------------------------------------------

for text in '' '{' '}' '[]' '"a"' 'null' '1' '{"title":}' '{"title":"a",}' '{"title":"a"}x' "{'title':'a'}" \
	'{"title":"a","title":"b"}' '{"title":"\ud800"}' '{"title":"\u0000"}' $'{"title":"a\nb"}' '{"title":1}' \
	'{"title":["a"]}' '{"title":{"a":1}}' '{"title":true}' '{"title":NaN}' '{"title":"\x"}' $'\xef\xbb\xbf{"title":"a"}' \
	$'{"title":"\xff"}' $'{"title":"\xed\xa0\x80"}' $'{"title":"\xc0\x80"}' '{"title":"a","unknown":1e999}' \
	"$(printf '[%.0s' {1..100000})" "$(printf '{"a":%.0s' {1..5000})" '/*a*/{"title":"a"}'; do
	printf '%s' "$text" >"$work/json"
	answers 400 "JSON like $(tr -c '[:print:]' '?' <<<"${text:0:30}")" POST /v1/albums "@$work/json"
done

# --- texts --------------------------------------------------------------------------------------

make_photo photo.jpg
api POST "/v1/albums/$album/uploads" @photo.jpg -H 'Tus-Resumable: 1.0.0' -H 'Upload-Metadata: caption YQ==' \
	-H "Upload-Length: $(stat -c %s photo.jpg)" -H 'Content-Type: application/offset+octet-stream'
photo=$(header pinhole-photo)
api POST "/v1/albums/$album/messages" '{"text":"a"}'
jq -n --arg album "$album" --arg photo "$photo" --arg message "$(json .id <<<"$body")" \
	'{$album, $photo, $message}' >ids.json
"$top/tests/http/hostile_strings.py" >strings.json
# judged: the tests that another program prints
judged() {
	local line
	while IFS= read -r line; do
		case $line in
		ok*) tap_pass "${line#ok - }" ;;
		not*) tap_fail "${line#not ok - }" ;;
		*) printf '%s\n' "$line" ;;
		esac
	done
}
judged < <("$top/tests/http/hostile_fields.py" "$base" "$token" ids.json strings.json)

# --- types --------------------------------------------------------------------------------------

# Asked by the owner of the album, who is an administrator now: most doors are open.
pinhole serve --openapi >openapi.json
add_user tom
pinhole -q user role bob@example.org admin
login bob
jq --arg user "$tom_id" '.user = $user' ids.json >types.json
judged < <("$top/tests/http/hostile_types.py" "$base" "$token" types.json openapi.json)

# --- afterwards ---------------------------------------------------------------------------------

login bob
answers 200 "the server still answers" GET /v1/albums
stop_server
is "$server_rc" 0 "and ends as it should"
ok "there is a log" test -s "$work/access.log"
ok "each line of it is JSON" sh -c 'jq -ce . "$1" >/dev/null' - "$work/access.log"
ok "none has control characters" bash -c '! LC_ALL=C grep -q "[[:cntrl:]]" "$1"' - "$work/access.log"
for secret in "$good" "$token" "bob's password"; do
	ok "no secret is in the logs" bash -c '! grep -qF -- "$1" "$2" "$3"' - "$secret" "$work/access.log" "$work/server.log"
done
is "$(grep -c ERROR "$work/server.log")" 0 "nothing went wrong inside"
done_testing
