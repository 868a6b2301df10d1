#!/bin/bash
# check-token.t - another service checks our tokens with a standard library (examples/check-token).
. "$(dirname "$0")/../http/lib.sh"
/usr/bin/python3 -c 'import jwt, cryptography' 2>/dev/null ||
	skip_all "python3-jwt or python3-cryptography is not installed"

check=$top/examples/check-token
pinhole init -q --name Ada
start_server
add_user anna
login anna
succeeds "a token" "$check" "$base" "$token"
is "$(json '[.user, .administrator] | join(" ")' <<<"$out")" "$anna_id false" "is Anna's"
old=$token
succeeds "another signing key" pinhole token rotate
# other_key: a new token names another key than the old one
other_key() {
	login anna && [ "${token%%.*}" != "${old%%.*}" ]
}
ok "the server signs by it soon" soon other_key
succeeds "a token of the new key" "$check" "$base" "$token"
succeeds "one of the key before" "$check" "$base" "$old"
IFS=. read -r head payload signature <<<"$token"
forged=$(base64 -d <<<"$payload===" 2>/dev/null | sed 's/"adm":false/"adm":true/' | base64 -w0 | tr '+/' '-_' | tr -d =)
fails 1 "a changed one" "$check" "$base" "$head.$forged.$signature"
like "$err" 'does not hold' "is refused"
none=$(printf '{"alg":"none","typ":"JWT"}' | base64 -w0 | tr -d =)
fails 1 "one without a signature" "$check" "$base" "$none.$forged."
done_testing
