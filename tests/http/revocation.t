#!/bin/bash
# revocation.t - who may no longer is out at every door within a second (tried for five): plain requests, images, originals, a
# long poll and a stream that are open, an upload that has begun and one that is on its way; whatever ended it, and
# whoever: by the API, or by a command beside the server.
. "$(dirname "$0")/lib.sh"
need curl
. "$top/tests/pictures.sh"

pinhole init --name Ada --region FR 2>/dev/null
no_limits
add_user owner
causes=(password all disabled deleted session key member album)
for name in "${causes[@]}"; do add_user "$name"; done
start_server
make_photo photo.jpg
head -c 400000 /dev/zero >slow
octets=(-H 'Tus-Resumable: 1.0.0' -H 'Content-Type: application/offset+octet-stream')

# background FILE CURL-ARGUMENT...: a request that stays; its process id is in $last
background() {
	local file=$1
	shift
	curl -sN --max-time 40 -o "$file" -w '%{http_code}' -H "Authorization: Bearer $token" "$@" >"$file.status" 2>/dev/null &
	last=$!
}
gone() {
	! kill -0 "$1" 2>/dev/null
}
# refuses STATUS-REGEX METHOD PATH...: as it is answered now
refuses() {
	local want=$1
	shift
	api "$@"
	[[ $status =~ ^($want)$ ]]
}

# give_access NAME: an album of the owner's, the user in it, and all doors open
give_access() {
	local name=$1 id=${1}_id
	login owner
	owner_token=$token
	api POST /v1/albums '{"title":"Beach"}'
	album=/v1/albums/$(json .id <<<"$body")
	api POST "$album/participants" "$(jq -nc --arg n "$name" --arg u "${!id}" '{name: $n, user: $u, role: "member"}')"
	login "$name"
	session_token=$token
	if [ "$name" = key ]; then
		api POST /v1/tokens '{"name":"a","scopes":["read","write","upload"]}'
		key=$(json .id <<<"$body")
		token=$(json .token <<<"$body")
	fi
	api POST "$album/uploads" @photo.jpg "${octets[@]}" -H "Upload-Length: $(stat -c %s photo.jpg)"
	photo=$album/photos/$(header pinhole-photo)
	api POST "$album/uploads" -H 'Tus-Resumable: 1.0.0' -H 'Upload-Length: 400000'
	upload=$(header location)
	api POST "$album/uploads" -H 'Tus-Resumable: 1.0.0' -H 'Upload-Length: 400000'
	slow=$(header location)
	background poll "$base$album/events?after=9999&wait=30"
	poll=$last
	background stream "$base/v1/events/stream"
	stream=$last
	background sent "$base$slow" -X PATCH --data-binary @slow "${octets[@]}" -H 'Upload-Offset: 0' --limit-rate 250k
	sent=$last
	soon test -s stream || tap_fail "the stream is open"
}

# Ways to end it, by name.
done_so() {
	[[ $status == 2* ]]
}
end_password() {
	printf 'quite another' >.password
	"$PINHOLE" -q user password password --password-file .password
}
end_all() {
	api POST /v1/tokens/revoke-all
	done_so
}
end_disabled() {
	"$PINHOLE" -q user disable disabled
}
end_deleted() {
	"$PINHOLE" -q user delete deleted --yes
}
end_session() {
	local mine
	api GET /v1/sessions
	mine=$(json '.sessions[] | select(.current) | .id' <<<"$body")
	login session
	api DELETE "/v1/sessions/$mine"
	token=$session_token
	done_so
}
end_key() {
	token=$session_token api DELETE "/v1/tokens/$key"
	done_so
}
end_member() {
	token=$owner_token api DELETE "$album/participants/$member_id"
	done_so
}
end_album() {
	token=$owner_token api DELETE "$album"
	done_so
}

