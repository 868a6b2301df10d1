#!/bin/bash
# token.t - pinhole token: keys for programs, shown once, and how they end.
. "$(dirname "$0")/../lib.sh"
need jq

succeeds "a store" pinhole init --name Ada
succeeds "an account" pinhole user add Anna --email anna@example.org
succeeds "a key" pinhole token create camera --user anna --scope read,upload --expires 30d
key=$out
like "$key" '^phk_[A-Za-z0-9_-]{43}$' "is the result"
like "$err" 'only time' "and shown once"
ok "it is in no file" bash -c '! grep -raqF "$1" "$XDG_DATA_HOME/pinhole"' - "${key#phk_}"
succeeds "the list" pinhole token list --user anna --json
is "$(json -c '[.kind, .name, .scopes, .used, .expires - .created > 29 * 86400000]' <<<"$out")" \
	'["key","camera",["read","upload"],null,true]' "tells what it may"
unlike "$out" phk_ "but not the key"
id=$(json .id <<<"$out")
is "$(pinhole token list --json)" "" "the owner has none"

fails 4 "a plain user's key cannot administer" pinhole token create x --user anna --scope admin
succeeds "the owner's can" pinhole token create x --scope admin,read --json
is "$(json -c .scopes <<<"$out")" '["read","admin"]' "and says so"
like "$(json .token <<<"$out")" '^phk_' "with the key"
fails 2 "no such scope" pinhole token create x --scope read,all
fails 2 "an empty one" pinhole token create x --scope read,
fails 1 "an end in the past" pinhole token create x --expires 2001-01-01
fails 1 "no end at all" pinhole token create x --expires soon
succeeds "a day" pinhole token create dated --expires 2999-12-31 --json
is "$(json .expires <<<"$out")" 32503680000000 "ends with it"

fails 2 "revoke what?" pinhole token revoke --user anna
fails 5 "another's key" pinhole token revoke "${id: -8}"
succeeds "one's own" pinhole token revoke "${id: -8}" --user anna
is "$(pinhole token list --user anna --json)" "" "is gone"
succeeds "two more" pinhole token create one --user anna
succeeds "keys" pinhole token create two --user anna
succeeds "all at once" pinhole token revoke --all --user anna
is "$(pinhole token list --user anna --json)" "" "are gone"

keys=$XDG_DATA_HOME/pinhole/keys
succeeds "a signing key" pinhole token rotate
cp "$keys/current.pem" before.pem
succeeds "and a new one" pinhole token rotate
ok "keep the one before" cmp before.pem "$keys/previous.pem"
is "$(stat -c %a "$keys" "$keys"/* | paste -sd' ')" "700 600 600 600" "for nobody else's eyes"
done_testing
