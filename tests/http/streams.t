#!/bin/bash
# streams.t - more streams at once than the workers' queue holds: all are told, and none is cut.
. "$(dirname "$0")/lib.sh"
need jq curl python3

count=1200
ulimit -n 8192 2>/dev/null || skip_all "not enough files may be open"
pinhole init --name Ada -q
add_user ada
start_server
login ada
api POST /v1/albums '{"title":"Beach"}'
album=$(json .id <<<"$body")
python3 "$top/tests/http/listen.py" "${base##*:}" "$token" $count 3 30 >heard &
listening=$!
ok "$count streams begin" timeout 60 bash -c 'until grep -q ready heard; do sleep 0.1; done'
for text in one two three; do
	answers 201 "something is said" POST "/v1/albums/$album/messages" "{\"text\":\"$text\"}"
done
wait $listening
is "$(tail -1 heard)" "$count 0" "all streams are told all, and none is cut"
done_testing
