#!/bin/bash
# messages.t - talk over the API: saying, pages backwards, changing, taking back, liking; the chat page.
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
api POST "/v1/albums/$album/participants" "{\"name\":\"Bob\",\"user\":\"$bob_id\"}"
api POST /v1/albums '{"title":"Other"}'
other=$(json .id <<<"$body")
talk=/v1/albums/$album/messages

# --- saying ---------------------------------------------------------------------------------------

answers 201 "a message" POST "$talk" '{"text":"hello 🌊 \"sea\"\n<script>"}'
first=$(json .id <<<"$body")
is "$(json '[.seq,(.at|type)]|tostring' <<<"$body")" '[4,"number"]' "has its place and time"
answers 200 "it can be read" GET "$talk/$first"
is "$(json '[.text,.author,.author_id,.photo,.reply_to,.edited,.deleted,.likes,.liked]|tostring' <<<"$body")" \
	"[\"hello 🌊 \\\"sea\\\"\\n<script>\",\"ada\",\"$ada_id\",null,null,null,false,0,false]" "as it was said"
is "$(pinhole messages beach --json | json .text)" $'hello 🌊 "sea"\n<script>' "the command shows the same"
as bob
answers 201 "an answer" POST "$talk" "{\"text\":\"hi\",\"reply_to\":\"$first\",\"photo\":null}"
reply=$(json .id <<<"$body")
api GET "$talk/$reply"
is "$(json '[.reply_to,.author]|tostring' <<<"$body")" "[\"$first\",\"Bob\"]" "names what it answers"
for bad in '{}' '{"text":""}' '{"text":" \n"}' '{"text":"a\u0000b"}' '{"text":1}' '{"text":"x","said":1}' '[]' '' '"x"' \
	'{"text":"x","reply_to":"y"}' '{"text":"x","photo":7}' $'{"text":"\xc3\x28"}' '{"text":"\ud800"}' \
	'{"text":"x","text":"y"}' '{"text":"x","id":"1"}'; do
	answers 400 "refused: ${bad:0:40}" POST "$talk" "$bad"
done
printf '{"text":"%s"}' "$(head -c 16385 /dev/zero | tr '\0' x)" >long
answers 400 "a text that is too long" POST "$talk" @long
printf '{"text":"%s"}' "$(head -c 16384 /dev/zero | tr '\0' x)" >long
answers 201 "the longest" POST "$talk" @long
head -c 300000 /dev/zero | tr '\0' ' ' >long
answers 413 "a body that is too long" POST "$talk" @long
answers 404 "an answer to what is not there" POST "$talk" \
	'{"text":"x","reply_to":"0190b0a0-0000-7000-8000-00000000dead"}'
answers 404 "about a photo that is not there" POST "$talk" \
	"{\"text\":\"x\",\"photo\":\"$(printf '0%.0s' {1..64})\"}"
answers 201 "a message with an id of the client's" POST "$talk" \
	'{"text":"once","id":"0190b0a0-0000-7000-8000-000000000001"}'
answers 200 "sent again" POST "$talk" '{"text":"once","id":"0190b0a0-0000-7000-8000-000000000001"}'
answers 409 "with other words" POST "$talk" '{"text":"twice","id":"0190b0a0-0000-7000-8000-000000000001"}'
api GET "$talk?limit=200"
is "$(json '[.messages[]|select(.text=="once")]|length' <<<"$body")" 1 "is there once"

# --- pages ----------------------------------------------------------------------------------------

as ada
for i in $(seq 30); do
	printf '{"kind":"message.send","body":{"text":"line %d"}}\n' "$i"
done >lines
api POST "/v1/albums/$album/events" @lines -H 'Content-Type: application/x-ndjson'
api GET "$talk?limit=10"
is "$(json '[.messages[].text]|tostring' <<<"$body" | cut -c1-400)" "$(jq -nc '[range(30;20;-1)|"line \(.)"]|tostring' -r)" \
	"a page: the newest first"
is "$(header link)" "<$talk?limit=10&before=$(json .next <<<"$body")>; rel=\"next\"" "with a link to the next"
pages=1 texts=$(json '.messages[].id' <<<"$body")
while next=$(header link | sed -n 's/^<\(.*\)>; rel="next"$/\1/p') && [ -n "$next" ]; do
	api GET "$next"
	texts+=$'\n'$(json '.messages[].id' <<<"$body")
	pages=$((pages + 1))
done
is "$pages $(sort -u <<<"$texts" | wc -l)" "4 34" "four pages hold all, each once"
is "$(json .next <<<"$body")" null "the last one says so"
api GET "$talk"
tag=$(header etag)
answers 304 "nothing was said since" GET "$talk" -H "If-None-Match: $tag"
api POST "$talk" '{"text":"news"}'
answers 200 "now something was" GET "$talk" -H "If-None-Match: $tag"
api DELETE "$talk/$(json '.messages[0].id' <<<"$body")"
answers 400 "a cursor that is none" GET "$talk?before=yesterday"
answers 200 "any UUID is a time" GET "$talk?before=00000000-0000-7000-8000-000000000000"
is "$(json '.messages|length' <<<"$body")" 0 "before 1970 nothing was said"
answers 404 "a UUID without a time is none" GET "$talk?before=00000000-0000-4000-8000-000000000000"
answers 404 "comments on a photo that is not there" GET "$talk?photo=$(printf '0%.0s' {1..64})"

