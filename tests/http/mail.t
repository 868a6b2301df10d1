#!/bin/bash
# Mail servers of every temper: one that asks for a login, one that refuses, one that is not there; and what an account's
# owner is told of it (nothing).
. "$(dirname "$0")/lib.sh"

command -v /usr/bin/python3 >/dev/null || { echo "1..0 # SKIP no python3"; exit 0; }

pinhole init --name Ada >/dev/null 2>&1
"$PINHOLE" config set register.mode open
"$PINHOLE" config set mail.from pinhole@example.org

# smtp NAME [OPTION...]: a mail server whose mails lie in NAME/; $smtp is its URL
smtp() {
	local dir=$1
	shift
	mkdir "$dir"
	mkfifo "$dir/end"
	"$top/tests/http/fake-smtp" "$dir" "$@" <"$dir/end" &
	# shellcheck disable=SC2034 # it stays open: the server ends with it
	exec {fd}>"$dir/end"
	soon test -s "$dir/port"
	smtp=smtp://127.0.0.1:$(cat "$dir/port")
}
# register ADDRESS: asks a server with the settings as they are now
register() {
	start_server
	api POST /v1/register "{\"email\":\"$1\"}"
	stop_server
}

start_server
api POST /v1/register '{"email":"bob@example.org"}'
is "$status" 503 "without a mail server nobody registers by mail"
api POST /v1/register '{"phone":"+33612345678"}'
is "$status" 503 "nor, without the command, by number"
stop_server

smtp login --login 'pin hole:s3cr=t word'
"$PINHOLE" config set mail.server "$smtp"
register bob@example.org
is "$status" 202 "a mail server that asks for a login does not show in the answer"
is "$(ls login)" "$(printf 'end\nport')" "and takes nothing without one"
like "$(cat server.log)" 'a text could not be sent' "which the log says"

"$PINHOLE" config set mail.user 'pin hole'
secret=$HOME/data/pinhole/config.secret
printf '[mail]\n\tpassword = "s3cr=t word"\n' >"$secret"
chmod 600 "$secret"
register carol@example.org
is "$status" 202 "with name and password"
like "$(cat login/1)" 'RCPT TO:<carol@example.org>' "the mail is taken"

smtp refuse --refuse 550
"$PINHOLE" config set mail.server "$smtp"
register dora@example.org
is "$status" 202 "a refused address does not show either"
like "$(tail -3 server.log)" 'refuses \(550\)' "but in the log"
unlike "$(cat server.log)" 's3cr|dora@|carol@' "which holds no address and no password"

"$PINHOLE" config set mail.server smtp://127.0.0.1:1
register erin@example.org
is "$status" 202 "nor does a mail server that is away"
done_testing
