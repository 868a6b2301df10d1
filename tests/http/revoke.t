#!/bin/bash
# revoke.t - whose access ends stands outside at every door within a second: reading, writing, pictures, archives, uploads
# that are under way, waiting requests; with a session and with an API key, whoever ended it and how.
. "$(dirname "$0")/lib.sh"
. "$top/tests/pictures.sh"

pinhole init -q --name Ada
pinhole config set serve.rate-login 0
pinhole album create -q beach
make_photo one.jpg
pinhole ingest -q one.jpg --album beach
pinhole config set serve.url http://127.0.0.1
add_user bob
start_server

album=$(pinhole album list --json | json 'select(.name == "beach").id')
photo=$(sha256sum <one.jpg | cut -d' ' -f1)
link=$(pinhole invite --album beach --uses 9 --json | json .link)

# each_door COMMAND: calls COMMAND NAME METHOD PATH [...] for each
each_door() {
	"$@" "oneself" GET /v1/me
	"$@" "albums" GET /v1/albums
	"$@" "photos" GET "/v1/albums/$album/photos"
	"$@" "talk" GET "/v1/albums/$album/messages"
	"$@" "events" GET "/v1/albums/$album/events"
	"$@" "a message" POST "/v1/albums/$album/messages" '{"text":"hello"}'
	"$@" "an original" GET "/v1/albums/$album/photos/$photo/original"
	"$@" "a picture" GET "/v1/albums/$album/photos/$photo/image.jpg?w=320&h=320&fit=cover"
	"$@" "an archive" GET "/v1/albums/$album.zip"
	"$@" "an upload" PATCH "$upload" "$((sent++))" -H 'Tus-Resumable: 1.0.0' \
		-H "Upload-Offset: $((sent - 1))" -H 'Content-Type: application/offset+octet-stream'
}

# open_doors: starts an upload, with the token of now
open_doors() {
	sent=0
	api POST "/v1/albums/$album/uploads" -H 'Tus-Resumable: 1.0.0' -H 'Upload-Length: 9' \
		-H 'Content-Length: 0'
	upload=$(header location)
	upload=${upload#"$base"}
}
is_open() {
	api "${@:2}"
	like "$status" '^20[0146]$' "open: $1"
}
is_shut() {
	api "${@:2}"
	is "$status" "$want" "shut: $1"
}
is_over() {
	api GET /v1/me
	[ "$status" = 401 ]
}

# ends NAME COMMAND...: all doors are open, then COMMAND, then none is, within a second
ends() {
	local name=$1 last waiting stream
	shift
	open_doors
	each_door is_open
	api GET "/v1/albums/$album/events"
	last=$(json '.events[-1].seq' <<<"$body")
	curl -s -o waiting -H "Authorization: Bearer $token" --max-time 20 \
		"$base/v1/albums/$album/events?after=$last&wait=5" 2>/dev/null &
	waiting=$!
	curl -sN -H "Authorization: Bearer $token" --max-time 20 "$base/v1/events/stream" \
		>stream 2>/dev/null &
	stream=$!
	soon test -s stream
	"$@" >/dev/null 2>&1
	ok "$name" soon is_over
	ok "the stream ends" soon eval "! kill -0 $stream 2>/dev/null"
	# What is said from now on is for others' ears.
	pinhole send beach -m "behind the back" >/dev/null
	wait "$waiting"
	unlike "$(cat waiting stream 2>/dev/null)" 'behind the back' "who waited hears nothing more"
	want=401
	each_door is_shut
}

# --- how it ends ----------------------------------------------------------------------------------
# join: bob signs in and is in the album
join() {
	login bob
	answers 200 "bob joins" POST /v1/join "{\"invite\":\"${link#*#}\"}"
	is "$(json .album <<<"$body")" "$album" "the album of the link"
}
# carry_key: from now on $token is an API key of bob's
carry_key() {
	token=$(pinhole token create robot --user bob --scope read,write,upload,account)
}
join
ends "token revoke --all" pinhole token revoke --all --user bob
login bob
carry_key
ends "token revoke --all, of a key" pinhole token revoke --all --user bob
login bob
ends "user disable" pinhole user disable bob
pinhole user enable bob 2>/dev/null
login bob
carry_key
ends "user disable, of a key" pinhole user disable bob
pinhole user enable bob 2>/dev/null
login bob
ends "user password" pinhole user password bob --password-file "$work/.password"
login bob
ends "logging out" api POST /v1/logout

# --- what is only the album's end -------------------------------------------------------------------
removed() {
	api GET "/v1/albums/$album/photos"
	[ "$status" = 404 ]
}
shut_but_oneself() {
	case $1 in
	oneself | albums) is_open "$@" ;;
	*) is_shut "$@" ;;
	esac
}
login bob
open_doors
each_door is_open
want=404
bobs=$token
api_as_owner() {
	local token
	token=$(pinhole token create once --scope write)
	api DELETE "/v1/albums/$album/participants/$bob_id"
}
api_as_owner
ok "a removed member" soon removed
token=$bobs
each_door shut_but_oneself
answers 403 "nobody comes back by a link that is older" POST /v1/join "{\"invite\":\"${link#*#}\"}"
answers 404 "and is not in the album" GET "/v1/albums/$album"
link=$(pinhole invite --album beach --json | json .link)
answers 200 "who is invited again does" POST /v1/join "{\"invite\":\"${link#*#}\"}"
ends "user delete" pinhole user delete bob --yes
stop_server
is "$server_rc" 0 "the server ends as it should"
done_testing
