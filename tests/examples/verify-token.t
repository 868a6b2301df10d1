#!/bin/bash
# verify-token.t - a service in another language lets in whom pinhole signed in, and nobody else.
. "$(dirname "$0")/../http/lib.sh"
need jq openssl
/usr/bin/python3 -c 'import jwt, cryptography' 2>/dev/null || skip_all "no python3-jwt, python3-cryptography"

pinhole init --name Ada >/dev/null 2>&1
add_user bob
start_server
login bob
good=$token
session=$(without_token api GET /v1/me)$(api GET /v1/sessions && json '.sessions[0].id' <<<"$body")
issuer=$("$PINHOLE" status --json | jq -r .id)

"$top/examples/verify-token" "$base" "$issuer" 0 >service 2>service.err &
service_pid=$!
trap 'kill "$service_pid" 2>/dev/null; http_clean' EXIT
soon test -s service
pinhole_base=$base
service=$(sed 's/.* //' service)

base=$service
answers 200 "whom pinhole signed in" GET /
is "$(json .user <<<"$body")" "$bob_id" "is known by their id"
is "$(json .session <<<"$body")" "$session" "and session"
is "$(json .admin <<<"$body")" false "and as no administrator"
without_token answers 401 "who brings nothing is not let in" GET /

"$top/tests/http/forge_tokens.py" "$HOME/data/pinhole" "$good" >forged
ok "there are forgeries" test "$(wc -l <forged)" -gt 3
while IFS=$'\t' read -r name token; do
	case $name in
	genuine) answers 200 "its own key's token" GET / ;;
	# Signed by the right key: what is wrong with them, pinhole alone can know.
	'another user' | *'no UUID' | 'another session' | *version* | 'no sid' | 'no ver') ;;
	# The same token in a spelling that the library lets pass.
	'an end as text' | padding) ;;
	*) answers 401 "forged: $name" GET / ;;
	esac
done <forged

token=$good
base=$pinhole_base
kill -STOP "$server_pid"
base=$service answers 200 "the keys are asked for once" GET /
kill -CONT "$server_pid"

# After a rotation new tokens name a new key, and old ones hold until they end.
succeeds "keys are rotated" "$PINHOLE" token rotate
login bob
isnt "$(cut -d. -f1 <<<"$token")" "$(cut -d. -f1 <<<"$good")" "new tokens name another key"
base=$service answers 200 "which the service fetches" GET /
token=$good
answers 200 "the old token holds with pinhole" GET /v1/me
base=$service answers 200 "and with the service" GET /
kill "$service_pid"
done_testing
