#!/bin/bash
# What signed-in people hold: refresh tokens, sessions, API keys, invitations; and that what ends, ends at every door.
. "$(dirname "$0")/lib.sh"

pinhole init --name Ada >/dev/null 2>&1
"$PINHOLE" config set serve.rate-login 0
add_user bob
add_user root --role admin
start_server

# tokens: of the last answer
take_tokens() {
	token=$(json .access_token <<<"$body")
	refresh=$(json .refresh_token <<<"$body")
}
refresh_with() {
	without_token api POST /v1/token/refresh "{\"refresh_token\":\"$1\"}"
}
is_over() {
	api GET /v1/me
	[ "$status" = 401 ]
}

# --- refresh tokens --------------------------------------------------------------------------
login bob
is "$status" 200 "bob signs in"
take_tokens
first=$refresh first_token=$token
answers 200 "the access token holds" GET /v1/me
is "$(json -c .scopes <<<"$body")" '["read","write","upload","account"]' "for all that is theirs"
refresh_with "$first"
is "$status" 200 "a refresh token is exchanged"
isnt "$(json .refresh_token <<<"$body")" "$first" "for another"
take_tokens
second=$refresh
refresh_with "$first"
is "$(json .refresh_token <<<"$body")" "$second" "asked again at once, the same answer: the first may be lost"
refresh_with "$second"
is "$status" 200 "the second is exchanged"
take_tokens
refresh_with "$first"
is "$status" 401 "the first now is somebody else's"
answers 401 "and the session is over" GET /v1/me
refresh_with "$refresh"
is "$status" 401 "with its newest refresh token"
for bad in '' phr_x "$first_token" '\u0000' 'é'; do
	refresh_with "$bad"
	like "$status" '^40[01]$' "no refresh token: ${bad:0:8}"
done

# --- sessions --------------------------------------------------------------------------------
login bob
phone=$token
api POST /v1/login '{"login":"bob@example.org","password":"bob'"'"'s password","device":"Bob'"'"'s desk"}' \
	-H 'User-Agent: none'
desk=$(json .access_token <<<"$body")
token=$phone
api GET /v1/sessions
is "$(json '.sessions | length' <<<"$body")" 2 "two sessions"
is "$(json -r '.sessions[] | select(.current | not) | .device' <<<"$body")" "Bob's desk" "one on the desk"
other=$(json -r '.sessions[] | select(.current | not) | .id' <<<"$body")
login root
answers 404 "an administrator does not end others' sessions so" DELETE "/v1/sessions/$other"
token=$phone answers 204 "bob does" DELETE "/v1/sessions/$other"
token=$desk
ok "its tokens are over within a second" soon is_over
token=$phone
answers 404 "it is gone" DELETE "/v1/sessions/$other"
answers 404 "as one that never was" DELETE "/v1/sessions/$bob_id"
answers 204 "logging out" POST /v1/logout
ok "ends this one" soon is_over

# --- API keys --------------------------------------------------------------------------------
# make_key NAME SCOPES: $key
make_key() {
	api POST /v1/tokens "{\"name\":\"$1\",\"scopes\":$2}"
	key=$(json .token <<<"$body") key_id=$(json .id <<<"$body")
}
login bob
session=$token
make_key all '["read","write","account"]'
is "$status" 201 "a key for a program"
is "$(header cache-control)" no-store "that nobody keeps"
all=$key all_id=$key_id
make_key admin '["admin"]'
is "$status" 403 "who is no administrator makes none for one"
make_key none '[]'
is "$status" 400 "a key for nothing"
make_key odd '["read","fly"]'
is "$status" 400 "a key for what there is not"
token=$all
answers 200 "the key signs in" GET /v1/me
make_key more '["read","upload"]'
is "$status" 403 "a key makes none that may more"
make_key less '["read"]'
is "$status" 201 "but one that may less"
less=$key
token=$less
answers 200 "which reads" GET /v1/me
answers 403 "and does not make keys" POST /v1/tokens '{"name":"x","scopes":["read"]}'
answers 403 "nor change the account" PATCH /v1/me '{"name":"Eve"}'
answers 403 "nor see sessions" GET /v1/sessions
token=$all
answers 403 "a key does not change the password" PUT /v1/me/password \
	'{"old":"bob'"'"'s password","password":"something else"}'
