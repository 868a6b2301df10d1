#!/bin/bash
# matrix.t - every operation, asked by every kind of caller about every kind of id: the store and its people are made
# here, matrix.py asks and judges, matrix.txt says what is right.

# shellcheck disable=SC2034 # they are handed on by name
# The store is copied some hundred times, and each copy is flushed.
[ -n "${TMPDIR-}" ] || [ ! -w /dev/shm ] || export TMPDIR=/dev/shm
. "$(dirname "$0")/lib.sh"
need curl python3
. "$top/tests/pictures.sh"

pinhole init --name Ada --region FR 2>/dev/null
pinhole config set register.mode open
pinhole config set notify.sms-command 'cat >/dev/null'
no_limits
for name in owner admin member viewer removed stranger disabled; do
	add_user "$name"
done
add_user operator --role admin
start_server

# remember CALLER: the token that is in $token
declare -A tokens=() own=() other=()
remember() {
	tokens[$1]=$token
}
for name in owner admin member viewer removed stranger operator disabled; do
	login "$name" || echo "Bail out! $name cannot sign in: $body"
	remember "$name"
done
login member
remember ended

# as CALLER METHOD PATH [...]: must be done; $body is the answer
as() {
	token=${tokens[$1]}
	shift
	api "$@"
	[[ $status == 2* ]] && return
	echo "Bail out! $1 $2 is answered $status: $body"
	grep -v '"status"' "$work/server.log" | tail -3 | sed 's/^/# /'
	exit 1
}

# upload CALLER ALBUM FILE: by tus, all at once; its hash is in $photo
upload() {
	as "$1" POST "/v1/albums/$2/uploads" "@$3" -H 'Tus-Resumable: 1.0.0' -H "Upload-Length: $(stat -c %s "$3")" \
		-H 'Content-Type: application/offset+octet-stream'
	photo=$(header pinhole-photo)
}

# furnish OWNER AUTHOR: an album with one of each kind, as ids in $ids; the photo and message are AUTHOR's
declare -A ids=()
furnish() {
	ids[album]=$album
	upload "$2" "$album" "$work/$1.jpg"
	ids[photo]=$photo ids[part]=$photo
	as "$2" POST "/v1/albums/$album/messages" '{"text":"Hello from here"}'
	ids[message]=$(json .id <<<"$body")
	as "$1" POST "/v1/albums/$album/links" '{"may":["look"]}'
	ids[link]=$(json .id <<<"$body")
	as "$1" POST "/v1/albums/$album/uploads" -H 'Tus-Resumable: 1.0.0' -H 'Upload-Length: 10'
	ids[upload]=$(basename "$(header location)")
	as "$1" POST /v1/invites '{}'
	ids[invite]=$(json .id <<<"$body")
	as "$1" POST /v1/tokens '{"name":"spare","scopes":["read"]}'
	ids[token]=$(json .id <<<"$body")
	as "$1" GET /v1/sessions
	ids[session]=$(json '.sessions[] | select(.current) | .id' <<<"$body")
}

make_photo owner.jpg owner
make_photo stranger.jpg stranger
as owner POST /v1/albums '{"title":"Beach"}'
album=$(json .id <<<"$body")
for pair in admin:admin member:member viewer:viewer removed:member disabled:member; do
	name=${pair%:*}
	id=${name}_id
	as owner POST "/v1/albums/$album/participants" \
		"$(jq -nc --arg n "$name" --arg u "${!id}" --arg r "${pair#*:}" '{name: $n, user: $u, role: $r}')"
done
furnish owner member
for name in "${!ids[@]}"; do own[$name]=${ids[$name]}; done
own[participant]=$viewer_id own[user]=$viewer_id
as stranger POST /v1/albums '{"title":"Mountain"}'
album=$(json .id <<<"$body")
furnish stranger stranger
for name in "${!ids[@]}"; do other[$name]=${ids[$name]}; done
as stranger POST "/v1/albums/$album/participants" '{"name":"Somebody","role":"viewer"}'
other[participant]=$(json .id <<<"$body")

for scope in read write upload account; do
	as owner POST /v1/tokens "{\"name\":\"$scope\",\"scopes\":[\"$scope\"]}"
	token=$(json .token <<<"$body")
	remember "$scope"
done
as owner POST /v1/tokens '{"name":"full","scopes":["read","write","upload","account"]}'
token=$(json .token <<<"$body")
remember full
as operator POST /v1/tokens '{"name":"manage","scopes":["admin"]}'
token=$(json .token <<<"$body")
remember manage
as ended POST /v1/logout
as owner DELETE "/v1/albums/${own[album]}/participants/$removed_id"
as operator PATCH "/v1/users/$disabled_id" '{"disabled":true}'

# object NAME: an associative array as JSON
object() {
	local -n from=$1
	for key in "${!from[@]}"; do
		jq -nc --arg k "$key" --arg v "${from[$key]}" '{($k): $v}'
	done | jq -s add
}
jq -n --argjson tokens "$(object tokens)" --argjson own "$(object own)" --argjson other "$(object other)" \
	'{$tokens, $own, $other}' >fixtures.json
pinhole serve --openapi >openapi.json
"$top/tests/http/matrix.py" "$PINHOLE" "$XDG_DATA_HOME/pinhole" openapi.json "$top/tests/http/matrix.txt" \
	fixtures.json "$base"
rc=$?
stop_server
[ "$server_rc" -eq 0 ] && exit "$rc"
echo "# the server ended with $server_rc"
exit 1
