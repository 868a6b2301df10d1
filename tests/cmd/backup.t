#!/bin/bash
# backup.t - pinhole backup: one file, verified; refused or failed, it leaves nothing.
. "$(dirname "$0")/../lib.sh"

store() {
	find "$XDG_DATA_HOME/pinhole" -type f ! -name '*-wal' ! -name '*-shm' ! -name lock | sort
}

fails 10 "without a store" pinhole backup a.tar
succeeds "a store" pinhole init -q --name Ada
pinhole config set core.editor cat
before=$(store)

succeeds "a backup" pinhole backup a.tar
is "$out" "" "prints no result"
like "$err" 'verified' "but says that it was verified"
is "$(stat -c %a a.tar)" 600 "is for its owner only"
is "$(store)" "$before" "and leaves the store as it was"
is "$(find . -maxdepth 1 -name '.pinhole*')" "" "nothing is left beside it"
mkdir x
tar xf a.tar -C x
ok "tar unpacks it and sha256sum checks it" sh -c 'cd x && sha256sum --quiet -c SHA256SUMS'
is "$(cd x && ls | tr '\n' ' ')" "SHA256SUMS config pinhole-backup.json pinhole.db " "all is there"
is "$(json .format <x/pinhole-backup.json)" pinhole-backup "it says what it is"

fails 6 "a file that exists" pinhole backup a.tar
like "$err" 'exists already' "is not written over"
fails 1 "another ending" pinhole backup a.zip
like "$err" '\.tar\.zst' "is refused with those that are known"
fails 5 "a folder that is not there" pinhole backup nowhere/a.tar
succeeds "compressed, in JSON" pinhole backup --json b.tar.zst
is "$(json '"\(.file) \(.logs) \(.absent) \(.erased)"' <<<"$out")" "b.tar.zst 1 0 0" "says what it holds"
ok "zstd reads it" zstd -tq b.tar.zst

full() {
	(
		trap '' XFSZ
		ulimit -f 100
		"$PINHOLE" backup full.tar
	)
}
run full
isnt "$rc" 0 "a disk that fills up is a failure"
ok "without a file" test ! -e full.tar
is "$(find . -maxdepth 1 -name '.pinhole*')" "" "and without working files"

succeeds "restored" pinhole restore a.tar again
succeeds "the new store is sound" pinhole --store again status
is "$(pinhole --store again config get core.editor)" cat "with its settings"
fails 6 "a directory that is not empty" pinhole restore a.tar again

succeeds "a key" pinhole token create robot
key=${out#phk_}
succeeds "in a backup" pinhole backup keys.tar
ok "which does not hold it" bash -c '! tar xOf keys.tar pinhole.db | grep -qaF -- "$1"' - "$key"
succeeds "restored" pinhole restore keys.tar keys
is "$(pinhole --store keys token list --json)" "" "the key holds no more: it may have been revoked since"
head -c 5000 a.tar >half.tar
fails 7 "half a backup" pinhole restore half.tar broken
ok "makes no store" test ! -e broken
done_testing
