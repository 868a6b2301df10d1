#!/bin/bash
# help.t - pinhole help, -h, and the manual that help shows.
. "$(dirname "$0")/../lib.sh"

succeeds "help" pinhole help
like "$out" 'usage: pinhole' "tells how to call it"
for verb in $("$PINHOLE" --commands | cut -d' ' -f1 | sort -u); do
	like "$out" "  $verb +[a-z]" "lists $verb"
done
all=$out
succeeds "-h" pinhole -h
is "$out" "$all" "means the same"
is "$err" "" "and says nothing else"

succeeds "-h of a command" pinhole version -h
is "$out" 'usage: pinhole version [OPTION]...

print the version

Options:
      --json              print JSON, one object per line

The manual: pinhole help version' "comes from its table"
succeeds "-h of a subcommand" pinhole config get -h
like "$out" 'usage: pinhole config get \[OPTION\]\.\.\. KEY' "names its words"
succeeds "-h wins over missing words" pinhole config set -h
succeeds "-h of a command with subcommands" pinhole config -h
like "$out" '  unset +take a value out' "lists them"

fails 5 "help for what does not exist" pinhole help confg
is "$err" 'pinhole: no command "confg"
hint: did you mean config?' "says what was meant"
fails 2 "help takes one word" pinhole help config list

succeeds "help roles" pinhole help roles
is "$(head -n 1 <<<"$out" | xargs)" "viewer member admin owner" "lists the roles"
like "$out" '
say something +- +yes +yes +yes
' "and who may do what"
like "$out" '
delete, hand over or move the album +- +- +- +yes
' "from looking to owning"

# Without man(1) on PATH, help is the text of -h.
mkdir bin
fails 1 "a topic without man(1)" env PATH="$work/bin" "$PINHOLE" help events
like "$err" 'pinhole-events\(7\)' "names its page"
succeeds "without man(1)" env PATH="$work/bin" "$PINHOLE" help version
like "$out" 'usage: pinhole version' "help is the text of -h"

built=$(dirname "$PINHOLE")
page=$built/build/man/pinhole.1
[ -e "$page" ] || page=$built/man/pinhole.1
if command -v man >/dev/null && [ -e "$page" ]; then
	succeeds "help of a command" env MANWIDTH=80 "$PINHOLE" help version
	like "$out" 'PINHOLE-VERSION\(1\)' "is its page"
	succeeds "help pinhole" env MANWIDTH=80 "$PINHOLE" help pinhole
	like "$out" 'EXIT STATUS' "is pinhole(1)"
	for topic in "album-json 5" "api 7" "events 7" "facts 5" "store 7"; do
		succeeds "help ${topic% *}" env MANWIDTH=80 "$PINHOLE" help "${topic% *}"
		like "$(head -n 1 <<<"$out")" "(${topic#* })" "is its page"
	done
	succeeds "help settings" env MANWIDTH=80 "$PINHOLE" help settings
	like "$out" 'PINHOLE-CONFIG\(5\).*serve\.listen' "is the page of config that tells the keys"
else
	skip 16 "man(1) or the pages are not there"
fi
# On a terminal the text goes through the pager, and -h does not.
if command -v script >/dev/null; then
	on_terminal() {
		script -qec "$1" /dev/null </dev/null | tr -d "\r"
	}
	export PINHOLE_CORE_PAGER="$(command -v sed) s/^/P:/"
	like "$(on_terminal "PATH=$work/bin $PINHOLE help version")" "P:usage: pinhole version" \
		"help goes through the pager"
	like "$(on_terminal "$PINHOLE version -h")" "^usage" "-h does not"
	like "$(on_terminal "PINHOLE_CORE_PAGER=cat PATH=$work/bin $PINHOLE help version")" "^usage" \
		"cat is no pager"
else
	skip 3 "script(1) is not installed"
fi
done_testing
