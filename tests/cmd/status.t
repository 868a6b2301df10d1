#!/bin/bash
# status.t - pinhole status: short when all is well, one line for each trouble.
. "$(dirname "$0")/../lib.sh"
need vips

fails 10 "without a store" pinhole status
pinhole init --name Ada -q
succeeds "an empty store" pinhole status
is "$out" "$XDG_DATA_HOME/pinhole of Ada
0 albums, 0 photos (0 B), 0 messages, 0 contacts" "is told in two lines"

mkdir photos
vips gaussnoise noise.v 320 240 --mean 128 --sigma 40
vips jpegsave noise.v photos/good.jpg
head -c 20000 photos/good.jpg >photos/short.jpg
head -c 300 photos/good.jpg >photos/stub.jpg
pinhole album create beach -q >/dev/null
fails 3 "photos of which two are cut off" pinhole ingest photos --album beach
pinhole send beach -m hello -q >/dev/null
succeeds "status" pinhole status
is "$(wc -l <<<"$out")" 4 "one line for each photo in trouble"
short=$(sha256sum <photos/short.jpg | cut -c 1-12) stub=$(sha256sum <photos/stub.jpg | cut -c 1-12)
like "$out" "1 album, 3 photos \([0-9.]+ KiB\), 1 message, 0 contacts" "counts"
like "$out" "photo $short \(short.jpg\) is incomplete: .*cut short" "one is incomplete"
like "$out" "photo $stub \(stub.jpg\) was not rendered: " "one was not rendered"
succeeds "--json" pinhole status --json
is "$(json -c '[.owner,.albums,.photos,.messages,.contacts,.pending,.rejected,.unknown,.not_rendered]' <<<"$out")" \
	'["Ada",1,3,1,0,0,0,0,2]' "has the numbers"
is "$(json .bytes <<<"$out")" "$(cat photos/* | wc -c)" "and the bytes"
is "$(json .store <<<"$out")" "$XDG_DATA_HOME/pinhole" "and the folder"

cp photos/stub.jpg photos/$'esc\033[2J.jpg'
printf x >>photos/$'esc\033[2J.jpg'
run pinhole ingest photos --album beach
unlike "$err" $'\033' "hostile names reach no terminal from ingest"
succeeds "status of a hostile name" pinhole status
unlike "$out" $'\033' "reaches no terminal either"
like "$out" 'esc' "and is told"

for i in $(seq 1 15); do
	head -c $((300 + i)) photos/good.jpg >"photos/stub$i.jpg"
done
run pinhole ingest photos --album beach -q
succeeds "many troubles" pinhole status
is "$(grep -c '  ! ' <<<"$out")" 10 "ten are listed"
like "$out" '… and 8 more' "the rest is counted"

pinhole erase "$stub" --yes -q
is "$(pinhole status --json | json .not_rendered)" 17 "what is erased troubles no more"
done_testing
