#!/bin/bash
# The same request twice, and too many requests.
. "$(dirname "$0")/lib.sh"

pinhole init --name Ada >/dev/null 2>&1
"$PINHOLE" config set serve.rate-user 0
"$PINHOLE" config set serve.rate-public 0
"$PINHOLE" config set serve.rate-login 0
add_user bob
add_user carol
start_server

albums() {
	api GET /v1/albums
	json '.albums | length' <<<"$body"
}

# --- the same request twice ------------------------------------------------------------------
login carol
carol=$token
login bob
answers 201 "an album is made" POST /v1/albums '{"title":"Beach"}' -H 'Idempotency-Key: one'
first=$body
is "$(header idempotency-replayed)" "" "for the first time"
answers 201 "and asked for again" POST /v1/albums '{"title":"Beach"}' -H 'Idempotency-Key: one'
is "$body" "$first" "with the same answer"
is "$(header idempotency-replayed)" true "which says that it is one"
is "$(albums)" 1 "there is one album"
answers 422 "the key with another body" POST /v1/albums '{"title":"Lake"}' -H 'Idempotency-Key: one'
is "$(header content-type)" application/problem+json "is a problem"
answers 201 "another key" POST /v1/albums '{"title":"Beach"}' -H 'Idempotency-Key: two'
is "$(albums)" 2 "is another request"
token=$carol answers 201 "another's same key" POST /v1/albums '{"title":"Lake"}' -H 'Idempotency-Key: one'
is "$(albums)" 2 "is another request, too"
answers 400 "a refused request" POST /v1/albums '{"title":7}' -H 'Idempotency-Key: three'
answers 201 "may be mended" POST /v1/albums '{"title":"Mended"}' -H 'Idempotency-Key: three'
answers 400 "a key that is too long" POST /v1/albums '{"title":"x"}' \
	-H "Idempotency-Key: $(printf 'k%.0s' {1..256})"
stop_server
start_server
login bob
answers 201 "the answer outlives the server" POST /v1/albums '{"title":"Beach"}' -H 'Idempotency-Key: one'
is "$body" "$first" "as it was"
answers 201 "what holds a secret" POST /v1/tokens '{"name":"x","scopes":["read"]}' -H 'Idempotency-Key: key'
secret=$(json -r .token <<<"$body")
answers 201 "is not kept" POST /v1/tokens '{"name":"x","scopes":["read"]}' -H 'Idempotency-Key: key'
isnt "$(json -r .token <<<"$body")" "$secret" "so it is another"

# Many at once: one album, and each answer is that or "under way".
for i in 1 2 3 4 5 6 7 8; do
	curl -sS -o "many.$i" -w '%{http_code}\n' -X POST -H "Authorization: Bearer $token" \
		-H 'Content-Type: application/json' -H 'Idempotency-Key: many' \
		--data '{"title":"Many"}' "$base/v1/albums" >"status.$i" &
	pids+=($!)
done
wait "${pids[@]}"
is "$(cat status.* | grep -cvE '^(201|409)$')" 0 "asked many times at once"
api GET /v1/albums
is "$(json '[.albums[] | select(.title == "Many")] | length' <<<"$body")" 1 "it is done once"

# --- too many --------------------------------------------------------------------------------
limits() {
	stop_server
	"$PINHOLE" config set serve.rate-user "$1"
	"$PINHOLE" config set serve.rate-public "$2"
	"$PINHOLE" config set serve.rate-login "$3"
	start_server
}
limits 6 0 0
login bob
for _ in 1 2 3; do
	api GET /v1/me
done
is "$status" 200 "half of a user's requests"
is "$(header ratelimit)" "" "need no warning"
api GET /v1/me
like "$(header ratelimit)" '^"user";r=2;t=[0-9]+$' "then what is left is said"
is "$(header ratelimit-policy)" '"user";q=6;w=60' "and of how many"
for _ in 1 2 3; do
	api GET /v1/me
done
is "$status" 429 "one too many"
is "$(header content-type)" application/problem+json "is a problem"
like "$(header retry-after)" '^([1-9]|10)$' "that passes"
login carol
answers 200 "another user is not concerned" GET /v1/me
limits 0 5 0
token=
for _ in 1 2 3 4 5; do
	api GET /.well-known/jwks.json
done
is "$status" 200 "what is for anyone"
answers 429 "has a limit for each address" GET /.well-known/jwks.json
token=phk_guess answers 429 "which guessed tokens meet as well" GET /v1/me
limits 0 0 3
for _ in 1 2 3; do
	login bob
done
is "$status" 200 "signing in"
! login bob
is "$status" 429 "has its own"
done_testing
