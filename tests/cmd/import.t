#!/bin/bash
# import.t - pinhole import: an export comes back as a new album, or as the album that it was.
. "$(dirname "$0")/../lib.sh"
need jq

pinhole init -q --name Ada
pinhole album create -q beach --title 'A day' >/dev/null
pinhole send beach -m 'hello' >/dev/null
photos=0
if command -v vips >/dev/null; then
	mkdir pictures
	vips black pictures/one.jpg 64 48 && vips invert pictures/one.jpg pictures/two.jpg
	pinhole ingest -q pictures --album beach >/dev/null && photos=2
fi
pinhole export -q beach out
pinhole export -q beach a.zip
cp -r out changed2

# What an album is besides its ids: see tests/unit/import/import.c for all of it.
normal() {
	jq -S '{title: .album.title, photos: [.photos[] | {id, name, caption, tags, taken, width}] | sort_by(.id),
		messages: [.messages[] | {name, text, when}]}' "$1/album.json"
}

succeeds "an import" pinhole import out
is "$out" "" "prints no result"
like "$err" "a-day: a new album of $photos photos, 1 message" "but says what came"
pinhole export -q a-day again
is "$(normal again)" "$(normal out)" "exported again it is equal"
isnt "$(jq .album.id again/album.json)" "$(jq .album.id out/album.json)" "but for its id"
succeeds "a second one, by name" pinhole import --name sand a.zip
is "$(pinhole album list --json | jq -r .name | sort | paste -sd' ')" "a-day beach sand" \
	"makes another album"
fails 6 "a name that is taken" pinhole import --name sand out
fails 1 "a name that cannot be" pinhole import --name '../x' out
if [ "$photos" -gt 0 ]; then
	photo=$(jq -r '.photos[0].id' out/album.json)
	is "$(pinhole show --json "sand:$photo" | jq -r '.variants | length')" 2 "photos are rendered"
	is "$(find "$XDG_DATA_HOME/pinhole/objects" -type f -size +0 | wc -l)" 4 "bytes are there once"
else
	skip 2 "vips is not there"
fi

succeeds "a dry run" pinhole import -n --json out
is "$(json '"\(.album) \(.photos) \(.messages)"' <<<"$out")" "null $photos 1" "only says what would come"
is "$(pinhole album list --json | wc -l)" 3 "and makes no album"

export PINHOLE_STORE=$work/other
pinhole init -q --name Ben
succeeds "restored in another store, in JSON" pinhole import --restore --json out
is "$(json .album <<<"$out")" "$(jq -r .album.id out/album.json)" "it keeps its id"
like "$(pinhole log a-day --verify)" 'the chain holds' "and its chain"
is "$(pinhole messages a-day --json | json .text)" hello "and what was said"
succeeds "its new owner can go on" pinhole send a-day -m 'still here'
succeeds "restored again" pinhole import --restore out
like "$err" 'the album is here' "it is known"
succeeds "the store is sound" pinhole fsck --objects
succeeds "imported by Ben" pinhole import --name copy out
is "$(pinhole messages copy --json | json .text)" hello "Ada speaks in it"
unset PINHOLE_STORE

fails 1 "a folder without album.json" pinhole import "$work/home"
like "$err" 'pinhole ingest' "is a case for ingest"
fails 5 "a place that is not there" pinhole import nowhere
head -c 700 a.zip >half.zip
run pinhole import half.zip
isnt "$rc" 0 "half a zip"
cp -r out changed
sed -i 's/hello/jello/' changed/album.json
fails 7 "a changed album.json" pinhole import changed
like "$err" 'SHA256SUMS' "is seen by its sum"
jq -c '.format = "\u001b[31mevil"' out/album.json >changed/album.json
fails 1 "a file from elsewhere" pinhole import changed
ok "does not reach the terminal raw" bash -c "! grep -q $'\033' '$work/.err'"
if [ "$photos" -gt 0 ]; then
	rm out/SHA256SUMS out/*two.jpg
	PINHOLE_STORE=$work/eve pinhole init -q --name Eve
	PINHOLE_STORE=$work/eve run pinhole import out
	is "$rc" 3 "an original that lacks is told"
	like "$err" 'two.jpg is not in the export' "by its name"
	is "$(PINHOLE_STORE=$work/eve pinhole list a-day --json | wc -l)" 1 "the rest is there"
else
	skip 3 "vips is not there"
fi
full() {
	(
		trap '' XFSZ
		ulimit -f 1
		"$PINHOLE" import a.zip
	)
}
run full
isnt "$rc" 0 "a disk that fills up is a failure"
is "$(pinhole album list --json | wc -l)" 3 "none of these made an album"

# Killed at any moment there is a whole album or none.
export PINHOLE_STORE=$work/killed
pinhole init -q --name Eve
for delay in 0.005 0.01 0.02 0.03 0.05 0.08; do
	pinhole import -q --no-render changed2 >/dev/null 2>&1 &
	sleep "$delay"
	kill -9 $! 2>/dev/null
	wait $! 2>/dev/null
done 2>/dev/null
succeeds "after kills the store is sound" pinhole fsck --objects
is "$(pinhole album list --json | jq -r .messages | sort -u | grep -cv "^1$")" 0 "no album is half there"
unset PINHOLE_STORE

if find_data && [ -d "$data/photos" ]; then
	pinhole album create -q real >/dev/null
	pinhole ingest -q --no-render "$data/photos" --album real >/dev/null 2>&1
	succeeds "real photos go out" pinhole export real real
	ok "their names are plain" bash -c '! ls real | grep -q "[<>:\"\\|?*[:cntrl:]]"'
	ok "sha256sum checks them" sh -c 'cd real && sha256sum --quiet -c SHA256SUMS'
	if command -v exiftool >/dev/null; then
		is "$(exiftool -q -q -if '$warning or $error' -p '$filename' -ext xmp real)" "" \
			"exiftool reads every sidecar"
	else
		skip 1 "exiftool is not installed"
	fi
	succeeds "they come back" pinhole import --no-render --name back real
	succeeds "and go out again" pinhole export back real2
	same='[.photos[] | del(.added, .by, .file) | .parts |= map(del(.file))] | sort_by(.id)'
	is "$(jq -S "$same" real2/album.json | sha256sum)" "$(jq -S "$same" real/album.json | sha256sum)" \
		"all that is known of them is equal"
else
	skip 7 "the shared test data is not there"
fi
done_testing
