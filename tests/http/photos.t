#!/bin/bash
# photos.t - the timeline, one photo, changing it and taking it away, as everybody sees it.
. "$(dirname "$0")/lib.sh"
. "$top/tests/http/photos.sh"
need jq curl

serve_photos

# --- the timeline ---------------------------------------------------------------------------------

answers 200 "the owner sees the timeline" GET "$beach/photos"
is "$(json '[.photos[].photo]|tostring' <<<"$body")" "[\"$plain\",\"$one\"]" "the newest first"
is "$(json .next <<<"$body")" null "and there is no more"
is "$(header link)" "" "which the headers say, too"
like "$(header etag)" '^W/"[0-9a-f]{32}"$' "with a weak tag"
is "$(header cache-control)" "private, no-cache" "to be asked for again"
tag=$(header etag)
answers 304 "what did not change is not sent again" GET "$beach/photos" -H "If-None-Match: $tag"
is "$(wc -c <"$work/.body" | tr -d ' ')" 0 "not a byte of it"
answers 200 "the oldest first" GET "$beach/photos?order=oldest"
is "$(json '.photos[0].photo' <<<"$body")" "$one" "if asked so"

api GET "$beach/photos?limit=1"
is "$(json '[.photos[].photo]|tostring' <<<"$body")" "[\"$plain\"]" "a page of one"
next=$(header link | sed -n 's/^<\(.*\)>; rel="next"$/\1/p')
like "$next" "^$beach/photos\?.*cursor=$(json .next <<<"$body")" "names the next page"
answers 200 "which is there" GET "$next"
is "$(json '[.photos[].photo]|tostring' <<<"$body")" "[\"$one\"]" "with the other photo"
is "$(json .next <<<"$body")" null "and it is the last"
for bad in limit=0 limit=201 limit=x cursor=zz cursor= "cursor=$(printf '0%.0s' {1..79})" order=none; do
	answers 400 "not a page: ${bad:0:12}" GET "$beach/photos?$bad"
done
answers 200 "every cursor of the right length leads somewhere" GET "$beach/photos?cursor=$(printf 'f%.0s' {1..80})"

# --- one photo, and who may see what --------------------------------------------------------------

answers 200 "one photo" GET "$beach/photos/$one"
is "$(json '[.photo,.name,.mime,.width,.height,.kind,.state]|tostring' <<<"$body")" \
	"[\"$one\",\"one.jpg\",\"image/jpeg\",48,32,\"image\",\"shown\"]" "as it is"
is "$(json -c .gps <<<"$body")" '{"lat":48.8584,"lon":2.2945}' "with its place"
is "$(json .album_name <<<"$body")" null "but not with what the owner calls the album"
tag=$(header etag)
answers 304 "unchanged" GET "$beach/photos/$one" -H "If-None-Match: $tag"
whole=$(pinhole show "$one" --json | json -c 'del(.variants,.album_name)|del(.parts[].path)')
api GET "$beach/photos/$one"
is "$(json -cS . <<<"$body")" "$(json -cS . <<<"$whole")" "it is what show --json prints"

as_user bob
answers 200 "a member sees it" GET "$beach/photos/$one"
is "$(json '[.name,.gps.lat]|tostring' <<<"$body")" '["one.jpg",48.8584]' "with its place"
as_user vera
for path in "$beach/photos/$one" "$beach/photos?order=oldest"; do
	answers 200 "a viewer sees it, too" GET "$path"
	is "$(json '[(.photos[0]//.)|.name,.gps,.parts[0].name]|tostring' <<<"$body")" '[null,null,null]' \
		"without place and names"
	unlike "$body" '48\.8584|one\.jpg|SN-123456' "nowhere in the answer"
done
as_user mallory
for path in photos "photos/$one" "photos/$one/original" "photos/$one/image.jpg?w=320"; do
	answers 404 "a stranger finds nothing: ${path/$one/…}" GET "$beach/$path"
	stranger=$(json .detail <<<"$body")
	api GET "/v1/albums/01000000-0000-7000-8000-000000000000/$path"
	is "$status $(json .detail <<<"$body")" "404 $stranger" "just as where there is nothing"
