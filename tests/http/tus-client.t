#!/bin/bash
# tus-client.t - the real tus-js-client against the server: connections that break at random bytes, a server that is
# killed; every photo must come out as it was sent.
. "$(dirname "$0")/lib.sh"
need jq curl
. "$top/tests/pictures.sh"
npm_tools || skip_all "$reason"

pinhole init --name Ada -q
add_user ada
no_limits
start_server
login ada
export TUS_TOKEN=$token
echo "$base" >target
api POST /v1/albums '{"title":"Beach"}'
album=$(json .id <<<"$body")

# large FILE BYTES: a photo with so much behind it that it takes a while
large() {
	make_photo "$1" "$1"
	head -c "$2" /dev/urandom >>"$1"
}

client() {
	timeout 40 node "$top/tests/http/tus_client.js" "$npm" target "$album" "$@"
}

# arrives NAME FILE: the client believes so, and the store has these very bytes
arrives() {
	local name=$1 file=$2 hash
	hash=$(sha256sum "$file" | cut -d' ' -f1)
	is "$(jq -r "select(.file == \"$file\") | .ok" <<<"$out")" true "$name: the client is content"
	curl -sS "$base/v1/albums/$album/photos/$hash/original" -H "Authorization: Bearer $token" -o back
	ok "$name: the photo is what was sent" cmp -s back "$file"
}

for mode in whole chunks created post; do
	large "plain-$mode.jpg" 200000
	run client 1 mode=$mode "plain-$mode.jpg"
	arrives "$mode" "plain-$mode.jpg"
done
is "$(jq -r 'select(.photo).photo' <<<"$out")" "$(sha256sum plain-post.jpg | cut -d' ' -f1)" \
	"the client may learn which photo it is"

seeds=1
is_full && seeds=40
total=0
for mode in whole chunks created post; do
	for seed in $(seq "$seeds"); do
		file=cut-$mode-$seed.jpg
		large "$file" 400000
		run client "$seed" mode=$mode cut=120000 "$file"
		arrives "$mode, broken off, seed $seed" "$file"
		cuts=$(jq -r 'select(.cuts).cuts' <<<"$out")
		total=$((total + ${cuts:-0}))
	done
done
ok "connections were broken off ($total)" test "$total" -ge $((4 * seeds))

# Nothing that a client would try again and again.
echo '<html>no photo</html>' >page.jpg
run client 1 page.jpg
is "$(jq -r 'select(.file).ok' <<<"$out")" false "what is no photo fails"
like "$(jq -r 'select(.file).reason' <<<"$out")" '415.*HTML' "at once, with the reason"

# The server is killed while bytes come, and comes back at another port.
large killed.jpg 3000000
client 7 rate=1500000 mode=whole killed.jpg >client.out 2>client.err &
client_pid=$!
for _ in 1 2; do
	sleep 0.6
	kill -KILL "$server_pid"
	wait "$server_pid" 2>/dev/null
	start_server
	echo "$base" >target
done
wait "$client_pid"
is $? 0 "the client ends"
out=$(cat client.out)
arrives "a server that was killed" killed.jpg
pinhole fsck --objects >fsck.out 2>&1
is $? 0 "the store is sound"
done_testing
