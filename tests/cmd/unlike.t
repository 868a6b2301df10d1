#!/bin/bash
# unlike.t - pinhole unlike: taking a like back.
. "$(dirname "$0")/../lib.sh"
need jq

pinhole init -q --name Ada >/dev/null 2>&1
pinhole album create beach >/dev/null 2>&1
pinhole send beach -m one >/dev/null
pinhole like beach@3

succeeds "--dry-run" pinhole unlike beach@3 -n
is "$out" "would unlike beach@3" "says what it would do"
is "$(pinhole messages beach --json | json .liked)" true "and does nothing"
succeeds "unlike" pinhole unlike beach@3 --json
is "$(json '[.status,.likes]|join(" ")' <<<"$out")" "unliked 0" "counts"
is "$(pinhole messages beach --json | json .liked)" false "it is liked no longer"
succeeds "again" pinhole unlike beach@3
is "$err" "beach@3 was not liked already" "changes nothing"
succeeds "the log" pinhole log beach
like "$out" 'no longer likes message' "tells it"
fails 5 "what is not there" pinhole unlike beach@99
done_testing
