#!/bin/bash
# Getting an account: registering by mail and by number, codes, passwords forgotten and wrong, invitations, and that
# nobody learns who has an account.
. "$(dirname "$0")/lib.sh"

command -v /usr/bin/python3 >/dev/null || { echo "1..0 # SKIP no python3"; exit 0; }

pinhole init --name Ada --region FR >/dev/null 2>&1
mkdir mail
mkfifo mail/end
"$top/tests/http/fake-smtp" mail <mail/end &
smtp_pid=$!
exec 7>mail/end
soon test -s mail/port

config() {
	"$PINHOLE" config set "$@" || echo "# config set $* failed"
}
config register.mode open
config mail.server "smtp://127.0.0.1:$(cat mail/port)"
config mail.from pinhole@example.org
config notify.sms-command "cat >>'$work/sms'; echo >>'$work/sms'"
config serve.url https://photos.example.org
config serve.rate-login 0
config serve.rate-public 0
start_server

# mail_count N: there are so many by now
mail_count() {
	[ "$(find mail -name '[0-9]*' ! -name '*.new' | wc -l)" -eq "$1" ]
}
# code_of FILE: the code that was sent
code_of() {
	grep -oE '\b[0-9]{6}\b' "$1" | tail -1
}
# register ADDRESS
register() {
	api POST /v1/register "$(jq -nc --arg e "$1" '{email: $e}')"
}
# confirm ADDRESS CODE [JSON-OF-MORE]
confirm() {
	local more=${3-'{}'}
	api POST /v1/register/confirm "$(jq -nc --arg e "$1" --arg c "$2" --argjson more "$more" \
		'{email: $e, code: $c} + $more')"
}
log_in() {
	api POST /v1/login "$(jq -nc --arg e "$1" --arg p "$2" '{email: $e, password: $p}')"
}

# --- by mail ---------------------------------------------------------------------------------
register Bob@Example.ORG
is "$status" 202 "a registration by mail is taken"
is "$body" '{"expires_in":600}' "with nothing but how long its code holds"
soon mail_count 1
first=$(cat mail/1)
like "$first" 'RCPT TO:<bob@example.org>' "a mail goes to the address"
like "$first" 'MAIL FROM:<pinhole@example.org>' "from ours"
like "$first" 'https://photos.example.org' "that names the server"
code=$(code_of mail/1)
like "$code" '^[0-9]{6}$' "and holds a code of six digits"
confirm bob@example.org "$(printf '%06d' $(((10#$code + 1) % 1000000)))" '{"name":"Bob","password":"long enough"}'
is "$status" 403 "another code is refused"
is "$(header content-type)" application/problem+json "as a problem"
confirm bob@example.org "$code" '{"name":"Bob","password":"short"}'
is "$status" 400 "a password that is too short is no try"
confirm bob@example.org "$code" '{"name":"Bob","password":"long enough"}'
is "$status" 201 "the code that was sent makes an account"
is "$(json .user.name <<<"$body")" Bob "with its name"
is "$(json .token_type <<<"$body")" Bearer "and tokens"
is "$(header cache-control)" no-store "that nobody keeps"
new=$(json .access_token <<<"$body")
token=$new api GET /v1/me
is "$status $(json .email <<<"$body")" "200 bob@example.org" "the access token holds"
confirm bob@example.org "$code" '{"name":"Eve","password":"long enough"}'
is "$status" 403 "a code is good once"
log_in BOB@example.org 'long enough'
is "$status" 200 "the password holds, in any spelling of the address"
log_in bob@example.org 'long enoughh'
is "$status" 401 "another does not"
wrong=$body
log_in nobody@example.org 'long enough'
is "$status" 401 "nobody has no password"
is "$body" "$wrong" "and is refused in the same words"

# --- who has an account is told to nobody else -----------------------------------------------
register bob@example.org
known="$status $body"
register dan@example.org
is "$status $body" "$known" "an address with an account is answered as one without"
register bob@example.org
known="$status $body"
register dan@example.org
is "${status}" 429 "a second code so soon must wait"
like "$(header retry-after)" '^[0-9]+$' "as long as it is said"
is "$(tr -d '0-9' <<<"$status $body")" "$(tr -d '0-9' <<<"$known")" "for both"
soon mail_count 3
like "$(cat mail/[23])" 'You have an account' "only the mail tells who has one"
register carol@example.org
soon mail_count 4
code=$(code_of mail/4)
confirm carol@example.org "$code" '{"password":"long enough"}'
is "$status" 201 "an account without a name"

