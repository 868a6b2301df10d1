#!/bin/bash
# foreign.t - what is not one's own: ids in bodies that belong to another album are, for all who are not in it, as if they were
# not there; a hash gives access to nothing; nobody learns which bytes the server has; a key is no way to more than it may.
# shellcheck disable=SC2034 # lib.sh uses $token
. "$(dirname "$0")/lib.sh"
need curl
. "$top/tests/pictures.sh"

pinhole init --name Ada --region FR 2>/dev/null
no_limits
add_user eve
add_user bob
start_server
make_photo secret.jpg secret
make_plain mine.jpg mine
octets=(-H 'Tus-Resumable: 1.0.0' -H 'Content-Type: application/offset+octet-stream')

# upload ALBUM FILE: the answer is in $status, the photo's hash in $photo
upload() {
	api POST "$1/uploads" "@$2" "${octets[@]}" -H "Upload-Length: $(stat -c %s "$2")"
	photo=$(header pinhole-photo)
}

login eve
api POST /v1/albums '{"title":"Secret"}'
hers=/v1/albums/$(json .id <<<"$body")
upload "$hers" secret.jpg
secret=$photo
api GET "$hers/events"
facts=$(json '.events[] | select(.kind == "photo.add") | .body.facts' <<<"$body")
added=$(json -c '.events[] | select(.kind == "photo.add") | .body' <<<"$body")
api POST "$hers/messages" '{"text":"Said in secret"}'
said=$(json .id <<<"$body")
like "$facts" '^[0-9a-f]{64}$' "the photo has facts"
eve_token=$token

login bob
api POST /v1/albums '{"title":"Mine"}'
mine=/v1/albums/$(json .id <<<"$body")
upload "$mine" mine.jpg
own=$photo
bob_token=$token

none_hash=$(printf '%064d' 7)
none_id=0190b0a0-0000-7000-8000-00000000dead
event() {
	jq -nc --arg kind "$1" --arg about "$2" --argjson body "$3" '{kind: $kind, body: $body} +
		if $about == "" then {} else {about: $about} end'
}
# as_absent NAME METHOD PATH BODY-WITH-@: with @ as the other's and as one that does not exist, the answer is one
as_absent() {
	local name=$1 theirs=$2 none=$3 first
	shift 3
	api "$1" "$2" "${3//@/$theirs}"
	first="$status $body"
	like "$first" '^40[349] ' "$name is refused"
	api "$1" "$2" "${3//@/$none}"
	is "${first//$theirs/@}" "$status ${body//$none/@}" "as one that does not exist"
}

as_absent "another's photo as cover" "$secret" "$none_hash" PATCH "$mine" '{"cover":"@"}'
as_absent "a comment on another's photo" "$secret" "$none_hash" POST "$mine/messages" '{"text":"a","photo":"@"}'
as_absent "an answer to another's message" "$said" "$none_id" POST "$mine/messages" '{"text":"a","reply_to":"@"}'
as_absent "another's album in an invitation" "${hers##*/}" "$none_id" POST /v1/invites '{"album":"@"}'
as_absent "another's photo by an event" "$secret" "$none_hash" POST "$mine/events" "$(event photo.add @ "$added")"
as_absent "another's bytes as a part" "$secret" "$none_hash" POST "$mine/events" \
	"$(event photo.part "$own" "$(jq -c '{part: "@", role: "edited", mime, bytes, width, height}' <<<"$added")")"
as_absent "another's facts" "$facts" "$none_hash" POST "$mine/events" \
	"$(event photo.part "$own" "$(jq -c --arg own "$own" '{part: $own, role: "edited", mime, bytes, facts: "@"}' <<<"$added")")"
as_absent "joining with another's photo" "$secret" "$none_hash" POST "$mine/events" "$(event photo.join "$own" '{"into":"@"}')"
as_absent "another's photo as cover by an event" "$secret" "$none_hash" POST "$mine/events" \
	"$(event album.cover '' '{"photo":"@"}')"
as_absent "a comment by an event" "$secret" "$none_hash" POST "$mine/events" \
	"$(event message.send '' '{"text":"a","photo":"@"}')"
as_absent "liking another's photo by an event" "$secret" "$none_hash" POST "$mine/events" "$(event reaction.add @ '{"name":"like"}')"
as_absent "editing another's message by an event" "$said" "$none_id" POST "$mine/events" "$(event message.edit @ '{"text":"a"}')"
for about in "image.jpg?w=320" original "parts/$secret" reactions ''; do
	answers 404 "another's photo under one's own album: $about" GET "$mine/photos/$secret/$about"
done
answers 404 "another's bytes as a part of one's own photo" GET "$mine/photos/$own/parts/$secret"
answers 200 "a search for another's words" GET '/v1/search?q=secret'
is "$(json '.hits | length' <<<"$body")" 0 "finds nothing"
for path in "$mine/messages?before=$said" "/chat/${mine##*/}?time=$said"; do
	api GET "$path"
	first=$status
	api GET "${path/$said/$none_id}"
	is "$first" "$status" "a page from another's message on"
done

# Whoever brings the bytes is told nothing of who has them.
upload "$mine" secret.jpg
is "$status" 201 "bytes that another has are taken"
is "$photo" "$secret" "by the same name, which follows from them"
known=$(tr -d '\r' <"$work/.head" | cut -d: -f1 | sort)
make_photo fresh.jpg fresh
upload "$mine" fresh.jpg
is "$known" "$(tr -d '\r' <"$work/.head" | cut -d: -f1 | sort)" "and answered as bytes that nobody has"
answers 200 "then they are one's own" GET "$mine/photos/$secret/original"
api GET "$mine/photos/$secret"
is "$(json '.author_id' <<<"$body")" "$bob_id" "brought by oneself"
is "$(json '"\(.comments) \(.likes)"' <<<"$body")" '0 0' "without what others said about theirs"
token=$eve_token
answers 200 "the other still has hers" GET "$hers/photos/$secret/original"
token=$bob_token
answers 404 "and her album is hers alone" GET "$hers/photos/$secret"

# --- keys ---------------------------------------------------------------------------------------

# An API key is never a way to more than it may itself.
add_user ada --role admin
login ada
api POST /v1/tokens '{"name":"script","scopes":["admin","account"]}'
session=$token
token=$(json .token <<<"$body")
for change in '{"password":"one of mine"}' '{"email":"me@example.org"}' '{"phone":"+33612345678"}'; do
	for id in "$ada_id" "$bob_id"; do
		answers 403 "a key does not take over an account: $change" PATCH "/v1/users/$id" "$change"
	done
done
answers 403 "nor makes an administrator" PATCH "/v1/users/$bob_id" '{"admin":true}'
answers 403 "or a new one" POST /v1/users '{"name":"Me","email":"me@example.org","password":"one of mine","admin":true}'
answers 403 "nor a key that may more" POST /v1/tokens '{"name":"more","scopes":["admin","account","read"]}'
answers 403 "nor changes its maker's password" PUT /v1/me/password '{"old":"ada'\''s password","password":"one of mine"}'
answers 200 "it does what else an administrator does" PATCH "/v1/users/$bob_id" '{"quota":1000000}'
answers 201 "and makes accounts" POST /v1/users '{"name":"New","email":"new@example.org","password":"one of theirs"}'
token=$session
answers 200 "who signed in may do it" PATCH "/v1/users/$bob_id" '{"email":"robert@example.org"}'
done_testing
