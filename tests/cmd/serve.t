#!/bin/bash
# serve.t - pinhole serve as a program: what it refuses, settings that change, signals, logs.  What it answers is
# tested in tests/http.
. "$(dirname "$0")/../http/lib.sh"
need curl jq

succeeds "--openapi" pinhole serve --openapi
is "$(json .openapi <<<"$out")" 3.1.0 "prints the description, without a store"
fails 10 "no store" pinhole serve
fails 2 "a descriptor that is not open" bash -c '"$PINHOLE" serve --daemon-ready 77'

"$PINHOLE" -q init --name Ada
store=$XDG_DATA_HOME/pinhole
config=$store/config

fails 2 "no address" pinhole serve --listen here
like "$err" 'hint: write 127.0.0.1:8470' "says how to write one"

printf '[serve]\n\tqueue = none\n' >"$config"
fails 1 "a configuration that is wrong" pinhole serve --listen 127.0.0.1:0
like "$err" "$config:2: serve.queue" "is named with its place"
printf '[serve]\n\ttls-cert = %s\n\ttls-key = %s\n' "$work/cert" "$work/key" >"$config"
touch "$work/cert" "$work/key"
chmod 644 "$work/key"
fails 4 "a key that anybody may read" pinhole serve --listen 127.0.0.1:0
like "$err" "hint: chmod 600 $work/key" "is refused with the way out"
printf '[serve]\n\tcolour = blue\n\taccess-log = %s\n' "$work/access" >"$config"

# A service manager that writes down what it is told.
manager() {
	python3 - "$work/notify" "$work/told" <<-'END' &
		import socket, sys
		s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		s.bind(sys.argv[1])
		while True:
		    with open(sys.argv[2], "ab") as f:
		        f.write(s.recv(4096) + b"\n")
	END
	manager_pid=$!
	soon test -S "$work/notify"
}
manager
trap 'kill "$manager_pid"; http_clean' EXIT

export NOTIFY_SOCKET=$work/notify WATCHDOG_USEC=200000
start_server -v
unset NOTIFY_SOCKET WATCHDOG_USEC
log=$work/server.log
told() { grep -q "$1" "$work/told"; }
logged() { grep -q -e "$1" "$log"; }
like "$(cat "$log")" "serving $store at $base" "it says where it is"
like "$(cat "$log")" 'no setting is called serve.colour' "and what it does not know"
unlike "$(cat "$log")" encrypted "loopback needs no encryption"
ok "the service manager is told" soon told '^READY=1'
ok "and kept informed" soon told '^WATCHDOG=1'

answers 200 "/healthz" GET /healthz
is "$body" '{"status":"alive"}' "is alive"
answers 200 "/readyz" GET /readyz
answers 404 "an address that is none" GET '/invite/very-secret-invitation?token=opensesame'
answers 200 "/metrics" GET /metrics
like "$body" 'pinhole_http_requests_total\{route="checkAlive",status="2xx"\} 1' "counts"
answers 404 "/metrics by a proxy" GET /metrics -H 'X-Forwarded-For: 127.0.0.1'

fails 11 "a second server of the store" pinhole serve --listen 127.0.0.1:0
like "$err" "is locked by serve \(process $server_pid " "names the first"
succeeds "another store" pinhole init "$work/other" --name Bob
fails 8 "on the same port" pinhole --store "$work/other" serve --listen "${base#http://}"
like "$err" 'hint: choose another' "says what to do"
succeeds "a command beside the server" pinhole album create beach
token=$("$PINHOLE" token create watch --json | jq -r .token)
api GET /v1/albums
album=$(json '.albums[0].id' <<<"$body")
head=$(json '.albums[0].head' <<<"$body")
curl -s -H "Authorization: Bearer $token" "$base/v1/albums/$album/events?after=$head&wait=30" >"$work/news" &
news=$!
waits() { [ "$(curl -s "$base/metrics" | awk '$1 == "pinhole_waits" { print $2 }')" -ge 1 ]; }
ok "somebody waits for news of the album" soon waits
"$PINHOLE" -q send beach -m "from the command line" >/dev/null
arrived() { grep -q "from the command line" "$work/news"; }
ok "what a command says reaches them" soon arrived
wait "$news"
token=''

lines() { [ "$(wc -l <"$1" 2>/dev/null || echo 0)" -ge "$2" ]; }
ok "requests are logged" soon lines "$work/access" 5
is "$(jq -r .status "$work/access" | head -4 | xargs)" "200 200 404 200" "as JSON"
unlike "$(cat "$work/access")" 'opensesame|very-secret-invitation' "without secrets"

# One connection stays open over all that follows.
exec 7<>"/dev/tcp/127.0.0.1/${base##*:}"
ask_again() {
	local line length=0
	printf 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n' >&7
	while read -r -t 5 line <&7 && [ "$line" != $'\r' ]; do
		[[ $line != Content-Length:* ]] || length=$(tr -dc 0-9 <<<"$line")
	done
	read -r -t 5 -N "$length" line <&7
	[ "${line%$'\n'}" = '{"status":"alive"}' ]
}
ok "a connection" ask_again
mv "$work/access" "$work/access.1"
kill -HUP "$server_pid"
ok "SIGHUP" soon test -e "$work/access"
ok "reopens the log, and the connection stays" ask_again
ok "the manager was told of the reload" soon told '^RELOADING=1'
"$PINHOLE" config set serve.access-log "$work/second"
ok "a changed configuration is taken" soon test -e "$work/second"
ok "without dropping a connection" ask_again
printf '[serve]\n\taccess-log = %s\n\tqueue = none\n' "$work/third" >"$config"
ok "a wrong one is refused" soon logged 'new settings are refused.*serve.queue'
ok "the old one stays" ask_again
ok "as a whole" test ! -e "$work/third"
ok "and so its log" soon lines "$work/second" 2
printf '[serve]\n\taccess-log = %s\n\tlisten = 127.0.0.1:1\n' "$work/third" >"$config"
ok "what is right again is taken" soon test -e "$work/third"

if command -v git >/dev/null; then
	git init -q -b main "$work/tree"
	in_tree() { git -C "$work/tree" -c user.name=A -c user.email=a@localhost "$@" -q; }
	for branch in one two; do
		in_tree checkout --orphan "$branch"
		printf '[serve]\n\taccess-log = %s\n' "$work/git-$branch" >"$work/tree/config"
		in_tree add config 2>/dev/null || git -C "$work/tree" add config
		in_tree commit -m "$branch"
	done
	ln -sf "$work/tree/config" "$config"
	ok "a link into a git work tree" soon test -e "$work/git-two"
	in_tree checkout one
	ok "that is switched to another branch" soon test -e "$work/git-one"
else
	skip 2 "git is not installed"
fi

kill -TERM "$server_pid"
ok "SIGTERM: the manager is told" soon told '^STOPPING=1'
wait "$server_pid"
is $? 0 "and it ends well"
server_pid=
exec 7>&-

start_server --listen 0.0.0.0:0
ok "an address that others reach is warned of" logged 'not encrypted: whoever is on the way can read'
done_testing
