#!/bin/bash
# unsend.t - pinhole unsend: words are gone from every byte of the store.
. "$(dirname "$0")/../lib.sh"
need jq

pinhole init -q --name Ada >/dev/null 2>&1
pinhole album create beach >/dev/null 2>&1
store=$XDG_DATA_HOME/pinhole

# holds WORD: how many files of the store have it
holds() {
	grep -rlaF -- "$1" "$store" | wc -l
}

seq 1 1500 | jq -c '{text:"chatter number \(.) about ukuleles"}' | pinhole send beach --batch >/dev/null
pinhole send beach -m 'meet at the quixotarium' >/dev/null
seq 1 600 | jq -c '{text:"more chatter \(.)"}' | pinhole send beach --batch >/dev/null
pinhole edit beach@1503 -m 'meet at the zeppelinarium' >/dev/null
ok "the first words are in the store" test "$(holds quixotarium)" -gt 0
succeeds "search" pinhole search zeppelinarium
like "$out" 'zeppelinarium' "finds them"

succeeds "--dry-run" pinhole unsend beach@1503 -n
is "$out" 'would take back beach@1503' "says what it would do"
ok "and does nothing" test "$(holds quixotarium)" -gt 0
succeeds "unsend" pinhole unsend beach@1503
is "$out" 'took back beach@1503' "says what it did"
for word in quixotarium quixot zeppelinarium zeppelin; do
	is "$(holds "$word")" 0 "no file of the store holds $word"
done
ok "others keep their words" test "$(holds ukuleles)" -gt 0
succeeds "the shell stays" pinhole messages beach --before beach@1504 --limit 1 --json
is "$(json '[.seq,.text,.deleted]|map(tostring)|join(" ")' <<<"$out")" "1503 null true" "empty"
succeeds "log --verify" pinhole log beach --verify

fails 6 "a second time" pinhole unsend beach@1503
fails 5 "what is no message" pinhole unsend beach@1
fails 6 "one of several is gone" pinhole unsend beach@3 beach@1503
is "$(pinhole messages beach --before beach@4 --json | json .deleted)" false "then none is taken back"
succeeds "several" pinhole unsend beach@3 beach@4 --json
is "$(json .status <<<"$out" | paste -sd' ')" "unsent unsent" "are taken back"
fails 2 "none" pinhole unsend
done_testing
