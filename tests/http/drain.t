#!/bin/bash
# drain.t - a server that is told to stop: what runs is finished, streams end, nothing new is taken.
. "$(dirname "$0")/lib.sh"
need curl jq

"$PINHOLE" -q init --name Ada 2>/dev/null
"$PINHOLE" -q album create beach >/dev/null
start_server
token=$("$PINHOLE" token create drain --scope read,write --json | jq -r .token)
answers 200 "albums" GET /v1/albums
album=$(json '.albums[0].id' <<<"$body")
bearer="Authorization: Bearer $token"

# Three that are under way: a stream, a wait for news, and a message whose second half has not come yet.
curl -sN -H "$bearer" "$base/v1/events/stream" >"$work/stream" &
stream=$!
curl -s -o "$work/news" -w '%{http_code}' -H "$bearer" "$base/v1/albums/$album/events?after=1&wait=60" \
	>"$work/news.status" &
news=$!
host=${base#http://}
exec 7<>"/dev/tcp/${host%:*}/${host#*:}"
printf 'POST /v1/albums/%s/messages HTTP/1.1\r\nHost: x\r\n%s\r\nContent-Type: application/json\r\n' \
	"$album" "$bearer" >&7
printf 'Content-Length: 21\r\n\r\n{"text":' >&7
waits() { [ "$(curl -s "$base/metrics" | awk '$1 == "pinhole_waits" { print $2 }')" -ge 1 ]; }
ok "they are under way" soon waits

kill -TERM "$server_pid"
refuses() {
	curl -s -o /dev/null --max-time 2 "$base/healthz"
	[ $? -eq 7 ]
}
ok "nothing new is taken, and told so at once" soon refuses
ok "the server is there, for what runs" kill -0 "$server_pid"
printf '"at the end"}' >&7
timeout 10 cat <&7 >"$work/late"
exec 7>&-
like "$(tr -d '\r' <"$work/late")" '^HTTP/1.1 201 ' "the message is taken, once it is whole"
like "$(cat "$work/late")" 'Connection: close' "and the connection closed"
wait "$stream"
ok "the stream ended" true
wait "$news"
like "$(cat "$work/news.status")" '200|503' "the wait was answered"
wait "$server_pid"
is $? 0 "the server ended well"
server_pid=
is "$("$PINHOLE" messages beach --json | jq -r .text)" "at the end" "nothing that was acknowledged is lost"

# What does not end is cut off after serve.drain-time.
printf '[serve]\n\tdrain-time = 1\n' >"$XDG_DATA_HOME/pinhole/config"
start_server
host=${base#http://}
exec 7<>"/dev/tcp/${host%:*}/${host#*:}"
printf 'POST /v1/albums/%s/messages HTTP/1.1\r\nHost: x\r\n%s\r\nContent-Type: application/json\r\n' \
	"$album" "$bearer" >&7
printf 'Content-Length: 21\r\n\r\n{"text":' >&7
sleep 0.3
kill -TERM "$server_pid"
ended() { ! kill -0 "$server_pid" 2>/dev/null || [ "$(ps -o stat= -p "$server_pid")" = Z ]; }
ok "a client that never ends holds nobody up" soon ended
wait "$server_pid"
is $? 0 "for longer than was set"
server_pid=
exec 7>&-
is "$("$PINHOLE" messages beach --json | wc -l)" 1 "half a message is none"

# Passwords that are being compared, and those that wait for it, have lanes to go to yet when the server is told so.
printf '[serve]\n\tdrain-time = 1\n\trate-login = 0\n\trate-public = 0\n' >"$XDG_DATA_HOME/pinhole/config"
start_server
curls=()
for i in {1..40}; do
	curl -s -o /dev/null -w '%{http_code}\n' "$base/v1/login" -d "{\"login\":\"a$i@example.org\",\"password\":\"none of ours\"}" \
		>"$work/login.$i" &
	curls+=($!)
done
sleep 0.3
kill -TERM "$server_pid"
ok "a crowd that signs in holds nobody up" soon ended
wait "$server_pid"
is $? 0 "and nothing breaks"
server_pid=
wait "${curls[@]}"
unlike "$(cat "$work"/login.*)" '^(2..|500)' "they are answered, or cut off"

start_server --public-only
answers 200 "--public-only: what needs no account" GET /healthz
answers 404 "all else is not there" GET /v1/albums
without_token answers 404 "for nobody" GET /v1/albums
done_testing
