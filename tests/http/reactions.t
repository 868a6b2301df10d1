#!/bin/bash
# reactions.t - what is said and felt about photos over the API: likes, comments, the cover; and that a viewer
# finds no photo by what viewers may not see.
. "$(dirname "$0")/lib.sh"
. "$top/tests/pictures.sh"
need jq curl

pinhole init --name Ada -q
for name in ada bob cleo dan; do
	add_user "$name"
done
owner=$(pinhole user list --json | json 'select(.role=="admin").id')
start_server
declare -A tokens
for name in dan cleo bob ada; do
	login "$name"
	tokens[$name]=$token
done
as() {
	token=${tokens[$1]}
}
api POST /v1/albums '{"title":"Beach"}'
album=$(json .id <<<"$body")
people=/v1/albums/$album/participants
api POST "$people" "{\"name\":\"Owner\",\"user\":\"$owner\"}"
api POST "$people" "{\"name\":\"Bob\",\"user\":\"$bob_id\"}"
api POST "$people" "{\"name\":\"Cleo\",\"user\":\"$cleo_id\",\"role\":\"viewer\"}"
api POST /v1/albums '{"title":"Other"}'
other=$(json .id <<<"$body")
make_photo IMG_4711.jpg
make_photo IMG_4712.jpg second
pinhole ingest IMG_4711.jpg IMG_4712.jpg --album beach --no-render -q >/dev/null
photo=$(sha256sum <IMG_4711.jpg | cut -c1-64)
second=$(sha256sum <IMG_4712.jpg | cut -c1-64)
likes=/v1/albums/$album/photos/$photo/reactions

# --- likes ----------------------------------------------------------------------------------------

as cleo
answers 201 "a viewer likes a photo" POST "$likes"
answers 200 "again changes nothing" POST "$likes" '{}'
is "$(json '[.on,.likes]|tostring' <<<"$body")" '[true,1]' "there is one like"
as bob
answers 201 "a member too" POST "$likes"
api GET "$likes"
is "$(json '[.reactions[].author]|sort|tostring' <<<"$body")" '["Bob","Cleo"]' "both are told"
answers 200 "a like is taken back" DELETE "$likes"
is "$(json .likes <<<"$body")" 1 "one's own"
answers 404 "a photo that is not there" POST "/v1/albums/$album/photos/$(printf '0%.0s' {1..64})/reactions"
answers 404 "a part of a hash is none" POST "/v1/albums/$album/photos/${photo:0:12}/reactions"
as ada
answers 404 "not in another album" POST "/v1/albums/$other/photos/$photo/reactions"
as dan
answers 404 "not by a stranger" POST "$likes"
answers 404 "who does not see them either" GET "$likes"

# --- comments -------------------------------------------------------------------------------------

as cleo
answers 403 "a viewer does not comment" POST "/v1/albums/$album/messages" "{\"text\":\"x\",\"photo\":\"$photo\"}"
as bob
answers 201 "a member does" POST "/v1/albums/$album/messages" "{\"text\":\"nice\",\"photo\":\"$photo\"}"
api POST "/v1/albums/$album/messages" '{"text":"about nothing"}'
as cleo
api GET "/v1/albums/$album/messages?photo=$photo"
is "$(json '[.messages[]|.text,.photo]|tostring' <<<"$body")" "[\"nice\",\"$photo\"]" "what was said about the photo"
api GET "/v1/albums/$album/messages?photo=$second"
is "$(json '.messages|length' <<<"$body")" 0 "nothing about the other"
as ada
answers 404 "not through another album" GET "/v1/albums/$other/messages?photo=$photo"

# --- the cover ------------------------------------------------------------------------------------

answers 200 "a cover" PATCH "/v1/albums/$album" "{\"cover\":\"$second\"}"
is "$(json .cover <<<"$body")" "$second" "is chosen"
answers 404 "not of another album's photos" PATCH "/v1/albums/$other" "{\"cover\":\"$second\"}"

# --- what viewers may not see ---------------------------------------------------------------------

found() {
	api GET "/v1/search?q=$1"
	json '[.hits[]|select(.kind=="photo")]|length' <<<"$body"
}
as bob
is "$(found 'IMG_4711') $(found has:gps) $(found near:48.85,2.35,50)" "1 2 2" "a member finds photos by name and place"
as cleo
is "$(found 'IMG_4711') $(found has:gps) $(found near:48.85,2.35,50)" "0 0 0" "a viewer does not"
is "$(found has:photo+-has:comment)" 1 "but by what was said of them"
as dan
is "$(found 'IMG_4711') $(found has:photo)" "0 0" "a stranger finds nothing"
as cleo
api GET "/v1/albums/$album/events?limit=200"
unlike "$body" 'SN-123456|IMG_4711|"lat"' "the log holds nothing of it"

# --- hashes ---------------------------------------------------------------------------------------

facts=$(json "[.events[]|select(.kind==\"photo.add\").body.facts]|.[0]" <<<"$body")
bytes=$(stat -c %s IMG_4711.jpg)
event="{\"kind\":\"photo.add\",\"about\":\"$photo\",\"body\":{\"kind\":\"image\",\"mime\":\"image/jpeg\",\"bytes\":$bytes,\"width\":48,\"height\":32,\"facts\":\"$facts\"}}"
api POST /v1/albums '{"title":"Mine"}'
mine=$(json .id <<<"$body")
answers 404 "a viewer does not copy an original by its hash" POST "/v1/albums/$mine/events" "$event"
as dan
api POST /v1/albums '{"title":"Mine"}'
dans=$(json .id <<<"$body")
answers 404 "nor does a stranger who heard of it" POST "/v1/albums/$dans/events" "$event"
refusal=$body
answers 404 "told the same of what is not there" POST "/v1/albums/$dans/events" "${event//$photo/$(printf '0%.0s' {1..64})}"
is "$body" "$refusal" "to the letter"
as bob
api POST /v1/albums '{"title":"Mine"}'
bobs=$(json .id <<<"$body")
answers 201 "a member may show it elsewhere" POST "/v1/albums/$bobs/events" "$event"

# --- the end --------------------------------------------------------------------------------------

pinhole remove "beach:$photo" >/dev/null
answers 404 "a removed photo is not liked" POST "$likes"
done_testing
