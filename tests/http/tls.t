#!/bin/bash
# tls.t - TLS of the server itself: what it speaks, and certificates that are renewed under it.
. "$(dirname "$0")/lib.sh"
need curl openssl

# certify NAME: $work/NAME.cert and $work/NAME.key, for localhost
certify() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$1" \
		-addext subjectAltName=DNS:localhost -keyout "$work/$1.key" -out "$work/$1.cert" 2>/dev/null
	chmod 600 "$work/$1.key"
}
certify first
certify second
cp "$work/first.cert" "$work/cert"
(umask 077 && cp "$work/first.key" "$work/key")
"$PINHOLE" -q init --name Ada 2>/dev/null
config=$XDG_DATA_HOME/pinhole/config
printf '[serve]\n\ttls-cert = %s\n\ttls-key = %s\n' "$work/cert" "$work/key" >"$config"

cp "$work/second.cert" "$work/cert"
fails 1 "a key of another certificate" pinhole serve --listen 127.0.0.1:0
like "$err" "$work/key is not the key of the first certificate in $work/cert" "is refused"
echo hello >"$work/cert"
fails 1 "a certificate that is none" pinhole serve --listen 127.0.0.1:0
like "$err" "$work/cert: no certificates in PEM" "is refused"
cp "$work/first.cert" "$work/cert"

start_server
address=${base#https://}
port=${address##*:}
base=https://localhost:$port
log=$work/server.log
logged() { grep -q -e "$1" "$log"; }
ok "the port speaks TLS" logged "at https://$address"
answers 200 "the first certificate is shown" GET /healthz --cacert "$work/first.cert"
is "$(curl -s -o /dev/null -w '%{http_code}' --max-time 5 "http://$address/healthz")" 000 "plain HTTP is not answered"
for version in 1.0 1.1; do
	is "$(curl -sk -o /dev/null -w '%{http_code}' --tlsv1.0 --tls-max "$version" --ciphers 'DEFAULT:@SECLEVEL=0' \
		--max-time 5 "$base/healthz")" 000 "no TLS $version"
done
is "$(curl -sk -o /dev/null -w '%{http_code}' --tls-max 1.2 --max-time 5 "$base/healthz")" 200 "but 1.2"

# A connection that was made with the first certificate lives on.
: >"$work/answers"
mkfifo "$work/questions"
openssl s_client -quiet -connect "$address" -CAfile "$work/first.cert" <"$work/questions" \
	>"$work/answers" 2>/dev/null &
client=$!
exec 6>"$work/questions"
ask() { printf 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n' >&6; }
answered() { [ "$(grep -c alive "$work/answers")" -eq "$1" ]; }
ask
ok "a lasting connection" soon answered 1

renewed() { curl -s -o /dev/null --max-time 5 --cacert "$work/second.cert" "$base/healthz"; }
(umask 077 && cp "$work/second.key" "$work/key.new" && mv "$work/key.new" "$work/key")
ok "half of a renewal is refused" soon logged 'the old ones stay: .* is not the key'
answers 200 "and the first one still serves" GET /healthz --cacert "$work/first.cert"
cp "$work/second.cert" "$work/cert.new" && mv "$work/cert.new" "$work/cert"
ok "the rest of it brings the second one in" soon renewed
ask
ok "the old connection goes on" soon answered 2
printf '[serve]\n\tqueue = 10\n' >"$config"
ok "TLS cannot be turned off under way" soon logged 'TLS on or off needs a new start'
answers 200 "and is not" GET /healthz --cacert "$work/second.cert"
exec 6>&-
kill "$client" 2>/dev/null
wait "$client" 2>/dev/null
done_testing