answers 400 "nor log out" POST /v1/logout
token=$session
api GET /v1/tokens
is "$(json -c '[.tokens[].name] | sort' <<<"$body")" '["all","less"]' "keys are listed"
unlike "$body" phk_ "without their secret"
used() {
	api GET /v1/tokens
	[ "$(json -r '[.tokens[] | select(.used)] | length' <<<"$body")" = 2 ]
}
ok "and when they were used" soon used
login root
answers 404 "another's key cannot be revoked" DELETE "/v1/tokens/$all_id"
token=$session answers 204 "one's own can" DELETE "/v1/tokens/$all_id"
token=$all
ok "then it is over" soon is_over
token=$less
ok "and so is the key that it made" soon is_over
token=$session
past=$(($(date +%s) - 10))000
answers 400 "a key that is over already" POST /v1/tokens \
	"{\"name\":\"x\",\"scopes\":[\"read\"],\"expires\":$past}"
soon_ms=$(($(date +%s%3N) + 1500))
api POST /v1/tokens "{\"name\":\"x\",\"scopes\":[\"read\"],\"expires\":$soon_ms}"
token=$(json .token <<<"$body")
answers 200 "a key for a while" GET /v1/me
ok "ends by itself" soon is_over
token=$session
later=$(($(date +%s) + 3600))000
api POST /v1/tokens "{\"name\":\"hour\",\"scopes\":[\"read\",\"account\"],\"expires\":$later}"
token=$(json .token <<<"$body")
answers 403 "a key that ends makes none that does not" POST /v1/tokens '{"name":"x","scopes":["read"]}'
answers 403 "nor one that ends later" POST /v1/tokens \
	"{\"name\":\"x\",\"scopes\":[\"read\"],\"expires\":${later%000}001}"
answers 201 "but one that ends with it" POST /v1/tokens \
	"{\"name\":\"x\",\"scopes\":[\"read\"],\"expires\":$later}"

# --- everything at once ----------------------------------------------------------------------
token=$session
make_key last '["read"]'
answers 204 "all tokens are revoked" POST /v1/tokens/revoke-all
ok "the session" soon is_over
token=$key
ok "and the key" soon is_over

# --- how long they live ----------------------------------------------------------------------
stop_server
"$PINHOLE" config set serve.session-time 61
"$PINHOLE" config set serve.token-time 30
start_server
login bob
is "$(json .expires_in <<<"$body")" 30 "how long an access token lives is set"
is "$(cut -d. -f2 <<<"$token" | tr _- /+ | base64 -d 2>/dev/null | jq '.exp - .iat')" 30 "in itself, too"
api GET /v1/sessions
is "$(json '.sessions[0] | .expires - .used' <<<"$body")" 61000 "and how long a session that is not used"
stop_server
"$PINHOLE" config unset serve.session-time
"$PINHOLE" config unset serve.token-time
start_server

# --- from the command line -------------------------------------------------------------------
login bob
"$PINHOLE" user disable bob 2>/dev/null
ok "a user is disabled by a command" soon is_over
"$PINHOLE" user enable bob 2>/dev/null
ok "for good: the token stays over" is_over
login bob
"$PINHOLE" token revoke --all --user bob 2>/dev/null
ok "and all tokens are revoked by one" soon is_over

# --- one's own account -----------------------------------------------------------------------
login bob
answers 200 "a new name" PATCH /v1/me '{"name":"Bobby"}'
is "$(json .name <<<"$body")" Bobby "is shown"
answers 400 "not an empty one" PATCH /v1/me '{"name":" "}'
answers 400 "nor what is not one's own to change" PATCH /v1/me '{"name":"Bob","admin":true}'
answers 403 "the old password is needed" PUT /v1/me/password \
	'{"old":"wrong","password":"something else"}'
old=$token
answers 200 "with it there is a new one" PUT /v1/me/password \
	'{"old":"bob'"'"'s password","password":"bob'"'"'s password 2"}'
take_tokens
answers 200 "and new tokens" GET /v1/me
token=$old
ok "the old ones are over" soon is_over

