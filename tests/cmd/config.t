#!/bin/bash
# config.t - pinhole config: values, origins, files that people write.
. "$(dirname "$0")/../lib.sh"

user=$XDG_CONFIG_HOME/pinhole/config

succeeds "get" pinhole config get preview.size
is "$out" 1600 "prints the default"
fails 5 "get what does not exist" pinhole config get preview.sice
is "$err" 'pinhole: no setting is called "preview.sice"
hint: did you mean preview.size?' "says what was meant"
fails 2 "get without a key" pinhole config get
is "$err" 'pinhole: pinhole config get expects KEY
hint: see `pinhole config get -h`' "says what it expects"
fails 2 "config alone" pinhole config
fails 2 "an unknown subcommand" pinhole config gte
like "$err" 'did you mean get' "says what was meant"
fails 2 "an empty store name" pinhole --store= config list

fails 10 "set without a store" pinhole config set preview.size 2048
like "$err" 'hint: .*--user' "names the way out"
succeeds "set --user" pinhole config set --user preview.size 2048
is "$(cat "$user")" '[preview]
	size = 2048' "writes the user's file"
is "$("$PINHOLE" config get preview.size)" 2048 "and is in force"

for bad in "preview.size 3" "preview.size many" "preview.size 99999" "variant.format gif" \
	"ingest.max-file-size 4Q" "media.max-seconds 2x"; do
	# shellcheck disable=SC2086
	fails 1 "refused: $bad" pinhole config set --user $bad
done
fails 1 "an empty number is refused" pinhole config set --user thumb.size ""
fails 1 "control characters are refused" pinhole config set --user core.pager $'a\033b'
is "$(cat "$user")" '[preview]
	size = 2048' "what is refused changes nothing"
fails 5 "an unknown key is refused" pinhole config set --user preview.sice 3
fails 2 "two files at once are refused" pinhole config set --user --system preview.size 99

cat >"$user" <<'END'
# my settings
[Preview]          ; big screen
	SIZE = 1000 # for now
	quality = 85

[cache]
	dir = /one
END
succeeds "a file that a person wrote" pinhole config get preview.size
is "$out" 1000 "is read in any case"
succeeds "set keeps its comments" pinhole config set --user preview.size 1200
succeeds "a list takes several" pinhole config set --user cache.dir '/a b' '/c#d'
is "$(cat "$user")" '# my settings
[Preview]          ; big screen
	size = 1200
	quality = 85

[cache]
	dir = /a b
	dir = "/c#d"' "and all other lines"
is "$("$PINHOLE" config get cache.dir)" '/a b
/c#d' "a list is one entry on each line"
is "$("$PINHOLE" config get -z cache.dir | tr '\0' '|')" '/a b|/c#d|' "or ended by NUL"
fails 1 "other keys take one value" pinhole config set --user preview.size 1 2
succeeds "unset" pinhole config unset --user cache.dir
fails 5 "unset what is not set" pinhole config unset --user cache.dir
is "$("$PINHOLE" config get cache.dir)" "" "the default is back"
succeeds "a value from stdin" bash -c 'echo "less -R; true" | "$PINHOLE" config set --user core.pager'
is "$("$PINHOLE" config get core.pager)" "less -R; true" "is taken whole"

store=$XDG_DATA_HOME/pinhole
mkdir -p "$store"
: >"$store/pinhole.db"
succeeds "set in the store" pinhole config set preview.size 1300
is "$("$PINHOLE" config get preview.size)" 1300 "wins over the user's"
is "$(PINHOLE_PREVIEW_SIZE=1400 "$PINHOLE" config get preview.size)" 1400 "the environment wins over it"
is "$(PINHOLE_CACHE_DIR=/x:/y "$PINHOLE" config get cache.dir)" '/x
/y' "a list in the environment"
is "$("$PINHOLE" --store "$work/other" config get preview.size)" 1200 "another store has its own"
PINHOLE_THUMB_SIZE=x fails 1 "a bad variable" pinhole config list
like "$err" 'PINHOLE_THUMB_SIZE: thumb.size' "is named"

PINHOLE_THUMB_SIZE=99 succeeds "list --show-origin" pinhole config list --show-origin
like "$out" "preview.size +1300 +store $store/config" "names the store's file"
like "$out" "preview.quality +85 +user $user" "the user's file"
like "$out" "thumb.size +99 +environment PINHOLE_THUMB_SIZE" "the variable"
like "$out" "ingest.jobs +0 +default" "and defaults"
succeeds "list" pinhole config list
like "$out" 'preview.size=1300' "one line for each key"
PINHOLE_CACHE_DIR=/x:/y succeeds "list --json" pinhole config list --json
is "$(json 'select(.key == "preview.size") | [.value, .origin, .where] | @csv' <"$work/.out")" \
	"1300,\"store\",\"$store/config\"" "tells a number"
is "$(json 'select(.key == "ingest.max-file-size") | .value' <"$work/.out")" 4294967296 "a size in bytes"
is "$(json -c 'select(.key == "cache.dir") | .value' <"$work/.out")" '["/x","/y"]' "a list"
is "$(json -s length <"$work/.out")" "$("$PINHOLE" config list | wc -l)" "as many as list"

printf '[preview]\n\tsize = 1200\n\tnonsense\n' >"$user"
fails 1 "a line that makes no sense" pinhole config list
is "$err" "pinhole: $user:3: expected = after the key" "is named with its place"
printf '[preview]\n\tsize = no\n' >"$user"
fails 1 "a value that makes no sense" pinhole config list
like "$err" "$user:2: preview.size" "too"
printf '[preview]\n\tcolour = blue\n' >"$user"
succeeds "an unknown key" pinhole config list
is "$err" "warning: no setting is called preview.colour ($user:2)" "is warned of"
printf 'a\0b\n' >"$user"
fails 1 "a binary file" pinhole config list
printf '[mail]\n' >"$user"
printf '[mail]\n' >"$user.secret"
chmod 644 "$user.secret"
fails 4 "a secret file that others may read" pinhole config list
like "$err" 'hint: chmod 600' "is refused with the way out"
chmod 600 "$user.secret"
succeeds "one that they may not" pinhole config list
done_testing
