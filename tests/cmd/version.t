#!/bin/bash
# version.t - pinhole version, and what the frame promises for every command.
. "$(dirname "$0")/../lib.sh"

version=$(sed -n 's/^VERSION := //p' "$top/Makefile")

succeeds "version" pinhole version
is "$out" "pinhole $version" "prints name and version"
is "$err" "" "and nothing else"
succeeds "--version" pinhole --version
is "$out" "pinhole $version" "means the same"
succeeds "version --json" pinhole version --json
is "$(json .version <<<"$out")" "$version" "in JSON"
succeeds "without a home" env -u HOME -u XDG_DATA_HOME "$PINHOLE" version
ok "no store is made" test ! -e "$XDG_DATA_HOME/pinhole"

fails 2 "words that nobody asked for" pinhole version now
is "$err" 'pinhole: pinhole version takes options only
hint: see `pinhole version -h`' "are refused with the way out"
fails 2 "an unknown option" pinhole version --jsn
is "$err" 'pinhole: unknown option --jsn
hint: did you mean --json?' "is refused with what was meant"
is "$out" "" "and prints no result"
fails 2 "an unknown letter" pinhole version -J
like "$err" 'unknown option -J' "is named"
fails 2 "a value for a switch" pinhole version --json=yes
like "$err" 'takes no value' "is refused"

fails 2 "an unknown command" pinhole verison
is "$err" 'pinhole: no command "verison"
hint: did you mean version?' "is refused with what was meant"
fails 2 "no command at all" pinhole
like "$err" 'which command' "is asked for"
fails 2 "a store option without its value" pinhole version --store
like "$err" 'needs a value' "says so"

fails 2 "a command name with escapes in it" pinhole $'ver\033[31msion'
ok "does not reach the terminal raw" bash -c "! grep -q $'\033' '$work/.err'"

mkdir bin
cat >bin/pinhole-hello <<'END'
#!/bin/sh
echo "hello $* from $PINHOLE_STORE"
exit 9
END
chmod +x bin/pinhole-hello
PATH=$work/bin:$PATH
fails 9 "a program pinhole-hello on PATH is a command" pinhole --store /some/where hello -x 'a b'
is "$out" "hello -x a b from /some/where" "gets its words and the store"

"$PINHOLE" version >&- 2>"$work/closed"
is $? 1 "a closed standard output is a failure"
like "$(cat closed)" "cannot write the result" "that is told"

if [ -w /dev/full ]; then
	"$PINHOLE" version >/dev/full 2>"$work/full"
	is $? 13 "a full disk is a failure"
	like "$(cat full)" 'cannot write the result' "that is told"
else
	skip 2 "no /dev/full"
fi
done_testing