# --- administrators --------------------------------------------------------------------------
login root
admin=$token
api GET /v1/users
is "$(json -c '[.users[].name] | sort' <<<"$body")" '["Ada","Bobby","root"]' "all users"
api POST /v1/users '{"name":"Carol","email":"carol@example.org","password":"carol'"'"'s password","quota":1000}'
is "$status $(json .quota <<<"$body")" "201 1000" "a user is made"
carol_id=$(json -r .id <<<"$body")
answers 409 "once" POST /v1/users '{"name":"Carol","email":"Carol@example.org"}'
login carol
is "$status" 200 "who signs in"
carol=$token
answers 403 "and is no administrator" GET /v1/users
answers 403 "of nobody" GET "/v1/users/$bob_id"
answers 403 "nor of themselves" PATCH "/v1/users/$carol_id" '{"admin":true}'
token=$admin
answers 200 "an administrator disables them" PATCH "/v1/users/$carol_id" '{"disabled":true}'
token=$carol
ok "which ends their tokens" soon is_over
! login carol
is "$status" 401 "and they cannot sign in"
token=$admin
api PATCH "/v1/users/$carol_id" '{"disabled":false,"quota":null,"password":"carol again and"}'
is "$status $(json .disabled <<<"$body") $(json .quota <<<"$body")" "200 false null" "several changes at once"
answers 404 "nobody" GET "/v1/users/00000000-0000-7000-8000-000000000000"
answers 404 "no id" GET /v1/users/nobody
answers 400 "deleting says what becomes of what they brought" DELETE "/v1/users/$carol_id"
answers 200 "it can be asked first" DELETE "/v1/users/$carol_id?content=keep&dry_run=1"
answers 200 "without doing it" GET "/v1/users/$carol_id"
answers 200 "then done" DELETE "/v1/users/$carol_id?content=erase"
answers 404 "and they are gone" GET "/v1/users/$carol_id"

# --- invitations -----------------------------------------------------------------------------
answers 201 "an invitation" POST /v1/invites '{"max_uses":2}'
invite=$(json -r .id <<<"$body")
like "$(json -r .token <<<"$body")" '^phi_' "with its token"
api GET /v1/invites
is "$(json -c '[.invites[].max_uses]' <<<"$body")" '[2]' "is listed"
unlike "$body" phi_ "without it"
answers 404 "not to an album that is not there" POST /v1/invites "{\"album\":\"$bob_id\"}"
"$PINHOLE" album create beach >/dev/null 2>&1
beach=$("$PINHOLE" album show beach --json | jq -r .id)
answers 404 "nor to one that one does not see" POST /v1/invites "{\"album\":\"$beach\"}"
token=$admin answers 204 "it is taken back" DELETE "/v1/invites/$invite"
answers 404 "once" DELETE "/v1/invites/$invite"

# --- many at once ----------------------------------------------------------------------------
# Passwords are hashed one after the other: who waits is answered in the end, and who left is in nobody's way.
sign_in() {
	curl -sS -o /dev/null -w '%{http_code}\n' "$@" -H 'Content-Type: application/json' \
		--data "{\"login\":\"bob@example.org\",\"password\":\"bob's password 2\"}" "$base/v1/login"
}
pids=()
for i in {1..12}; do
	sign_in --max-time 0.03 >/dev/null 2>&1 &
	pids+=($!)
	sign_in >"many.$i" &
	pids+=($!)
done
wait "${pids[@]}"
is "$(sort many.* | uniq -c | xargs)" "12 200" "all who sign in at once are let in"

# --- a hash of other times -------------------------------------------------------------------
# A server of its own: of those who left, some still have their password compared, and would fail with the new one.
stop_server
start_server
# From the argon2 reference: the password is "password", with three times our memory.
hash_of_bob() {
	/usr/bin/python3 - "$HOME/data/pinhole/pinhole.db" "$@" <<-'END'
		import sqlite3, sys
		db = sqlite3.connect(sys.argv[1])
		new = sys.argv[2:]
		new and db.execute("UPDATE account SET password = ? WHERE email = 'bob@example.org'", new)
		db.commit()
		print(*db.execute("SELECT password FROM account WHERE email = 'bob@example.org'").fetchone())
	END
}
if [ -x /usr/bin/python3 ]; then
	# shellcheck disable=SC2016
	hash_of_bob '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc' >old-hash
	answers 401 "a wrong password" POST /v1/login '{"login":"bob@example.org","password":"passwort"}'
	is "$(hash_of_bob)" "$(cat old-hash)" "changes no hash"
	answers 200 "the right one" POST /v1/login '{"login":"bob@example.org","password":"password"}'
	like "$(hash_of_bob)" 'm=19456,' "is hashed as today"
	answers 200 "and holds" POST /v1/login '{"login":"bob@example.org","password":"password"}'
else
	skip 5 "no python3"
fi

# --- headers that say nothing ----------------------------------------------------------------
token=
for bad in 'Basic YTpi' 'Bearer' 'Bearer ' 'Bearer x' "Bearer $(printf 'x%.0s' {1..3000})" 'bearer a.b.c'; do
	api GET /v1/me '' -H "Authorization: $bad"
	is "$status" 401 "Authorization: ${bad:0:20}"
done
like "$(header www-authenticate)" '^Bearer' "says what is asked for"
done_testing
