#!/bin/bash
# user.t - pinhole user: accounts of those who may sign in, and what becomes of them.
. "$(dirname "$0")/../lib.sh"
need jq sqlite3 python3

fails 10 "without a store" pinhole user list
succeeds "a store" pinhole init --name Ada
succeeds "a list" pinhole user list --json
is "$(json -c '[.name, .role, .password]' <<<"$out")" '["Ada","admin",false]' "has the owner"

# --- add
fails 2 "an account without number and address" pinhole user add Anna
echo "correct horse" >password
succeeds "an account" pinhole user add Anna --phone "+33 6 12 34 56 78" --email Anna@Example.org \
	--password-file password --json
is "$(json -c '[.name, .phone, .email, .role, .password, .disabled, .quota]' <<<"$out")" \
	'["Anna","+33612345678","anna@example.org","user",true,false,null]' "as it was given"
anna=$(json .id <<<"$out")
fails 6 "another with the same address" pinhole user add Other --email ANNA@example.org
unlike "$err" Anna "does not say whose it is"
fails 1 "a short password" pinhole user add Ben --email ben@example.org --password-file <(echo short)
like "$err" '8 characters' "is told"
fails 5 "and made nothing" pinhole user show Ben
succeeds "a password by standard input" \
	pinhole user add Ben --email ben@example.org --password-file - --role admin <<<"battery staple"
succeeds "one without, where nobody can be asked" pinhole user add Carl --email carl@example.org
like "$err" 'code' "is told what that means"
succeeds "a dry run" pinhole user add Dora --email dora@example.org --dry-run
fails 5 "adds nobody" pinhole user show Dora
fails 1 "what is no address" pinhole user add Dora --email "dora@example.org, x@y"
fails 2 "an address as a number" pinhole user add Dora --phone dora@example.org
is "$(pinhole user list --json | json .name | paste -sd' ')" "Ada Anna Ben Carl" "all in order"
fails 1 "a word for an address" pinhole user add Dora --email dora
like "$err" 'nor an e-mail address' "is not called a number"
fails 1 "a name that clears screens" pinhole user add $'Eve\e[2J' --email eve@example.org
unlike "$err" $'\e' "does not do so in the answer"
succeeds "one that turns the text around" pinhole user add $'Eve\u202e' --email eve@example.org
unlike "$(pinhole user list)" $'\u202e' "is shown as what it is"

# --- who
for who in anna ANNA "+33 612345678" anna@example.org "$anna" "${anna: -8}"; do
	succeeds "$who is found" pinhole user show "$who" --json
	is "$(json .id <<<"$out")" "$anna" "as Anna"
done
fails 5 "nobody" pinhole user show nobody
succeeds "two of a name" pinhole user add anna --email anna2@example.org
fails 6 "are ambiguous" pinhole user show anna
like "$err" "say which: ${anna: -8}" "and listed"
succeeds "one goes" pinhole user delete anna2@example.org --yes

# --- passwords
version() {
	sqlite3 "$XDG_DATA_HOME/pinhole/pinhole.db" \
		"SELECT version FROM account WHERE email = 'anna@example.org'"
}
before=$(version)
PINHOLE_PASSWORD_COMMAND='echo "tr0ubador & 3"' succeeds "a password by command" \
	pinhole user password anna
is "$(version)" "$((before + 1))" "raises the version of tokens"
PINHOLE_PASSWORD_COMMAND=false fails 1 "a command that fails" pinhole user password anna
is "$(version)" "$((before + 1))" "changes nothing"
fails 2 "no password at all" pinhole user password anna
fails 5 "a file that is not there" pinhole user password anna --password-file nope
ok "no password is in the store" \
	bash -c '! grep -raqE "correct horse|battery staple|tr0ubador" "$XDG_DATA_HOME/pinhole"'

# --- at a terminal
cat >type.py <<'PYTHON'
# Types answers at a terminal; prints what it showed, the exit code, and whether it shows what is typed again.
import os, pty, sys, termios

child, terminal = pty.fork()
if child == 0:
    os.execvp(os.environ["PINHOLE"], ["pinhole", "user", "password", "ben"])
shown, answers = b"", [a.encode().decode("unicode_escape").encode() for a in sys.argv[1:]]
while True:
    try:
        piece = os.read(terminal, 4096)
    except OSError:
        break
    if not piece:
        break
    shown += piece
    if piece.endswith(b": ") and answers:
        os.write(terminal, answers.pop(0))
echoes = bool(termios.tcgetattr(terminal)[3] & termios.ECHO)
print(shown.decode(), os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), echoes)
PYTHON
typed=$(python3 type.py 'new horse\n' 'new horse\n')
like "$typed" '0 True$' "a password is typed twice"
unlike "$typed" 'new horse' "and not shown"
like "$(python3 type.py 'new horse\n' 'old horse\n')" 'differ.*1 True$' "the same both times"
like "$(python3 type.py 'new\x03')" 'interrupted.*130 True$' "who breaks off sees again what they type"

# --- state
succeeds "disabled" pinhole user disable anna --json
is "$(json .disabled <<<"$out")" true "is told"
like "$(pinhole user list)" 'Anna +disabled' "and listed"
succeeds "enabled" pinhole user enable anna
fails 4 "the owner cannot be disabled" pinhole user disable Ada
succeeds "a role" pinhole user role ben user --json
is "$(json .role <<<"$out")" user "is told"
fails 4 "not the owner's" pinhole user role Ada user
fails 2 "no such role" pinhole user role ben king
succeeds "a quota" pinhole user quota anna 2G --json
is "$(json .quota <<<"$out")" 2147483648 "in bytes"
succeeds "the default" pinhole user quota anna default --json
is "$(json .quota <<<"$out")" null "is null"

# --- delete
fails 4 "the owner cannot go" pinhole user delete Ada --yes
fails 2 "nobody is asked" pinhole user delete anna
like "$err" 'stay there under their name' "but told what would stay"
succeeds "a dry run" pinhole user delete anna --dry-run --erase --json
is "$(json -c '[.status, .albums, .erased]' <<<"$out")" '["would-delete",0,true]' "only tells"
succeeds "deleted" pinhole user delete anna --yes --json
is "$(json .status <<<"$out")" deleted "is told"
fails 5 "gone" pinhole user show anna@example.org
succeeds "the store is whole" pinhole fsck
done_testing
