#!/bin/bash
# albums.t - albums, their people and their links, as the API has them: each for who may see it, and for
# nobody else.
. "$(dirname "$0")/lib.sh"
need jq curl

pinhole init --name Ada -q
for name in ada bob cleo dan; do
	add_user "$name"
done
start_server
declare -A tokens
for name in ada bob cleo dan; do
	login "$name"
	tokens[$name]=$token
done
as() {
	token=${tokens[$1]}
}

# --- albums ---------------------------------------------------------------------------------------

as ada
answers 200 "a list of albums" GET /v1/albums
is "$body" '{"albums":[]}' "is empty at first"
answers 201 "an album is made" POST /v1/albums '{"title":"The Béach","description":"sand"}'
album=$(json .id <<<"$body")
is "$(header location)" "/v1/albums/$album" "and says where it is"
is "$(json '[.title,.description,.role,.photos,.messages,.members,.cover,.archived]|tostring' <<<"$body")" \
	'["The Béach","sand","owner",0,0,1,null,false]' "with what it is"
answers 201 "another of the same title" POST /v1/albums '{"title":"The Béach"}'
unlike "$body" 'beach-2' "does not tell that there is one already"
second=$(json .id <<<"$body")
api GET "/v1/albums/$album/participants"
is "$(json '.participants[0]|[.name,.role,.kind,.you]|tostring' <<<"$body")" '["ada","owner","user",true]' \
	"who makes an album owns it, by their own name"
api GET '/v1/albums?limit=1'
is "$(json '.albums|length' <<<"$body")" 1 "a page of one"
next=$(header link | sed -n 's/^<\(.*\)>; rel="next"$/\1/p')
api GET "$next"
is "$(json '.albums|length' <<<"$body")" 1 "and the next"
is "$(header link)" "" "which is the last"
api GET '/v1/albums?x=a%26b%3D%C3%A9%3E%22&limit=1'
is "$(header link | grep -o 'x=[^&]*')" 'x=a%26b%3D%C3%A9%3E%22' "a link keeps what else was asked, encoded"
answers 200 "an album is changed" PATCH "/v1/albums/$album" '{"title":"Beach","description":null,"archived":true}'
is "$(json '[.title,.description,.archived]|tostring' <<<"$body")" '["Beach",null,true]' "in all that was named"
api GET /v1/albums
is "$(json '.albums|length' <<<"$body")" 1 "what was put away is not listed"
api GET '/v1/albums?archived=1'
is "$(json '.albums|length' <<<"$body")" 2 "unless asked for"
api PATCH "/v1/albums/$album" '{"archived":false}'
for bad in '{"title":""}' '{"title":"   "}' '{"title":"a\u0000b"}' '{"title":"a\nb"}' '{"title":7}' '{"titel":"x"}' \
	'[]' '' '{' "{\"title\":\"$(printf 'x%.0s' {1..600})\"}" '{"cover":"zz"}' $'{"title":"\xff"}' \
	'{"archived":"yes"}' '{"title":"x","title":"y"}'; do
	api PATCH "/v1/albums/$album" "$bad"
	like "$status" '^4' "refused: ${bad:0:40}"
done
api GET "/v1/albums/$album"
is "$(json .title <<<"$body")" Beach "and nothing was changed by it"
answers 404 "a cover that is not there" PATCH "/v1/albums/$album" \
	'{"cover":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}'
answers 400 "a limit that is none" GET '/v1/albums?limit=0'
answers 400 "or too high" GET '/v1/albums?limit=201'

api GET "/v1/albums/$album"
tag=$(header etag)
answers 304 "who has an album already gets it not again" GET "/v1/albums/$album" -H "If-None-Match: $tag"
is "$body" "" "without a body"
answers 200 "it is changed as expected" PATCH "/v1/albums/$album" '{"description":"x"}' -H "If-Match: $tag"
answers 412 "what was changed meanwhile is not changed" PATCH "/v1/albums/$album" '{"title":"y"}' -H "If-Match: $tag"
answers 412 "nor deleted" DELETE "/v1/albums/$album" -H "If-Match: $tag"
answers 200 "it is there in its new form" GET "/v1/albums/$album" -H "If-None-Match: $tag"
is "$(json '[.title,.description]|tostring' <<<"$body")" '["Beach","x"]' "and no other"
api GET /v1/albums
answers 304 "nor the list" GET /v1/albums -H "If-None-Match: $(header etag)"

# --- people ---------------------------------------------------------------------------------------

