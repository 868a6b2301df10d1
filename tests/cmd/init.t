#!/bin/bash
# init.t - pinhole init: a store, its owner, and what it refuses.
. "$(dirname "$0")/../lib.sh"

store=$XDG_DATA_HOME/pinhole
succeeds "init" pinhole init --name Ada
is "$out" "" "prints no result"
like "$err" "made a store in $store for Ada" "says what it made"
like "$err" 'pinhole album create' "and what comes next"
ok "the database is there" test -f "$store/pinhole.db"
is "$(stat -c %a "$store")" 700 "only its owner may look into it"
is "$(stat -c %a "$store/pinhole.db")" 600 "and read it"
is "$(pinhole status --json | json .owner)" Ada "the owner is known"

before=$(sha256sum "$store/pinhole.db")
fails 6 "a second init" pinhole init --name Eve
like "$err" 'already' "says that there is a store"
is "$(sha256sum "$store/pinhole.db")" "$before" "and touches nothing"

mkdir full
echo mine >full/file
fails 6 "a folder that holds something" pinhole init full
is "$(ls -A full)" file "stays as it was"
mkdir empty
succeeds "an empty folder" pinhole init empty
ok "becomes a store" test -f empty/pinhole.db
like "$err" '--store' "how to use it is told"
: >plain
fails 5 "a file instead of a folder" pinhole init plain/below
isnt "$err" "" "is an error with a reason"

succeeds "a phone with its country code" pinhole init a --name Bo --phone '+33 6 12 34 56 78' --json
is "$(json -c . <<<"$out")" '{"store":"a","name":"Bo","phone":"+33612345678"}' "is kept as E.164"
succeeds "a phone of a region" pinhole init b --phone '06 12 34 56 78' --region fr --json
is "$(json .phone <<<"$out")" +33612345678 "is completed"
is "$("$PINHOLE" --store b config get user.region)" FR "the region becomes a setting"
fails 1 "a phone without country or region" pinhole init c --phone '06 12 34 56 78'
like "$err" '--region' "names the way out"
ok "and makes no store" test ! -e c/pinhole.db
fails 1 "nonsense for a phone" pinhole init c --phone cheese --region FR
fails 1 "nonsense for a region" pinhole init c --region Utopia
fails 1 "a region that does not exist" pinhole init c --region QQ
ok "makes no store either" test ! -e c/pinhole.db
fails 1 "a name that is blank" pinhole init c --name ' '
fails 1 "a name of control characters" pinhole init c --name $'\033[2J'
unlike "$err" $'\033' "which do not reach the terminal"
ok "makes no store" test ! -e c/pinhole.db
succeeds "a name in any script" pinhole init d --name 'Zoë 愛'
is "$("$PINHOLE" --store d status --json | json .owner)" 'Zoë 愛' "is kept"
PINHOLE_STORE=$work/e succeeds "PINHOLE_STORE" pinhole init --name E
ok "is where it goes" test -f e/pinhole.db
fails 10 "other commands without a store" env PINHOLE_STORE="$work/none" "$PINHOLE" status
like "$err" 'pinhole init' "name the way out"
done_testing
