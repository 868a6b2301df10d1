#!/bin/bash
# send.t - pinhole send: one message from each source, and many at once.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/pictures.sh"
need jq

pinhole init -q --name Ada >/dev/null 2>&1
pinhole album create beach >/dev/null 2>&1

texts() {
	pinhole messages beach --json --limit 10000 | json .text
}

succeeds "-m" pinhole send beach -m 'hello'
like "$out" '^beach@[0-9]+ [0-9a-f]{8}$' "prints what names it"
first=${out%% *}
echo 'from a file' >text
succeeds "-F" pinhole send beach -F text
succeeds "-F -" pinhole send beach -F - <text
succeeds "standard input" pinhole send beach <text
printf 'two\nlines\n\n' | pinhole send beach >/dev/null
is "$(texts)" 'hello
from a file
from a file
from a file
two
lines' "all is said, without the line ends at the end"
succeeds "--json" pinhole send beach -m 'with json' --json
is "$(json 'keys_unsorted|join(" ")' <<<"$out")" "status id album seq" "tells what became of it"
id=$(json .id <<<"$out")
succeeds "--reply-to an id" pinhole send beach -m yes --reply-to "$id"
succeeds "--reply-to ALBUM@SEQ" pinhole send beach -m no --reply-to "$first"
is "$(pinhole messages beach --json --limit 2 | json '.reply_to' | head -1)" "$id" "is kept"

before=$(texts | wc -l)
succeeds "--dry-run" pinhole send beach -m 'not now' -n
like "$out" 'would say in beach' "says what it would do"
fails 2 "two ways at once" pinhole send beach -m a -F text
like "$err" 'exclude each other' "are refused"
fails 2 "a batch with a text" pinhole send beach --batch -m a
fails 1 "an empty text" pinhole send beach -m ''
like "$err" 'the text is empty' "is refused"
fails 1 "a blank file" bash -c 'printf "\n \n" | "$PINHOLE" send beach'
fails 1 "bytes that are not UTF-8" bash -c 'printf "a\377b" | "$PINHOLE" send beach'
like "$err" 'not UTF-8' "are refused"
fails 1 "a NUL byte" bash -c 'printf "a\0b" | "$PINHOLE" send beach'
fails 1 "a text over 16 KiB" bash -c 'head -c 16385 /dev/zero | tr "\0" a | "$PINHOLE" send beach'
fails 5 "an album that is not there" pinhole send lake -m hello
fails 5 "a message that is not there" pinhole send beach -m a --reply-to beach@999
fails 5 "a photo that is not there" pinhole send beach -m a --photo abcd
fails 5 "a file that is not there" pinhole send beach -F nofile
fails 2 "no album" pinhole send
is "$(texts | wc -l)" "$before" "nothing of that was said"
head -c 16384 /dev/zero | tr '\0' a >long
echo >>long
succeeds "a text of 16 KiB and a line end" pinhole send beach -F long

# --- batch ---------------------------------------------------------------------------------
pinhole album create old >/dev/null 2>&1
cat >lines <<'END'
{"text":"first","time":"2019-05-01T10:00:00Z"}
not json
{"text":""}
{"text":"second","reply_to":"old@3","time":1556704800001}
{"text":"third","colour":"red"}
{"text":"today"}
END
fails 3 "a batch with bad lines" pinhole send old --batch <lines
is "$(grep -c . <<<"$out")" 6 "answers each line"
like "$(sed -n 1p <<<"$out")" '^1 sent old@3 [0-9a-f]{8}$' "with its name"
like "$(sed -n 2p <<<"$out")" '^2 refused: not JSON' "or why not"
like "$(sed -n 5p <<<"$out")" '^5 refused: .*colour' "also for fields that nobody knows"
is "$(pinhole messages old --json | json '[.text,.when]|join(" ")' | head -2)" 'first 1556704800000
second 1556704800001' "old talk stands at its time"
is "$(pinhole messages old --json | json 'select(.text=="second").reply_to')" \
	"$(pinhole messages old --json | json 'select(.text=="first").id')" "a reply to a line before"
fails 3 "--json" pinhole send old --batch --json -F lines
is "$(json '[.line,.status]|join(" ")' <<<"$out" | tr '\n' ,)" \
	"1 sent,2 refused,3 refused,4 sent,5 refused,6 sent," "answers in JSON"
