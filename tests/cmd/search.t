#!/bin/bash
# search.t - pinhole search: words, operators, output.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/pictures.sh"
need jq

pinhole init -q --name Ada >/dev/null 2>&1
pinhole album create beach --title 'Summer at Sea' >/dev/null 2>&1 ||
	pinhole album create beach >/dev/null 2>&1
pinhole send beach -m 'the lighthouse at night' >/dev/null
pinhole send beach -m $'a red\tcar \e[31m on the\nsea front' >/dev/null
pinhole send beach -m 'red paint, no car' >/dev/null

succeeds "a word" pinhole search lighthouse
like "$out" $'^beach@3  Ada  .*\n    the lighthouse at night$' "place, author, text"
succeeds "two words" pinhole search red car --json
is "$(json .seq <<<"$out" | sort | paste -sd' ')" "4 5" "in one message"
succeeds "a phrase" pinhole search '"red car"' --json
is "$(json .seq <<<"$out")" "4" "in its order"
succeeds "nothing" pinhole search zeppelin
is "$out" "" "no result"
is "$err" "nothing was found" "is said"
succeeds "nothing in JSON" pinhole search zeppelin --json
is "$out$err" "" "is empty"
succeeds "what must not be there" pinhole search red -- -paint
like "$out" 'beach@4' "leaves the other"
ok "no escape reaches the terminal" bash -c "! grep -q $'\e' '$work/.out'"
is "$(grep -c . <<<"$out")" 2 "a text of several lines is shown on one"
succeeds "--limit" pinhole search red --limit 1 --json
is "$(wc -l <<<"$out")" 1 "shows so many"
succeeds "--json" pinhole search lighthouse --json
is "$(json 'keys_unsorted|join(" ")' <<<"$out")" \
	"kind album id seq photo author author_id when snippet" "the fields of a message"
succeeds "a person" pinhole search ada --json
is "$(json .kind <<<"$out")" person "by name"
succeeds "by:" pinhole search sea by:ada in:beach after:2020 --json
is "$(json .seq <<<"$out")" 4 "with other operators"

fails 1 "an unknown operator" pinhole search colour:red
like "$err" 'no operator' "is refused"
fails 1 "an open quote" pinhole search '"red'
fails 5 "somebody unknown" pinhole search red by:nobody
fails 5 "an album that is not there" pinhole search red in:lake
fails 1 "a date that is none" pinhole search red after:2024-13
fails 1 "a position that is none" pinhole search near:99,0
fails 2 "no query" pinhole search

pinhole edit beach@5 -m 'blue paint' >/dev/null
succeeds "a text that was replaced" pinhole search red --json
is "$(json .seq <<<"$out")" 4 "is not found"
succeeds "the new one" pinhole search blue --json
is "$(json .seq <<<"$out")" 5 "is"
if command -v script >/dev/null; then
	PAGER=cat TERM=xterm script -qec "'$PINHOLE' search lighthouse" /dev/null >shown 2>&1
	ok "a hit is marked on a terminal" grep -q $'\e\[33mlighthouse\e\[0m' shown
else
	skip 1 "script is not installed"
fi

# --- photos --------------------------------------------------------------------------------
make_photo lamp.jpg
make_plain plain.jpg
pinhole ingest -q lamp.jpg plain.jpg --album beach >/dev/null
lamp=$(sha256sum lamp.jpg | cut -d' ' -f1) plain=$(sha256sum plain.jpg | cut -d' ' -f1)
pinhole caption "${plain:0:8}" 'an old lamppost' >/dev/null 2>&1

# photos QUERY: what is found, one hash a line
photos() {
	pinhole search --json -- "$@" | json 'select(.kind == "photo").photo'
}

is "$(photos testcam)" "$lamp" "a photo by its camera"
is "$(photos lamp.jpg)" "$lamp" "by its file's name"
is "$(photos 'near:48.8584,2.2945,50')" "$lamp" "by its place"
is "$(photos 'testcam near:-48.8584,2.2945,50')" "" "not on the other side of the Earth"
is "$(photos after:2024-05-01 before:2024-05-02)" "$lamp" "by its day"
is "$(photos lamppost)" "$plain" "by its caption"
is "$(photos lamppost has:gps)" "" "with operators"
pinhole caption "${plain:0:8}" 'a new bench' >/dev/null 2>&1
is "$(photos lamppost)" "" "not by a caption that was replaced"
is "$(photos bench)" "$plain" "but by the new one"
succeeds "for people" pinhole search testcam
like "$out" "^beach:${lamp:0:8}  photo  2024-05-01 12:34" "album, hash and time"
pinhole remove "${lamp:0:8}" >/dev/null 2>&1
is "$(photos testcam)" "" "a removed photo is not found"

if find_data; then
	pinhole album create alice >/dev/null 2>&1
	jq -Rc '{text:.}' <"$data/messages/alice-lines.txt" | pinhole send alice --batch >/dev/null
	pinhole send alice -m 'the very last rabbit' >/dev/null
	succeeds "a word of a book" pinhole search rabbit in:alice --json --limit 5000
	is "$(wc -l <<<"$out")" "$(($(grep -iwc rabbit "$data/messages/alice-lines.txt") + 1))" \
		"is found as often as grep finds it, what is not indexed yet included"
else
	skip 2 "no test data"
fi
done_testing
