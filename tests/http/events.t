#!/bin/bash
# events.t - the log over the API: read, waited for, written one by one and in batches, streamed.
. "$(dirname "$0")/lib.sh"
need jq curl

pinhole init --name Ada -q
for name in ada bob dan; do
	add_user "$name"
done
start_server
declare -A tokens
for name in dan bob ada; do
	login "$name"
	tokens[$name]=$token
done
as() {
	token=${tokens[$1]}
}
api POST /v1/albums '{"title":"Beach"}'
album=$(json .id <<<"$body")
log=/v1/albums/$album/events
api POST "/v1/albums/$album/participants" "{\"name\":\"Bob\",\"user\":\"$bob_id\"}"

# --- reading --------------------------------------------------------------------------------------

answers 200 "the log" GET "$log"
is "$(json '[.events[].kind]|tostring' <<<"$body")" '["album.create","member.add","member.add"]' "from the beginning"
is "$(json .head <<<"$body")" 3 "and where it ends"
is "$(json '.events[0]|keys|tostring' <<<"$body")" \
	'["about","at","author","body","device","id","kind","seq","state","time"]' "with all that an event has"
api GET "$log?after=1&limit=1"
is "$(json '[.events[].seq]|tostring' <<<"$body")" '[2]' "a page"
is "$(header link)" "<$log?limit=1&after=2>; rel=\"next\"" "and where the next is"
api GET "$log?after=3"
is "$(json '.events|length' <<<"$body")" 0 "behind the end there is nothing"
answers 400 "a place that is none" GET "$log?after=-1"
answers 400 "a wait that is too long" GET "$log?wait=3600"
as dan
answers 404 "a stranger sees no log" GET "$log"
answers 404 "nor waits for it" GET "$log?after=3&wait=5"
answers 404 "nor writes it" POST "$log" '{"kind":"message.send","body":{"text":"x"}}'

# --- waiting --------------------------------------------------------------------------------------

as bob
curl -sS --max-time 60 -H "Authorization: Bearer $token" "$base$log?after=3&wait=30" >waited &
waiting=$!
sleep 0.3
as ada
api POST "/v1/albums/$album/messages" '{"text":"news"}'
wait $waiting
is "$(json '[.events[].body.text]|tostring' <waited)" '["news"]' "who waits is told at once"
api GET "$log?after=4&wait=1"
is "$status $(json '.events|length' <<<"$body")" "200 0" "or told that there is nothing"

# --- writing --------------------------------------------------------------------------------------

as bob
id=0190b0a0-0000-7000-8000-0000000000
answers 201 "an event" POST "$log" "{\"id\":\"${id}01\",\"kind\":\"message.send\",\"body\":{\"text\":\"one\"}}"
is "$(json '[.id,.seq]|tostring' <<<"$body")" "[\"${id}01\",5]" "gets its place"
answers 200 "again" POST "$log" "{\"id\":\"${id}01\",\"kind\":\"message.send\",\"body\":{\"text\":\"one\"}}"
is "$(json .seq <<<"$body")" 5 "keeps it"
answers 409 "with other bytes" POST "$log" "{\"id\":\"${id}01\",\"kind\":\"message.send\",\"body\":{\"text\":\"two\"}}"
answers 403 "in another's name" POST "$log" \
	"{\"author\":\"$ada_id\",\"kind\":\"message.send\",\"body\":{\"text\":\"x\"}}"
answers 403 "from another's device" POST "$log" \
	"{\"device\":\"$ada_id\",\"kind\":\"message.send\",\"body\":{\"text\":\"x\"}}"
answers 201 "in one's own" POST "$log" \
	"{\"author\":\"$bob_id\",\"kind\":\"message.send\",\"body\":{\"text\":\"x\"}}"
answers 403 "what the role may not" POST "$log" '{"kind":"album.rename","body":{"title":"Mine"}}'
answers 403 "what only the home does" POST "$log" "{\"kind\":\"member.claim\",\"about\":\"$ada_id\",\"body\":{\"user\":\"$bob_id\"}}"
answers 404 "a photo whose bytes nobody brought" POST "$log" \
	"{\"kind\":\"photo.add\",\"about\":\"$(printf '0%.0s' {1..64})\",\"body\":{\"kind\":\"image\",\"mime\":\"image/jpeg\",\"bytes\":1}}"
api GET "$log?after=4&limit=1"
device=$(json '.events[0].device' <<<"$body")
api GET /v1/sessions
is "$device" "$(json '.sessions[]|select(.current).id' <<<"$body")" "the device is the session"
for bad in '{}' '{"kind":"no.such"}' '{"kind":"message.send","body":{"text":1.5}}' '{"kind":"message.send","body":{"text":"a\u0000"}}' \
	'{"kind":"message.send","body":{"text":"x","more":1}}' '{"kind":"message.send","seq":1,"body":{"text":"x"}}' \
	'{"kind":"message.send","body":{"text":"x","said":99999999999999}}' \
	'{"kind":"message.send","time":-1,"body":{"text":"x"}}' '{"kind":"message.send","about":"x","body":{"text":"x"}}' '1' '' 'nonsense'; do
	answers 400 "refused: ${bad:0:60}" POST "$log" "$bad"
