#!/bin/bash
# systemd.t - the units in examples/: systemd understands them, and the server's is shut in.
. "$(dirname "$0")/../lib.sh"
need systemd-analyze

sed "s|/usr/local/bin/pinhole|$PINHOLE|" "$top/examples/pinhole-serve.service" >pinhole-serve.service
run systemd-analyze verify --man=no "$work/pinhole-serve.service"
unlike "$out$err" 'pinhole-serve.service:' "systemd finds nothing to say of it"
run systemd-analyze security --offline=true --threshold=45 "$work/pinhole-serve.service"
if [[ $out$err == *nknown*option* || $out$err == *nrecognized*option* ]]; then
	skip 1 "this systemd cannot judge a unit that is not installed"
else
	is "$rc" 0 "its exposure is at most 4.5 of 10"
fi
done_testing