# --- by number -------------------------------------------------------------------------------
api POST /v1/register '{"phone":"06 12 34 56 78"}'
is "$status" 202 "a registration by number"
soon grep -sq '^+33612345678$' sms
is "$(head -1 sms)" +33612345678 "the command gets the number"
code=$(code_of sms)
api POST /v1/register/confirm "{\"phone\":\"+33612345678\",\"code\":\"$code\",\"name\":\"Dora\"}"
is "$status" 201 "its code makes an account"
is "$(json .user.phone <<<"$body")" +33612345678 "by the whole number"
api POST /v1/login '{"phone":"0612345678","password":"long enough"}'
is "$status" 401 "that has no password"
api POST /v1/register '{"phone":"12"}'
is "$status" 400 "a number that is none"
api POST /v1/register '{"email":"a@b\r\nBcc: eve@example.org"}'
is "$status" 400 "an address that is two lines"
api POST /v1/register '{"email":"a@example.org","phone":"0612345678"}'
is "$status" 400 "both"
api POST /v1/register '{}'
is "$status" 400 "neither"
api POST /v1/register '['
is "$status" 400 "no JSON"

# --- a forgotten password --------------------------------------------------------------------
before=$(find mail -name '[0-9]*' | wc -l)
api POST /v1/password/reset '{"email":"bob@example.org"}'
is "$status" 202 "a reset is taken"
answer=$body
api POST /v1/password/reset '{"email":"nobody@example.org"}'
is "$status $body" "202 $answer" "and so is one for nobody"
soon mail_count $((before + 1))
code=$(code_of "mail/$((before + 1))")
log_in bob@example.org 'long enough'
old=$(json .access_token <<<"$body")
api POST /v1/password/reset/confirm "{\"email\":\"bob@example.org\",\"code\":\"$code\",\"password\":\"another one\"}"
is "$status" 200 "the code sets a new password"
token=$old answers 401 "tokens from before are over" GET /v1/me
log_in bob@example.org 'long enough'
is "$status" 401 "and so is the old password"
log_in bob@example.org 'another one'
is "$status" 200 "the new one holds"
mail_count $((before + 1))
is "$?" 0 "nothing was sent to nobody"

# --- guessed codes ---------------------------------------------------------------------------
before=$(find mail -name '[0-9]*' | wc -l)
register gina@example.org
soon mail_count $((before + 1))
code=$(code_of "mail/$((before + 1))")
for i in 1 2 3 4 5; do
	confirm gina@example.org "$(printf '%06d' $(((10#$code + i) % 1000000)))"
	is "$status" 403 "a guess"
done
confirm gina@example.org "$code"
is "$status" 429 "then one must wait"
stop_server
start_server
looked_at() {
	confirm gina@example.org "$code"
	[ "$status" != 429 ]
}
soon looked_at
is "$status" 403 "for nothing: five guesses end a code, also over a restart"

# --- backing off -----------------------------------------------------------------------------
for _ in 1 2 3 4 5 6 7; do
	log_in carol@example.org 'wrong wrong'
	carol_last=$status
done
is "$carol_last" 429 "after some wrong passwords one must wait"
like "$(header retry-after)" '^[0-9]+$' "so long"
log_in carol@example.org 'long enough'
is "$status" 429 "with the right one, too"

stop_server

# --- modes -----------------------------------------------------------------------------------
config register.mode invite
start_server
register erin@example.org
is "$status" 403 "an invitation is needed"
api POST /v1/register '{"email":"erin@example.org","invite":"phi_nonsense"}'
is "$status" 403 "one that holds"
before=$(find mail -name '[0-9]*' | wc -l)
"$PINHOLE" album create beach >/dev/null 2>&1
beach=$("$PINHOLE" album show beach --json | jq -r .id)
invite=$("$PINHOLE" invite --album beach --json | jq -r ".link | sub(\".*#\"; \"\")")
like "$invite" '^phi_' "the owner invites somebody to an album"
api POST /v1/register "{\"email\":\"erin@example.org\",\"invite\":\"$invite\"}"
is "$status" 202 "who may register then"
soon mail_count $((before + 1))
code=$(code_of "mail/$((before + 1))")
confirm erin@example.org "$code" '{"name":"Erin","password":"long enough"}'
is "$status" 403 "not by the code alone"
confirm erin@example.org "$code" "{\"name\":\"Erin\",\"password\":\"long enough\",\"invite\":\"$invite\"}"
is "$status" 201 "but by both"
token=$(json .access_token <<<"$body") answers 200 "and sees the album" GET "/v1/albums/$beach"
api POST /v1/register "{\"email\":\"frank@example.org\",\"invite\":\"$invite\"}"
is "$status" 403 "the invitation was for one"
kill "$smtp_pid"
exec 7>&-
stop_server
config register.mode closed
start_server
register erin@example.org
is "$status" 403 "a closed server takes nobody"

like "$(grep -c . server.log)" '^[1-9]' "the server has a log"
run grep -E 'long enough|another one|bob@example|"phr_|eyJ' server.log
is "$out" "" "without passwords, addresses and tokens"
done_testing
