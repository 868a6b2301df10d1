#!/bin/bash
# concurrency.t - many processes write to one store at once: nobody fails, nothing is lost.
. "$(dirname "$0")/../lib.sh"
need vips

PICTURES=60
TALK=30

pinhole init --name Ada -q
pinhole album create beach -q >/dev/null
mkdir in
vips black in/1.jpg 32 24 --bands 3
for i in $(seq 2 $PICTURES); do # other bytes after the end of the picture
	{ cat in/1.jpg; echo "$i"; } >"in/$i.jpg"
done

# background NAME COMMAND...: its exit code goes to NAME.rc, what it says to NAME.err
background() {
	local name=$1
	shift
	{ "$@" >"$name.out" 2>"$name.err"; echo $? >"$name.rc"; } &
}

talk() {
	for i in $(seq $TALK); do
		pinhole send beach -m "$1 number $i" -q || return
	done
}

take_back() { # sends and takes back at once
	for i in $(seq 10); do
		pinhole send beach -m "regret $i" --json >sent || return
		pinhole unsend "$(json .id <sent)" -q || return
	done
}

rebuild() {
	for _ in 1 2 3; do
		pinhole fsck --rebuild -q || return
	done
}

look() {
	for _ in $(seq 10); do
		pinhole list beach --json && pinhole messages beach --json && pinhole status || return
	done
}

background first pinhole ingest in --album beach -q
background second pinhole ingest in --album beach -q
background ada talk ada
background bob talk bob
background regret take_back
background rebuild rebuild
background look look
wait

for name in first second ada bob regret rebuild look; do
	is "$(cat $name.rc): $(cat $name.err)" "0: " "$name ended well"
done
is "$(pinhole album show beach --json | json '[.photos, .messages] | join(" ")')" \
	"$PICTURES $((2 * TALK))" "every photo and message is there once"
is "$(pinhole log beach --json | json .seq | sort -n | uniq -d | wc -l)" 0 "no place was given twice"
succeeds "the store is sound" pinhole fsck --objects
pinhole messages beach --json >before
pinhole list beach --json >>before
succeeds "the views are made anew" pinhole fsck --rebuild
pinhole messages beach --json >after
pinhole list beach --json >>after
ok "and are what they were" cmp before after
is "$(grep -rlaF regret "$XDG_DATA_HOME/pinhole" | wc -l)" 0 "no word that was taken back is left"
done_testing