done
api POST /v1/albums '{"title":"Mine"}'
mine=/v1/albums/$(json .id <<<"$body")
for path in "photos/$one" "photos/$one/original" "photos/$one/parts/$one" "photos/$one/image.jpg?w=320"; do
	answers 404 "a hash opens nothing: ${path//$one/…}" GET "$mine/$path"
	known=$(json .detail <<<"$body")
	api GET "$mine/${path//$one/$(printf '0%.0s' {1..64})}"
	is "$status $(json .detail <<<"$body")" "404 $known" "nor does it tell whether it exists"
done
token=
answers 401 "nobody sees nothing" GET "$beach/photos"
as_user ada
for bad in "${one:0:12}" "$one.jpg" beach:"${one:0:8}" %2e%2e; do
	answers 404 "no photo: ${bad:0:14}" GET "$beach/photos/$bad"
done

# --- changing -------------------------------------------------------------------------------------

photo=$beach/photos/$one
as_user bob
answers 200 "a member changes all of it" PATCH "$photo" \
	'{"caption":"The sea","tags":["sea","sun"],"rotate":90,"taken":{"local":"2020-01-02T03:04:05","offset":"-03:30"}}'
is "$(json '[.caption,.tags,.rotate,.width,.height,.taken.local,.taken.offset]|tostring' <<<"$body")" \
	'["The sea",["sea","sun"],90,32,48,"2020-01-02T03:04:05","-03:30"]' "and gets it as it is"
is "$(pinhole show "$one" --json | json '[.caption,.rotate]|tostring')" '["The sea",90]' "as the store has it"
tag=$(header etag)
api GET "$photo"
is "$(header etag)" "$tag" "its tag is what GET gives"
answers 412 "not over what somebody else changed" PATCH "$photo" '{"caption":"x"}' -H 'If-Match: "00"'
answers 200 "but over what one has seen" PATCH "$photo" '{"tags":["sun"]}' -H "If-Match: $tag"
is "$(json '[.tags,.caption]|tostring' <<<"$body")" '[["sun"],"The sea"]' "only what was named"
answers 200 "a caption goes" PATCH "$photo" '{"caption":null}'
is "$(json .caption <<<"$body")" null "by null"
for bad in '{"rotate":45}' '{"rotate":"90"}' '{"tags":"sea"}' '{"tags":[1]}' '{"tags":[""]}' '{"taken":5}' \
	'{"taken":{"local":"yesterday"}}' '{"taken":{"local":"2020-01-01T00:00:00Z"}}' '{"taken":{}}' \
	'{"gps":{"lat":1,"lon":2}}' '[]' 'x' ''; do
	answers 400 "refused: $bad" PATCH "$photo" "$bad"
done
as_user vera
answers 403 "a viewer changes nothing" PATCH "$photo" '{"caption":"mine"}'

# --- taking away ----------------------------------------------------------------------------------

as_user bob
answers 403 "a member does not remove another's photo" DELETE "$photo"
answers 403 "nor erases it" POST "$photo/erase"
as_user ada
answers 204 "who added it does" DELETE "$photo"
answers 409 "once" DELETE "$photo"
api GET "$beach/photos"
is "$(json '[.photos[].photo]|tostring' <<<"$body")" "[\"$plain\"]" "it is not in the timeline"
answers 404 "there is no picture of it" GET "$photo/image.jpg?w=320&fit=cover"
answers 404 "and no original" GET "$photo/original"
answers 409 "it cannot be changed" PATCH "$photo" '{"caption":"x"}'
answers 200 "who could restore it sees it" GET "$photo"
is "$(json .state <<<"$body")" removed "as removed"
as_user bob
answers 404 "others do not" GET "$photo"
answers 404 "nor can they restore it" POST "$photo/restore"
as_user ada
answers 200 "it comes back" POST "$photo/restore"
is "$(json .state <<<"$body")" shown "as it was"
answers 409 "once" POST "$photo/restore"
api GET "$photo/image.jpg?w=640"
answers 200 "it is erased" POST "$photo/erase"
is "$(json -c keys <<<"$body")" '["album","photo","status"]' "which tells nothing of other albums"
answers 404 "there is no such photo any more" GET "$photo"
answers 404 "no picture" GET "$photo/image.jpg?w=640"
is "$(find "$XDG_DATA_HOME/pinhole" -name "*${one:2}*" | wc -l)" 0 "not a byte of it is left"
is "$(grep -c '"route":"[a-zA-Z]*Photo.*"status":500' "$work/server.log")" 0 "and nothing went wrong"
done_testing