done
answers 200 "a batch" POST "$log" "[{\"id\":\"${id}02\",\"kind\":\"message.send\",\"body\":{\"text\":\"two\"}},
	{\"kind\":\"no.such\"}, 7, {\"kind\":\"album.delete\"}, {\"id\":\"${id}01\",\"kind\":\"message.send\",\"body\":{\"text\":\"one\"}},
	{\"id\":\"${id}03\",\"kind\":\"message.send\",\"body\":{\"text\":\"three\"}}]"
is "$(json '[.events[]|.seq // .error.kind]|tostring' <<<"$body")" '[7,"invalid","invalid","denied",5,8]' \
	"is answered one by one"
printf '{"id":"%s04","kind":"message.send","body":{"text":"four"}}\r\n\n{broken\n{"id":"%s05","kind":"message.send","body":{"text":"five"}}' \
	"$id" "$id" >lines
answers 200 "lines" POST "$log" @lines -H 'Content-Type: application/x-ndjson'
is "$(json '[.events[]|.seq // .error.kind]|tostring' <<<"$body")" '[9,"invalid",10]' "are too"
for i in $(seq 3000); do
	printf '{"id":"0190b0a0-0000-7000-8000-%012x","kind":"message.send","body":{"text":"many"}}\n' $((i + 1000))
done >many
api POST /v1/albums '{"title":"Many"}'
many=$(json .id <<<"$body")
answers 200 "three thousand at once" POST "/v1/albums/$many/events" @many -H 'Content-Type: application/x-ndjson'
is "$(json '[.events[].seq]|[first,last,length]|tostring' <<<"$body")" '[3,3002,3000]' "all of them, in order"
api POST "/v1/albums/$many/events" @many -H 'Content-Type: application/x-ndjson'
is "$(json '[.events[].seq]|[first,last,length]|tostring' <<<"$body")" '[3,3002,3000]' "and again the same"
jq -sc . many >array
answers 200 "as an array" POST "/v1/albums/$many/events" @array
is "$(json '[.events[].seq]|[first,last,length]|tostring' <<<"$body")" '[3,3002,3000]' "too"
as dan
answers 404 "not by a stranger" POST "/v1/albums/$many/events" @array
as bob
head -c 4194305 /dev/zero | tr '\0' ' ' >long
answers 413 "or too much" POST "$log" @long
api GET "$log?after=4"
is "$(json '[.events[].body.text]|tostring' <<<"$body")" '["one","x","two","three","four","five"]' "what was accepted is there, in order"

# --- the stream -----------------------------------------------------------------------------------

# listen NAME [CURL-OPTION...]: a stream into the file NAME; its process id in $listening
listen() {
	local file=$1
	shift
	curl -sSN --max-time 60 -H "Authorization: Bearer $token" "$@" "$base/v1/events/stream" >"$file" 2>/dev/null &
	listening=$!
	soon test -s "$file"
}
heard() {
	grep -c '^event: ' "$1" | grep -qx "$2"
}
as bob
listen live
bob_stream=$listening
from=$(sed -n 's/^id: //p' live | head -1)
like "$from" '^[0-9]+$' "a stream begins with where it is"
as dan
listen strange
as ada
owner=$(pinhole user list --json | json 'select(.role=="admin").id')
api POST "/v1/albums/$album/participants" "{\"name\":\"Owner\",\"user\":\"$owner\"}"
api POST "/v1/albums/$album/messages" '{"text":"streamed"}'
ok "what is done is streamed" soon heard live 2
is "$(sed -n 's/^data: //p' live | json '[.kind,.album,.body.text]|tostring' | tail -1)" \
	"[\"message.send\",\"$album\",\"streamed\"]" "with its album"
pinhole send beach -m "by a command" >/dev/null
ok "also what commands do" soon heard live 3
last=$(sed -n 's/^id: //p' live | tail -1)
ok "ids rise" test "$last" -gt "$from"
kill "$bob_stream"
wait "$bob_stream" 2>/dev/null
for i in $(seq 300); do
	printf '{"text":"away %d"}\n' "$i"
done | pinhole send beach --batch >/dev/null
as bob
listen again -H "Last-Event-ID: $last"
ok "who comes back gets what was missed" soon heard again 300
is "$(sed -n 's/^data: //p' again | json .body.text | head -1)" "away 1" "from the first"
ok "with an id at the end" test "$(sed -n 's/^id: //p' again | tail -1)" -gt "$last"
answers 400 "an id that is none" GET /v1/events/stream -H 'Last-Event-ID: yesterday'
as ada
api DELETE "/v1/albums/$album/participants/$bob_id"
ok "who is removed is told" soon grep -q '^event: member.remove' again
api POST "/v1/albums/$album/messages" '{"text":"behind his back"}'
pinhole user disable bob >/dev/null
ok "a disabled user's stream ends" soon eval '! kill -0 '"$listening"' 2>/dev/null'
unlike "$(cat again)" 'behind his back' "nothing came after the removal"
is "$(grep -c '^data: ' strange)" 0 "a stranger's stream said nothing"
# Signs of life come every 15 s: these streams end with the server.
stop_server
is "$server_rc" 0 "the server ended as it should, streams and all"
printf 'GET /v1/events/stream HTTP/1.1\r\nLast-Event-ID: %s\r\nAuthorization: Bearer %s\r\n\r\n' "$last" "${tokens[ada]}" >saved
run timeout 20 "$PINHOLE" http-request saved
like "$out" $'data: .*behind his back.*\nid: [0-9]+' "without a socket a stream tells what there is, and ends"
done_testing
