#!/bin/bash
# invite.t - pinhole invite: links whose secret no log sees.
. "$(dirname "$0")/../lib.sh"
need jq

succeeds "a store" pinhole init --name Ada
succeeds "an album" pinhole album create beach --title "The Beach"
fails 1 "a link without an address" pinhole invite
like "$err" 'config set serve.url' "says how to set one"
succeeds "an address that is none" pinhole config set serve.url photos.example.org
fails 1 "a link that no phone would open" pinhole invite
like "$err" 'is no URL' "is not given"
succeeds "an address" pinhole config set serve.url https://photos.example.org/
succeeds "a link" pinhole invite --album beach --role viewer --expires 2d
like "$out" '^https://photos\.example\.org/join#phi_[A-Za-z0-9_-]{43}$' "keeps its secret behind #"
like "$err" 'Ada invites you to the album "The Beach": https' "and a text to send"
ok "the secret is in no file" \
	bash -c '! grep -raqF "$1" "$XDG_DATA_HOME/pinhole"' - "${out#*phi_}"
succeeds "a QR code where it is asked for" pinhole invite --qr
is "$(wc -l <<<"$out")" 24 "follows the link"
like "$(sed -n 2p <<<"$out")" '^█+$' "with its quiet zone"
succeeds "JSON" pinhole invite --album beach --uses 3 --json
is "$(json -c '[.role, .max_uses, .uses, (.link | startswith("https://photos.example.org/join#phi_"))]' \
	<<<"$out")" '["member",3,0,true]' "is one object"
succeeds "the list" pinhole invite --list --json
is "$(wc -l <<<"$out")" 3 "has all that are open"
unlike "$out" phi_ "but no secret"
id=$(json -s '.[0].id' <<<"$out")
succeeds "a list for people" pinhole invite --list
like "$out" "${id: -8} +Ada +beach +member +0 of 3" "tells whose, where and how often"
succeeds "revoked" pinhole invite --revoke "${id: -8}"
fails 5 "and gone" pinhole invite --revoke "${id: -8}"
fails 2 "three digits are too few" pinhole invite --revoke "${id: -3}"

succeeds "somebody else" pinhole user add Anna --email anna@example.org
fails 4 "invites nobody into an album of others" pinhole invite --album beach --user anna
succeeds "but to the server" pinhole invite --user anna
like "$err" 'Anna invites you to share photos' "in her name"
fails 5 "no such album" pinhole invite --album nope
fails 2 "no such role" pinhole invite --album beach --role owner
succeeds "an invited admin" pinhole invite --album beach --role admin
succeeds "the maker goes" pinhole user delete anna --yes
is "$(pinhole invite --list --json | wc -l)" 3 "and so do her links"
done_testing