count=$(pinhole messages old --json | wc -l)
fails 3 "--dry-run" pinhole send old --batch -n -F lines
like "$out" '1 would be sent' "judges each line"
is "$(pinhole messages old --json | wc -l)" "$count" "and says nothing"
(printf '{"text":"'; head -c 300000 /dev/zero | tr '\0' a; printf '"}\n{"text":"after"}\n') >huge
fails 3 "a line that is too long" pinhole send old --batch -F huge
like "$out" '2 sent' "does not stop the next one"

# In few transactions: the store's revision rises with each.
seq 1 3000 | jq -c '{text:"number \(.)"}' >many
pinhole album create bulk >/dev/null 2>&1
succeeds "three thousand lines" pinhole send bulk --batch -F many
is "$(wc -l <<<"$out")" 3000 "are answered"
is "$(pinhole messages bulk --json --limit 5000 | json .text | sed 's/number //' | paste -sd, | md5sum)" \
	"$(seq 1 3000 | paste -sd, | md5sum)" "and said in order"
if command -v sqlite3 >/dev/null; then
	revs=$(sqlite3 "$XDG_DATA_HOME/pinhole/pinhole.db" \
		"SELECT count(DISTINCT event.rev) FROM event JOIN album ON album.key = event.album WHERE slug = 'bulk'")
	ok "in few transactions ($revs)" test "$revs" -lt 300
else
	skip 1 "sqlite3 is not installed"
fi

# Killed at any moment, whatever was answered is there.
pinhole album create killed >/dev/null 2>&1
seq 1 100000 | jq -c '{text:"line \(.)"}' >endless
pinhole send killed --batch --json -F endless >answers 2>/dev/null &
sender=$!
until [ "$(wc -l <answers)" -gt 2000 ] || ! kill -0 $sender 2>/dev/null; do
	sleep 0.02
done
kill -9 $sender 2>/dev/null
wait $sender 2>/dev/null
head -n "$(wc -l <answers)" answers | json .id | sort >answered
pinhole messages killed --json --limit 100000 | json .id | sort >there
ok "some lines were answered" test -s answered
is "$(comm -23 answered there)" "" "whatever was answered before a kill is there"
ok "the kill came before the end" test "$(wc -l <there)" -lt 100000
succeeds "the log is whole" pinhole log killed --verify

# --- about photos --------------------------------------------------------------------------
make_plain one.jpg
make_plain two.jpg 2
pinhole ingest -q one.jpg two.jpg --album beach >/dev/null
one=$(sha256sum one.jpg | cut -d' ' -f1) two=$(sha256sum two.jpg | cut -d' ' -f1)
succeeds "--photo" pinhole send beach --photo "${one:0:6}" -m 'about the first'
succeeds "a batch about photos" pinhole send beach --batch <<END
{"text":"about the second","photo":"${two:0:6}"}
{"text":"also about the first","photo":"$one"}
END
is "$(pinhole messages beach --photo "${one:0:8}" --json | json '[.text,.photo]|join(" ")')" \
	"about the first $one
also about the first $one" "messages --photo shows what was said about it"
pinhole remove "${two:0:8}" >/dev/null 2>&1
fails 5 "a photo that was removed" pinhole send beach --photo "${two:0:8}" -m no
is "$(pinhole messages beach --photo "${two:0:8}" --json | json .text)" "about the second" \
	"what was said about it stays"

# --- real lines ----------------------------------------------------------------------------
if find_data; then
	for name in unicode-lines alice-lines; do
		pinhole album create "$name" >/dev/null 2>&1
		jq -Rc '{text:.}' <"$data/messages/$name.txt" >lines.json
		run pinhole send "$name" --batch -F lines.json
		grep -v '^[[:space:]]*$' "$data/messages/$name.txt" >want.txt
		pinhole messages "$name" --json --limit 5000 | jq -r .text >got.txt
		ok "$name come back byte for byte" cmp want.txt got.txt
		pinhole messages "$name" --limit 5000 >shown.txt 2>&1
		ok "$name reach no terminal raw" bash -c "! LC_ALL=C grep -q $'[\001-\010\013-\037\177]' shown.txt"
	done
else
	skip 4 "no test data"
fi
done_testing
