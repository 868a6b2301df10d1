#!/bin/bash
# threads.t - everything at once, under ThreadSanitizer: loops, workers, the writer and the watcher share a server.
#
# It needs the server in build/tsan (scripts/run-checks builds it); else it is skipped.
. "$(dirname "$0")/lib.sh"

tsan=$top/build/tsan/pinhole
[ -x "$tsan" ] && [ -x "$tsan-server" ] ||
	skip_all "there is no server with ThreadSanitizer: make SAN=thread build/tsan/pinhole-server"
need curl vips

no_limits
pinhole init --name Ada
album=$(pinhole album create beach --json | json .id)
mkdir photos
for i in 1 2 3; do
	vips gaussnoise "noise$i.v" 700 500 --mean 128 --sigma "$((i * 15))"
	vips cast "noise$i.v" "photos/$i.jpg" uchar
done
pinhole -q ingest photos --album beach
photo=$(pinhole list beach --json | json .photo | head -n 1)
add_user bob
# The decoder is not looked at: it has no threads of ours, and is too slow so.
media=$(dirname "$PINHOLE")/pinhole-media
[ -x "$media" ] || media=$(dirname "$PINHOLE")/build/pinhole-media
mkdir bin
cp "$tsan" "$tsan-server" "$media" bin/
tsan=$work/bin/pinhole
PINHOLE_TEST_PLAIN=$PINHOLE
export PINHOLE=$tsan TSAN_OPTIONS="halt_on_error=0:exitcode=66:second_deadlock_stack=1"
start_server
printf '%s' "ada's password" >.password
"$PINHOLE_TEST_PLAIN" user password Ada --password-file .password
api POST /v1/login "{\"email\":\"bob@example.org\",\"password\":\"bob's password\"}"
is "$status" 200 "bob signs in"
bob=$(json .access_token <<<"$body")
ada=$("$PINHOLE_TEST_PLAIN" token create load --json --scope read,write,upload,account | json .token)
token=$ada
answers 200 "ada's key opens her album" GET "/v1/albums/$album"

# load NAME COUNT LINE...: so many requests, LINE being curl's configuration of one with %d for its number
load() {
	local name=$1 count=$2 i
	shift 2
	for ((i = 0; i < count; i++)); do
		printf 'next\nsilent\nmax-time=60\noutput=/dev/null\n'
		printf 'header="Authorization: Bearer %s"\n' "$token"
		printf '%s\n' "${@//%d/$i}"
	done | sed 1d >"$name.curl"
	curl -Z --parallel-max 4 -K "$name.curl" >"$name.log" 2>&1 &
	loads+=($!)
}

loads=()
json_type='header="Content-Type: application/json"'
load say 120 "url=$base/v1/albums/$album/messages" "$json_type" 'data="{\"text\":\"number %d\"}"'
load read 120 "url=$base/v1/albums/$album/messages?limit=20"
load wait 10 "url=$base/v1/albums/$album/events?after=%d0&wait=2"
load look 120 "url=$base/v1/albums/$album/photos/$photo/image.jpg?w=320&h=320&fit=cover"
load render 3 "url=$base/v1/albums/$album/photos/$photo/image.webp?w=640"
load list 40 "url=$base/v1/albums/$album/photos"
load search 20 "url=$base/v1/search?q=number"
load figures 20 "url=$base/metrics"
token=''
load sign 4 "url=$base/v1/login" "$json_type" \
	'data="{\"email\":\"bob@example.org\",\"password\":\"wrong %d\"}"'
token=$ada
for i in 1 2; do
	timeout 4 curl -sN -H "Authorization: Bearer $token" "$base/v1/events/stream" >/dev/null &
	loads+=($!)
done
for i in 1 2 3; do
	"$PINHOLE_TEST_PLAIN" -q send beach -m "from a command $i"
	token=$bob api GET /v1/me
	kill -HUP "$server_pid"
done
"$PINHOLE_TEST_PLAIN" -q user disable bob
wait "${loads[@]}"

api GET "/v1/albums/$album/messages?limit=200"
is "$status" 200 "the server still answers"
is "$(json '.messages | length' <<<"$body")" 123 "and everything that was said is there"
stop_server
is "$server_rc" 0 "it ends as it should"
is "$(grep -c 'WARNING: ThreadSanitizer' server.log)" 0 "and ThreadSanitizer saw nothing"
grep -A25 'WARNING: ThreadSanitizer' server.log | head -60 | sed 's/^/# /'
PINHOLE=$PINHOLE_TEST_PLAIN
succeeds "the store is sound" pinhole fsck
done_testing
