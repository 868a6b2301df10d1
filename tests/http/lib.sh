# lib.sh - what tests of the server share: a server to talk to, requests, people who sign in.
#
# A test sources it instead of tests/lib.sh, which it sources itself:
#
#	#!/bin/bash
#	. "$(dirname "$0")/lib.sh"
#
#	pinhole init --name Ada
#	start_server				on a free port of 127.0.0.1; $base is its URL
#	add_user bob				$bob_id; password "bob's password", mail bob@example.org
#	login bob				$token is theirs, and so of all requests that follow
#	api GET /v1/albums
#	is "$status" 200 "albums are listed"
#	is "$(json '.albums | length' <<<"$body")" 0 "there is none yet"
#	is "$(header content-type)" application/json "as JSON"
#	api POST /v1/albums '{"title":"Beach"}' -H 'Idempotency-Key: 1'
#	answers 404 "a stranger's album" GET "/v1/albums/$other"
#	done_testing				the server is stopped, and complained of if it fails
#
# Whatever a test leaves running is ended with it, by its process id.
# Invariant: nothing here listens on, or connects to, an address other than 127.0.0.1.

# What it sets is for the tests that source it.
# shellcheck disable=SC2034

# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

base='' server_pid='' server_rc=0 npm='' reason=''
token='' status='' body=''
export no_proxy='*'

http_clean() {
	[ -z "$server_pid" ] || kill -KILL "$server_pid" 2>/dev/null
	tap_clean
}
trap http_clean EXIT

# start_server [OPTION...]: a server of $PINHOLE_STORE (or the usual store), once it is ready; $base is its URL.
# What it says is in $work/server.log.
start_server() {
	local ready=$work/.ready
	rm -f "$ready"
	mkfifo "$ready"
	"$PINHOLE" serve --listen 127.0.0.1:0 --daemon-ready 9 "$@" 9>"$ready" >>"$work/server.log" 2>&1 &
	server_pid=$!
	# Nothing is read where it ends before it is ready: the pipe closes with it.
	base=$(timeout 60 head -n 1 <"$ready")
	base=${base%/}
	[ -n "$base" ] || {
		tail -5 "$work/server.log" | sed 's/^/# /'
		echo "Bail out! the server does not start"
		exit 1
	}
}

# no_limits: lets servers that are started from now on answer as often as they are asked
no_limits() {
	export PINHOLE_SERVE_RATE_USER=0 PINHOLE_SERVE_RATE_PUBLIC=0 PINHOLE_SERVE_RATE_LOGIN=0
}

# stop_server: ends it as an administrator would, and leaves its exit code in $server_rc
stop_server() {
	local tries=0
	[ -n "$server_pid" ] || return 0
	kill -TERM "$server_pid" 2>/dev/null
	while kill -0 "$server_pid" 2>/dev/null && [ $((tries += 1)) -le 300 ]; do
		sleep 0.1
	done
	kill -KILL "$server_pid" 2>/dev/null
	wait "$server_pid" 2>/dev/null
	server_rc=$?
	server_pid=''
}