people=/v1/albums/$album/participants
as bob
answers 404 "a stranger's album is not there" GET "/v1/albums/$album"
is "$(json .detail <<<"$body")" "there is no such album" "as one that never was"
answers 404 "nor its people" GET "$people"
as ada
answers 201 "a member is added" POST "$people" "{\"name\":\"Bob\",\"user\":\"$bob_id\"}"
is "$(json '[.id,.role,.kind]|tostring' <<<"$body")" "[\"$bob_id\",\"member\",\"user\"]" "as asked"
answers 409 "once" POST "$people" "{\"name\":\"Bob\",\"user\":\"$bob_id\"}"
answers 201 "a viewer too" POST "$people" "{\"name\":\"Cleo\",\"user\":\"$cleo_id\",\"role\":\"viewer\"}"
answers 201 "somebody who is waiting" POST "$people" '{"name":"Gran"}'
is "$(json .kind <<<"$body")" waiting "is so"
gran=$(json .id <<<"$body")
answers 400 "nobody becomes owner so" POST "$people" '{"name":"X","role":"owner"}'
answers 400 "nor anything unknown" POST "$people" '{"name":"X","role":"king"}'
for bad in '' ' ' 'a\u001b[31mb' 'a\nb' "$(printf 'x%.0s' {1..257})"; do
	answers 400 "no name: ${bad:0:12}" POST "$people" "{\"name\":\"$bad\"}"
done
as bob
answers 200 "a member sees the album" GET "/v1/albums/$album"
is "$(json .role <<<"$body")" member "and what they are"
answers 403 "a member does not invite" POST "$people" '{"name":"X"}'
answers 403 "nor rename it" PATCH "/v1/albums/$album" '{"title":"Mine"}'
answers 403 "nor delete it" DELETE "/v1/albums/$album"
answers 403 "nor rise" PATCH "$people/$bob_id" '{"role":"admin"}'
answers 200 "but renames themselves" PATCH "$people/$bob_id" '{"name":"Robert"}'
answers 403 "not others" PATCH "$people/$cleo_id" '{"name":"Nobody"}'
answers 403 "and removes none" DELETE "$people/$cleo_id"
as ada
answers 200 "the owner makes admins" PATCH "$people/$bob_id" '{"role":"admin"}'
as bob
answers 204 "who remove" DELETE "$people/$gran"
answers 403 "but not the owner" DELETE "$people/$ada_id"
as ada
answers 404 "one who was removed is not there" DELETE "$people/$gran"
api GET "$people"
is "$(json '[.participants[].name]|sort|tostring' <<<"$body")" '["Cleo","Robert","ada"]' "three take part"
api GET "$people?former=1"
is "$(json '[.participants[]|select(.removed)|.name]|tostring' <<<"$body")" '["Gran"]' "one did"
answers 403 "an owner does not leave" DELETE "$people/$ada_id"
as cleo
answers 204 "a viewer does" DELETE "$people/$cleo_id"
ok "and sees nothing more within a second" soon eval 'api GET "/v1/albums/$album"; [ "$status" = 404 ]'

# --- links ----------------------------------------------------------------------------------------

links=/v1/albums/$album/links
as ada
answers 201 "a link" POST "$links" '{"name":"for Gran","may":["look","download"],"expires":1900000000000}'
link=$(json .id <<<"$body")
is "$(json '[.name,.may,.expires,.max_uses,.revoked]|tostring' <<<"$body")" \
	'["for Gran",["look","download"],1900000000000,null,false]' "as asked"
api GET "$links"
is "$(json '.links|length' <<<"$body")" 1 "is listed"
answers 400 "nothing else may a link" POST "$links" '{"may":["own"]}'
answers 204 "it is revoked" DELETE "$links/$link"
answers 404 "once" DELETE "$links/$link"
api GET "$links"
is "$(json '.links|length' <<<"$body")" 0 "and gone"
api GET "$links?revoked=1"
is "$(json '.links[0].revoked' <<<"$body")" true "but not forgotten"
as dan
answers 404 "a stranger sees no links" GET "$links"

# --- the end --------------------------------------------------------------------------------------

as ada
answers 204 "an album is deleted" DELETE "/v1/albums/$album"
ok "for all" soon eval 'api GET "/v1/albums/$album"; [ "$status" = 404 ]'
api GET /v1/albums
is "$(json '[.albums[].id]|tostring' <<<"$body")" "[\"$second\"]" "the other is there"
token=''
answers 401 "nobody sees anything" GET /v1/albums
done_testing
