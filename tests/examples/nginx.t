#!/bin/bash
# nginx.t - examples/nginx.conf before a server, as it stands but for names, ports and certificates.
. "$(dirname "$0")/../http/lib.sh"
need nginx openssl jq

# free_port: one that nobody listens on now
free_port() {
	local port
	for _ in 1 2 3 4 5 6 7 8; do
		port=$((12000 + RANDOM % 4000))
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	echo "$port"
}

"$PINHOLE" -q init --name Ada 2>/dev/null
config=$XDG_DATA_HOME/pinhole/config
printf '[serve]\n\ttrust-proxy = 127.0.0.1\n\taccess-log = %s\n' "$work/access" >"$config"
start_server
own=$base

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
	-addext subjectAltName=DNS:localhost -keyout "$work/key" -out "$work/cert" 2>/dev/null
plain=$(free_port)
secure=$((plain + 4000)) # below the ports that the kernel gives to clients
mkdir -p "$work/nginx"
sed -e "s|127.0.0.1:8470|${own#http://}|" -e "s|listen 80;|listen 127.0.0.1:$plain;|" \
	-e "s|listen 443 |listen 127.0.0.1:$secure |" -e 's|photos.example.org;|localhost;|' \
	-e "s|/etc/letsencrypt.*/fullchain.pem|$work/cert|" \
	-e "s|/etc/letsencrypt.*/privkey.pem|$work/key|" "$top/examples/nginx.conf" >"$work/nginx/pinhole.conf"
cat >"$work/nginx.conf" <<-END
	daemon off;
	worker_processes 1;
	pid $work/nginx/pid;
	error_log $work/nginx/error;
	events { }
	http {
		access_log off;
		client_body_temp_path $work/nginx/body;
		proxy_temp_path $work/nginx/proxy;
		fastcgi_temp_path $work/nginx/fastcgi;
		uwsgi_temp_path $work/nginx/uwsgi;
		scgi_temp_path $work/nginx/scgi;
		include $work/nginx/pinhole.conf;
	}
END
succeeds "nginx takes the example" nginx -t -q -c "$work/nginx.conf" -e "$work/nginx/error"
nginx -c "$work/nginx.conf" -e "$work/nginx/error" 2>"$work/nginx/said" &
nginx_pid=$!
trap 'kill "$nginx_pid" 2>/dev/null; http_clean' EXIT

base=https://localhost:$secure
here=(--cacert "$work/cert")
is_up() { curl -s -o /dev/null "${here[@]}" "$base/healthz"; }
ok "nginx runs" soon is_up || sed "s/^/# /" "$work/nginx/said" "$work/nginx/error"
answers 200 "asked by way of nginx" GET /healthz "${here[@]}"
is "$(header strict-transport-security)" max-age=31536000 "HTTPS for a year"
answers 200 "with a claim about the client" GET /readyz "${here[@]}" -H 'X-Forwarded-For: 192.0.2.66'
lines() { [ "$(wc -l <"$work/access")" -ge 2 ]; }
soon lines
is "$(jq -r .peer "$work/access" | sort -u)" 127.0.0.1 "the claim is not believed"
answers 404 "counters are not for the world" GET /metrics "${here[@]}"
is "$(curl -s -o /dev/null -w '%{http_code} %{redirect_url}' "http://localhost:$plain/v1/albums?limit=1" -H 'Host: localhost')" \
	"301 https://localhost/v1/albums?limit=1" "HTTP leads to HTTPS"
answers 404 "errors come through" GET /v1/nowhere "${here[@]}"
is "$(header content-type)" application/problem+json "as they are"
base=$own
done_testing