# api METHOD PATH [JSON|@FILE] [CURL-OPTION...]: leaves the answer in $status, $body (NUL bytes dropped),
# $work/.body (as it came) and $work/.head; with $token, if there is one.  Another content type than JSON:
# -H 'Content-Type: ...'.
api() {
	local method=$1 path=$2 arguments=()
	shift 2
	if [ $# -gt 0 ] && [[ $1 != -?* ]]; then
		arguments+=(--data-binary "$1")
		[[ " $* " == *[Cc]ontent-[Tt]ype:* ]] || arguments+=(-H 'Content-Type: application/json')
		shift
	fi
	[ "$method" = HEAD ] && arguments+=(--head) || arguments+=(-X "$method")
	[ -z "$token" ] || arguments+=(-H "Authorization: Bearer $token")
	: >"$work/.body"
	: >"$work/.head"
	status=$(curl -sS --max-time 60 --path-as-is -g -D "$work/.head" -o "$work/.body" -w '%{http_code}' \
		"${arguments[@]}" "$@" "$base$path" 2>"$work/.curl")
	body=$(tr -d '\0' <"$work/.body")
}

# answers STATUS NAME METHOD PATH [...]: as api, and the status is that one
answers() {
	local want=$1 name=$2
	shift 2
	api "$@"
	if [ "$status" = "$want" ]; then
		tap_pass "$name"
	else
		tap_fail "$name" "asked: $1 $2" "got:   $status, expected $want" "body:  ${body:0:500}" \
			"curl:  $(cat "$work/.curl")"
	fi
}

# header NAME: of the last answer, in any case; nothing if it had none
header() {
	tr -d '\r' <"$work/.head" | awk -v name="$1" '
		BEGIN { name = tolower(name) ":" }
		tolower(substr($0, 1, length(name))) == name {
			value = substr($0, length(name) + 1); sub(/^[ \t]+/, "", value); print value
		}'
}

# without_token COMMAND...: as nobody
without_token() {
	local token=''
	"$@"
}

# soon COMMAND...: tries for 5 s until it succeeds, for what is promised within 1 s
soon() {
	local tries=0
	until "$@"; do
		[ $((tries += 1)) -lt 50 ] || return 1
		sleep 0.1
	done
}

# add_user NAME [OPTION-OF-USER-ADD...]: a user of this server; their id is in $NAME_id
add_user() {
	local name=$1
	shift
	printf '%s' "$name's password" >"$work/.password"
	printf -v "${name}_id" '%s' "$("$PINHOLE" user add --json "$name" --email "$name@example.org" \
		--password-file "$work/.password" "$@" | jq -r .id)"
}

# login NAME: signs in as add_user made them; the token is in $token, the whole answer in $body
login() {
	local name=$1
	token=''
	api POST /v1/login "$(jq -nc --arg l "$name@example.org" --arg p "$name's password" \
		'{login: $l, password: $p}')"
	token=$(json '.access_token' <<<"$body")
	[ "$status" = 200 ]
}

# raw [BYTES...]: sends printf-formatted bytes as they are and leaves what came back in $work/.raw, its
# first line in $out; for requests that no client would make
raw() {
	local fd host=${base#http://}
	if ! exec {fd}<>"/dev/tcp/${host%:*}/${host#*:}"; then
		out=''
		return 1
	fi
	# shellcheck disable=SC2059
	(
		trap '' PIPE # the server may have closed already
		printf "$@" 1>&"$fd"
	) 2>/dev/null
	timeout "${raw_seconds:-15}" cat 0<&"$fd" >"$work/.raw" 2>/dev/null
	exec {fd}>&-
	out=$(head -1 "$work/.raw" | tr -d '\r\0')
}

# npm_tools: installs what tests/http/npm lists, once for all tests; $npm is where: $npm/.bin/PROGRAM.
# False, with the reason in $reason, where that cannot be.
npm_tools() {
	local dir=$top/build/npm program
	npm=$dir/node_modules
	for program in node npm; do
		command -v "$program" >/dev/null || {
			reason="$program is not installed"
			return 1
		}
	done
	mkdir -p "$dir"
	(
		flock 8
		cmp -s "$top/tests/http/npm/package-lock.json" "$dir/installed" && exit
		cp "$top"/tests/http/npm/package*.json "$dir" &&
			npm ci --prefix "$dir" --ignore-scripts --no-audit --no-fund &&
			cp "$dir/package-lock.json" "$dir/installed"
	) 8>"$dir.lock" >"$work/npm.log" 2>&1 || {
		reason="npm cannot install: $(grep -m1 -i error "$work/npm.log")"
		return 1
	}
}

done_testing() {
	if [ -n "$server_pid" ]; then
		stop_server
		is "$server_rc" 0 "the server ended as it should"
	fi
	printf '1..%d\n' "$tap_count"
	[ "$tap_failed" -eq 0 ] || exit 1
	exit 0
}
