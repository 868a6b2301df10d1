#!/bin/bash
# search.t - searching, read marks and contacts over the API: each for what the caller sees.
. "$(dirname "$0")/lib.sh"
need jq curl

pinhole init --name Ada -q
owner=$(pinhole user list --json | json 'select(.name=="Ada").id' | head -1)
for name in bob dan; do
	add_user "$name"
done
printf 'the password of Ada' >"$work/.password"
pinhole user password "${owner:-Ada}" --password-file "$work/.password" >/dev/null 2>&1
pinhole contact add "Gran" --phone +33612345678 >/dev/null
start_server
declare -A tokens
for name in dan bob; do
	login "$name"
	tokens[$name]=$token
done
as() {
	token=${tokens[$1]}
}
api POST /v1/albums '{"title":"Beach"}'
album=$(json .id <<<"$body")
as dan
api POST /v1/albums '{"title":"Cave"}'
cave=$(json .id <<<"$body")
api POST "/v1/albums/$cave/messages" '{"text":"a crab in the dark"}'
api POST "/v1/albums/$cave/participants" '{"name":"Eve"}'
as bob
api POST "/v1/albums/$album/messages" '{"text":"a crab on the sand"}'

# --- search ---------------------------------------------------------------------------------------

answers 200 "a search" GET '/v1/search?q=crab'
is "$(json '[.hits[]|.kind,.snippet,.album,.author]|tostring' <<<"$body")" \
	"[\"message\",\"a crab on the sand\",\"$album\",\"bob\"]" "finds what the caller sees"
api GET '/v1/search?q=dark'
is "$body" '{"hits":[]}' "and nothing else"
answers 404 "an album of others cannot be named" GET '/v1/search?q=crab+in:Cave'
cave_answer=$body
api GET '/v1/search?q=crab+in:Nowhere'
is "${body/Nowhere/Cave}" "$cave_answer" "as one that is not there"
answers 404 "nor can their people" GET '/v1/search?q=by:Eve'
answers 200 "one's own album can" GET '/v1/search?q=crab+in:Beach'
is "$(json '.hits|length' <<<"$body")" 1 "by its title"
api GET '/v1/search?q=Beach'
is "$(json '.hits[0].kind' <<<"$body")" album "albums are found"
answers 400 "a search for nothing" GET /v1/search
answers 400 "a query that is none" GET '/v1/search?q=near:x'
answers 200 "FTS syntax is but words" GET '/v1/search?q=crab%29+OR+%22text:*%22'

# --- marks ----------------------------------------------------------------------------------------

answers 200 "read marks" GET /v1/marks
is "$(json '.marks|tostring' <<<"$body")" "[{\"album\":\"$album\",\"seq\":0,\"head\":3}]" "of one's own albums"
answers 200 "a mark is put" PUT "/v1/albums/$album/mark" '{"seq":2}'
is "$(json '[.seq,.head]|tostring' <<<"$body")" '[2,3]' "and counts"
answers 200 "a lower one" PUT "/v1/albums/$album/mark" '{"seq":1}'
is "$(json .seq <<<"$body")" 2 "does not"
api PUT "/v1/albums/$album/mark" '{"seq":3}'
api GET "/v1/albums/$album/mark"
is "$(json .seq <<<"$body")" 3 "a higher one does at once"
api PUT "/v1/albums/$album/mark" '{"seq":999}'
is "$(json .seq <<<"$body")" 3 "nobody reads beyond the end"
answers 400 "a mark that is none" PUT "/v1/albums/$album/mark" '{"seq":"3"}'
answers 404 "in another's album" PUT "/v1/albums/$cave/mark" '{"seq":1}'

# --- contacts -------------------------------------------------------------------------------------

answers 200 "contacts" GET /v1/contacts
is "$body" '{"contacts":[]}' "the owner's are the owner's"
done_testing
