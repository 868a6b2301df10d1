#!/bin/bash
# http-request.t - pinhole http-request: saved requests, answered with no socket.
. "$(dirname "$0")/../lib.sh"

fails 2 "no file" pinhole http-request
printf 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n' >one
fails 10 "no store" pinhole http-request one
succeeds "init" pinhole init --name Ada
succeeds "a saved request" pinhole http-request one
is "$(tail -n 1 <<<"$out" | jq -r .status)" alive "is answered"
like "$out" '^HTTP/1.1 200' "with its status"
succeeds "from standard input" bash -c '"$PINHOLE" http-request - <one'
like "$out" '^HTTP/1.1 200' "too"
printf 'GET /healthz HTTP/1.1\n\n###\nGET /nowhere HTTP/1.1\n\n###\nGET /readyz HTTP/1.1\n\n' >three
succeeds "three of them" pinhole http-request three
is "$(grep '^HTTP' <<<"$out" | cut -d' ' -f2 | tr -d '\r' | xargs)" "200 404 200" "are answered in order"
cp one -- -v
succeeds "a file that is called like an option" pinhole http-request ./-v
fails 5 "a file that is not there" pinhole http-request four
printf 'hello\n' >five
fails 1 "a file that holds no request" pinhole http-request five
printf '[serve]\n\tqueue = none\n' >"$XDG_DATA_HOME/pinhole/config"
fails 1 "a configuration that is wrong" pinhole http-request one
done_testing