for name in "${causes[@]}"; do
	give_access "$name"
	answers 200 "$name: before, the album is there" GET "$album"
	answers 200 "$name: and the image" GET "$photo/image.jpg?w=320"
	ok "$name: it is ended" "end_$name"
	case $name in
	member | album) want=404 ;;
	*) want=401 ;;
	esac
	ok "$name: no album" soon refuses $want GET "$album"
	ok "$name: no page of messages" soon refuses $want GET "$album/messages"
	ok "$name: no image" soon refuses $want GET "$photo/image.jpg?w=320"
	ok "$name: no original" soon refuses $want GET "$photo/original"
	ok "$name: no part of one" soon refuses $want GET "$photo/original" -H 'Range: bytes=0-9'
	ok "$name: no zip" soon refuses $want GET "$album.zip"
	ok "$name: no message" soon refuses $want POST "$album/messages" '{"text":"a"}'
	ok "$name: no more of an upload" soon refuses "$want|403" PATCH "$upload" @photo.jpg "${octets[@]}" -H 'Upload-Offset: 0'
	ok "$name: no new one" soon refuses $want POST "$album/uploads" -H 'Tus-Resumable: 1.0.0' -H 'Upload-Length: 1'
	token=$owner_token api POST "$album/messages" '{"text":"said afterwards"}'
	ok "$name: the long poll ends" soon gone "$poll"
	ok "$name: with nothing" bash -c '! grep -q afterwards poll'
	case $name in
	# Whoever left one album goes on to hear of others.
	member | album) sleep 1 ;;
	*) ok "$name: the stream ends" soon gone "$stream" ;;
	esac
	ok "$name: and has nothing of it" bash -c '! grep -q afterwards stream'
	wait "$sent"
	unlike "$(cat sent.status)" '^2' "$name: what was on its way is not taken"
	kill "$poll" "$stream" 2>/dev/null
done
# What began while the token held, and ends when it no longer does: a message, and a photo whose bytes are good.
slow_post() {
	local fd=$1 path=$2 length=$3
	shift 3
	printf 'POST %s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nConnection: close\r\nContent-Length: %d\r\n' \
		"$path" "$token" "$length" >&"$fd"
	printf '%s\r\n' "$@" '' >&"$fd"
}
result() {
	timeout 10 head -1 <&"$1" | tr -d '\r'
}
add_user late
login late
api POST /v1/albums '{"title":"Late"}'
album=/v1/albums/$(json .id <<<"$body")
size=$(stat -c %s photo.jpg)
exec 6<>"/dev/tcp/127.0.0.1/${base##*:}" 7<>"/dev/tcp/127.0.0.1/${base##*:}"
slow_post 6 "$album/messages" 21
printf '{"text":' >&6
slow_post 7 "$album/uploads" "$size" 'Tus-Resumable: 1.0.0' "Upload-Length: $size" 'Content-Type: application/offset+octet-stream'
head -c 100 photo.jpg >&7
sleep 0.3
"$PINHOLE" -q token revoke --all --user late
ok "a token ends" soon refuses 401 GET "$album"
printf '"at the end"}' >&6
tail -c +101 photo.jpg >&7
like "$(result 6)" ' 401 ' "a message that had begun is not taken"
like "$(result 7)" ' 401 ' "nor is a photo"
exec 6>&- 7>&-

# Less than before, but not nothing.
add_user demoted
give_access demoted
answers 200 "demoted: before, the original is there" GET "$photo/original"
token=$owner_token api PATCH "$album/participants/$demoted_id" '{"role":"viewer"}'
is "$status" 200 "demoted: it is done"
ok "demoted: no original" soon refuses 403 GET "$photo/original"
ok "demoted: no zip" soon refuses 403 GET "$album.zip"
ok "demoted: no message" soon refuses 403 POST "$album/messages" '{"text":"a"}'
ok "demoted: no more of an upload" soon refuses 404 PATCH "$upload" @photo.jpg "${octets[@]}" -H 'Upload-Offset: 0'
wait "$sent"
unlike "$(cat sent.status)" '^2' "demoted: what was on its way is not taken"
answers 200 "demoted: the image is still there" GET "$photo/image.jpg?w=320"
is "$(api GET "$photo"; json '"\(.gps) \(.name)"' <<<"$body")" 'null null' "demoted: and tells no position"
kill "$poll" "$stream" 2>/dev/null
done_testing