# --- the chat page --------------------------------------------------------------------------------

answers 200 "the chat page" GET "/chat/$album"
is "$(json 'length' <<<"$body")" 10 "has ten"
is "$(json '.[1].text' <<<"$body")" "line 30" "the newest first"
api GET "/chat/$album?quantity=3&time=$(json '.[9].id' <<<"$body")"
is "$(json '[.[].text]|tostring' <<<"$body")" '["line 21","line 20","line 19"]' "and what was before a message"
answers 400 "a time that is none" GET "/chat/$album?time=now"
answers 400 "a quantity that is none" GET "/chat/$album?quantity=-1"
as dan
answers 404 "a stranger's chat page" GET "/chat/$album"
answers 404 "a stranger does not talk" POST "$talk" '{"text":"x"}'
answers 404 "nor listen" GET "$talk"
answers 404 "nor see one" GET "$talk/$first"

# --- changing -------------------------------------------------------------------------------------

as ada
answers 200 "a message is edited" PATCH "$talk/$first" '{"text":"hello"}'
is "$(json '[.text,(.edited|type)]|tostring' <<<"$body")" '["hello","number"]' "and says so"
answers 200 "to the same again" PATCH "$talk/$first" '{"text":"hello"}'
as bob
answers 403 "not by another" PATCH "$talk/$first" '{"text":"mine"}'
answers 403 "nor to the same" PATCH "$talk/$first" '{"text":"hello"}'
answers 403 "nor taken back" DELETE "$talk/$first"
as ada
answers 404 "not through another album" PATCH "/v1/albums/$other/messages/$first" '{"text":"x"}'
answers 404 "nor read" GET "/v1/albums/$other/messages/$first"

# --- liking ---------------------------------------------------------------------------------------

likes=$talk/$first/reactions
as bob
answers 201 "a like" POST "$likes"
answers 200 "again changes nothing" POST "$likes" '{"name":"like"}'
is "$(json '[.name,.on,.likes]|tostring' <<<"$body")" '["like",true,1]' "one likes it"
answers 201 "another word" POST "$likes" '{"name":"🎉"}'
api GET "$talk/$first"
is "$(json '[.likes,.liked]|tostring' <<<"$body")" '[1,true]' "the message knows"
as ada
api POST "$likes"
api GET "$likes?limit=1"
is "$(json '.reactions|length' <<<"$body")" 1 "a page of those who like"
all=$(json '.reactions[]|.author+" "+.name' <<<"$body")
while next=$(header link | sed -n 's/^<\(.*\)>; rel="next"$/\1/p') && [ -n "$next" ]; do
	api GET "$next"
	all+=,$(json '.reactions[]|.author+" "+.name' <<<"$body")
done
is "$(tr , '\n' <<<"$all" | sort | tr '\n' ,)" "Bob like,Bob 🎉,ada like," "all pages: who, and how"
answers 200 "a like is taken back" DELETE "$likes"
is "$(json '[.on,.likes]|tostring' <<<"$body")" '[false,1]' "one is left"
answers 200 "twice" DELETE "$likes"
for bad in '{"name":""}' '{"name":"a b"}' '{"name":"a\u0007"}' "{\"name\":\"$(printf 'x%.0s' {1..33})\"}" '{"nom":"x"}'; do
	answers 400 "no reaction: $bad" POST "$likes" "$bad"
done
answers 404 "to what is not there" POST "$talk/0190b0a0-0000-7000-8000-00000000dead/reactions"

# --- taking back ----------------------------------------------------------------------------------

word=quinquereme$RANDOM
api POST "$talk" "{\"text\":\"$word\"}"
gone=$(json .id <<<"$body")
answers 204 "a message is taken back" DELETE "$talk/$gone"
answers 200 "its shell stays" GET "$talk/$gone"
is "$(json '[.text,.deleted]|tostring' <<<"$body")" '[null,true]' "without the words"
answers 204 "again changes nothing" DELETE "$talk/$gone"
answers 409 "it is edited no more" PATCH "$talk/$gone" '{"text":"x"}'
answers 404 "nor liked" POST "$talk/$gone/reactions"
as bob
api POST "$talk" '{"text":"rude"}'
rude=$(json .id <<<"$body")
as ada
answers 204 "who moderates takes back what others said" DELETE "$talk/$rude"
ok "the words are in no file of the store" \
	soon eval '! grep -rlaF "$word" "$XDG_DATA_HOME/pinhole" >/dev/null'
stop_server
is "$server_rc" 0 "the server ended as it should"
succeeds "the store is sound" pinhole fsck
done_testing
