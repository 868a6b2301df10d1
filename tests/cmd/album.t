#!/bin/bash
# album.t - pinhole album: make, list, show, rename, describe, cover, archive, delete.
. "$(dirname "$0")/../lib.sh"

field() { # ALBUM FILTER
	pinhole album show "$1" --json | json "$2"
}

pinhole init --name Ada -q
succeeds "a list of nothing" pinhole album list
is "$out" "" "is empty"
like "$err" 'pinhole album create' "and says how to begin"

succeeds "create" pinhole album create beach --title 'Brittany, July' -d 'Two weeks'
is "$out" beach "prints the NAME"
like "$err" 'pinhole ingest' "and what comes next"
is "$(field beach .title)" 'Brittany, July' "the title"
is "$(field beach .description)" 'Two weeks' "the description"
is "$(field beach '[.photos,.messages,.members,.bytes,.archived,.epoch]|tostring')" \
	'[0,0,1,0,false,1]' "a new album is empty and has one member"
id=$(field beach .id)
like "$id" '^[0-9a-f]{8}-[0-9a-f]{4}-7' "its id is a UUIDv7"
is "$(field "${id: -8}" .name)" beach "the last eight digits of the id name it"
is "$(field "$id" .name)" beach "the whole id, too"

fails 6 "the same NAME again" pinhole album create beach
fails 2 "neither NAME nor title" pinhole album create
for bad in '' 'two words' '../x' '-x' $'a\tb' 'a/b' "$(printf 'x%.0s' {1..200})"; do
	run pinhole album create -- "$bad"
	isnt "$rc" 0 "refused as a NAME: $(printf %q "${bad:0:20}")"
done
succeeds "a title alone" pinhole album create --title 'Été à la plage'
isnt "$out" "" "gives a NAME: $out"
made=$out
is "$(field "$made" .title)" 'Été à la plage' "and is the title"
succeeds "the same title again" pinhole album create --title 'Été à la plage'
isnt "$out" "$made" "gives another NAME: $out"
fails 1 "a title of control characters" pinhole album create x --title $'\033[2J'
unlike "$err" $'\033' "which do not reach the terminal"
fails 1 "a blank title" pinhole album create x --title '  '
run pinhole album create x --title "$(printf 'x%.0s' {1..5000})"
isnt "$rc" 0 "a title too long"
succeeds "create --dry-run" pinhole album create dry -n
fails 5 "makes nothing" pinhole album show dry
like "$err" 'pinhole album list|dry' "and says so"
fails 5 "a name nearly right" pinhole album show beahc
like "$err$out" 'beach' "is answered by what was meant"

succeeds "rename" pinhole album rename beach 'Carantec'
is "$(field beach .title)" Carantec "changes the title"
is "$(field beach .name)" beach "not the NAME"
succeeds "rename --name" pinhole album rename beach --name sea
is "$(field sea .title)" Carantec "changes the NAME"
fails 5 "the old NAME" pinhole album show beach
fails 6 "a NAME that is taken" pinhole album rename sea --name "$made"
fails 2 "rename to nothing" pinhole album rename sea
succeeds "describe" pinhole album describe sea 'Three weeks'
is "$(field sea .description)" 'Three weeks' "sets the description"
fails 2 "describe without a text or a terminal" pinhole album describe sea </dev/null
like "$err" 'hint: give the TEXT' "says what to do"
succeeds "an empty description" pinhole album describe sea ''
is "$(field sea '.description // ""')" '' "takes it away"
if command -v vips >/dev/null; then
	vips black cover.jpg 64 48
	photo=$(sha256sum <cover.jpg | cut -d ' ' -f 1)
	pinhole ingest cover.jpg --album sea -q
	succeeds "cover" pinhole album cover sea "${photo:0:8}"
	is "$(field sea .cover)" "$photo" "chooses the photo"
	is "$(field sea '[.photos,.bytes]|tostring')" "[1,$(stat -c %s cover.jpg)]" "the album counts it"
	succeeds "cover --dry-run" pinhole album cover sea "${photo:0:8}" -n
	fails 5 "a photo of another album" pinhole album cover "$made" "${photo:0:8}"
	pinhole erase "sea:$photo" --yes -q
else
	skip 5 "vips is not installed"
fi
fails 5 "a cover that is no photo" pinhole album cover sea 1234

succeeds "archive" pinhole album archive sea
is "$(pinhole album list --json | json .name | grep -c '^sea$')" 0 "out of the list"
is "$(pinhole album list --all --json | json .name | grep -c '^sea$')" 1 "in the whole list"
is "$(field sea .archived)" true "and marked"
succeeds "archive --undo" pinhole album archive sea --undo
is "$(pinhole album list --json | json .name | grep -c '^sea$')" 1 "back in the list"

succeeds "list" pinhole album list
like "$out" 'NAME +TITLE +PHOTOS' "has a heading"
like "$out" 'sea +Carantec +0 +0' "and a row"

id=$(field sea .id)
succeeds "delete --dry-run" pinhole album delete sea -n
is "$(field sea .name)" sea "deletes nothing"
run pinhole album delete sea --no-input </dev/null
isnt "$rc" 0 "delete asks, and does nothing without an answer"
is "$(field sea .name)" sea "the album is there"
succeeds "delete --yes" pinhole album delete sea --yes
fails 5 "the album is gone" pinhole album show sea
is "$(pinhole album list --all --json | json .name | grep -c '^sea$')" 0 "from the list"
succeeds "its log is there" pinhole log "$id"
like "$out" 'deleted' "and tells it"
succeeds "its NAME is free" pinhole album create sea
succeeds "the store is sound" pinhole fsck
done_testing
