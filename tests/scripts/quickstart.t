#!/bin/bash
# quickstart.t - scripts/quickstart and scripts/install-deps, with stand-ins for apt, dpkg and make, so
# that nothing is installed or built here; tests/chroot/run tries the real ones on a bare system.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/pictures.sh"

# A source tree whose pinhole is built already, and programs that note how they were called.
mkdir -p tree bin
cp -r "$top/scripts" tree/scripts
ln -s "$PINHOLE" tree/pinhole
stand_in() {
	printf '#!/bin/sh\necho "%s $*" >>"%s/calls"\n%s\n' "$1" "$work" "$2" >"bin/$1"
	chmod 755 "bin/$1"
}
stand_in make 'exit 0'
stand_in apt-get 'echo "apt speaks"; exit 0'
stand_in dpkg-query 'echo installed'
quickstart() {
	rm -f "$work/calls"
	PATH=$work/bin:$PATH "$work/tree/scripts/quickstart" "$@"
}
# Whatever goes wrong here, no server outlives it.
export QUICKSTART_LISTEN=127.0.0.1:0
trap '[ ! -d "$work/tree/demo" ] || quickstart --stop >/dev/null 2>&1; tap_clean' EXIT

mkdir photos empty
make_photo photos/one.jpg
make_plain "photos/t wo.jpg"
echo hello >photos/notes.txt
touch file

fails 1 "a folder that is not there" quickstart nowhere
is "$err" "quickstart: there is no folder $work/nowhere" "is said"
ok "before anything is done" test ! -e calls
fails 1 "a file" quickstart file
like "$err" 'is no folder' "is no folder"
fails 1 "an empty word" quickstart ''
fails 1 "two folders" quickstart photos empty
fails 1 "a folder without photos" quickstart empty
like "$err" "there are no photos in $work/empty" "is said too"
succeeds "help" quickstart --help

succeeds "a folder of photos" quickstart photos
unlike "$(cat calls)" apt-get "installs nothing when all is there"
like "$err" 'notes.txt' "names what is no photo"
like "$err" 'added 2 ' "adds the photos"
like "$out" '1 album, 2 photos .*, 2 messages' "and says a few things"
demo() {
	"$PINHOLE" --store "$work/tree/demo" "$@"
}
head=$(demo log first --json | head -n 1)
like "$(demo search favourite)" 'first:' "one of them is tagged"
like "$(demo list first --has like)" '[0-9a-f]{8}' "liked"
like "$(demo list first --has caption)" 'The first of many' "and captioned"
like "$out" "
cd $work/tree
" "it tells where to try what comes next"
server() { sed -n 's/^serve (process \([0-9]*\) .*/\1/p' "$work/tree/demo/serve.lock"; }
address() { sed -n 's|^    \(http://[0-9.:]*\)$|\1|p' <<<"$out"; }
first=$(server) url=$(address)
like "$out" '127.0.0.1:0, which this machine alone can reach' "it says where it serves before it does"
is "$(curl -s "$url/healthz")" '{"status":"alive"}' "a server runs at the URL"
like "$(curl -s "$url/")" '<h1>pinhole</h1>' "that can be opened"
unlike "$out" '▀' "no code to scan for what no phone reaches"
like "$out" "To stop it: ./scripts/quickstart --stop" "it says how to stop it"

succeeds "again" quickstart photos
like "$err" 'nothing new|added 0' "adds nothing"
is "$(demo log first --json | head -n 1)" "$head" "and says nothing twice"
isnt "$(server)" "$first" "by another server"
ok "the first one is gone" bash -c "! curl -s $url/healthz"
is "$(curl -s "$(address)/healthz")" '{"status":"alive"}' "the other runs"

sed -n '/^Try next/,/^To take/p' <<<"$out" | grep '^\(cd\|\./pinhole\) ' | sed "/^cd/!s|/tmp/pinhole|$work/pinhole|" >next
ok "commands to try are printed" test "$(wc -l <next)" -ge 8
succeeds "they work when pasted" bash -eu next
cd tree || exit 1
succeeds "from the top of the tree" quickstart ../photos
unlike "$out" '
cd ' "no cd is needed"
succeeds "without a HOME and next to no environment" \
	env -i "PATH=$work/bin:/usr/bin:/bin" "QUICKSTART_LISTEN=$QUICKSTART_LISTEN" "$work/tree/scripts/quickstart" "$work/photos"
cd ..

url=$(sed -n 's|.*url = ||p' tree/demo/config)
succeeds "--stop" quickstart --stop
like "$out" 'stopped the server' "says so"
fails 7 "it is gone" curl -s "$url/healthz"
succeeds "--stop where nothing runs" quickstart --stop
is "$out" "" "says nothing"

# In a local network: hostname stands in for one, and nothing is listened on but this machine.
stand_in hostname 'echo fe80::1 192.168.77.5'
{
	sed '/^read_arguments "/,$d' tree/scripts/quickstart
	echo lan_address
} >tree/scripts/lan
lan() { PATH=$work/bin:$PATH bash tree/scripts/lan; }
is "$(lan)" 192.168.77.5 "the address in the local network is found"
stand_in hostname 'echo 203.0.113.9 172.32.0.1 2001:db8::1'
is "$(lan)" "" "one that the world reaches is not taken"
rm bin/hostname

rm -rf tree/demo
mkdir tree/demo
touch tree/demo/mine
fails 6 "something else in ./demo" quickstart photos
like "$err" 'demo is not empty' "is left alone, and said"

# What install-deps does with what is missing.
deps() {
	rm -f "$work/calls"
	PATH=$work/bin:$PATH tree/scripts/install-deps "$@"
}
fails 2 "install-deps without a word" deps
succeeds "with all there" deps test
is "$out$err" "" "it says nothing"
stand_in dpkg-query '[ "$4" = zstd ] || [ "$4" = jq ] || echo installed'
stand_in sudo 'exec "$@"'
succeeds "two packages missing" deps test
like "$err" 'installing jq zstd ' "are named"
unlike "$out$err" 'apt speaks' "what apt says is not shown"
like "$(grep '^apt-get' calls)" 'update.*
apt-get .*--no-install-recommends install jq zstd$' "and installed, those alone"
stand_in apt-get 'case "$*" in *update) exit 1 ;; esac'
succeeds "a list that cannot be had is no failure" deps test
stand_in apt-get 'echo "no such package"; exit 100'
fails 1 "apt fails" deps test
like "$err" 'no such package' "what it said is shown"
like "$err" 'install-deps: apt could not install jq zstd' "and what failed"
stand_in id 'echo 1000'
rm bin/sudo
without_sudo() {
	PATH=$work/bin tree/scripts/install-deps test
}
for program in bash sh dirname basename mktemp tail rm env cat; do
	ln -s "$(command -v "$program")" "bin/$program"
done
fails 1 "not root, and no sudo" without_sudo
like "$err" 'as root: apt-get install jq zstd' "says what to do"
done_testing
