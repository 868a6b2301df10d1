#!/bin/bash
# transfer_disk_full.t - the disk fills up under export, import, backup and restore, at many places: told as such,
# nothing half under the final name, nothing left beside it; with room it works.
#
# The target lies on a tmpfs in a mount namespace of its own, which needs root or user namespaces.
. "$(dirname "$0")/../lib.sh"
need unshare jq

if [ -z "${PINHOLE_TEST_NAMESPACE-}" ]; then
	how=(unshare -m)
	[ "$(id -u)" -eq 0 ] || how=(unshare -rm)
	"${how[@]}" mount -t tmpfs -o size=1m none "$work" 2>/dev/null ||
		skip_all "no tmpfs can be mounted here"
	tap_clean
	cd / && PINHOLE_TEST_NAMESPACE=1 exec "${how[@]}" bash "$top/tests/fault/transfer_disk_full.t"
fi

# Not pictures, but enough of one to be taken and kept.
mkdir photos disk
for i in 1 2 3 4 5 6 7 8; do
	{ printf '\377\330\377\340'; head -c 300000 /dev/urandom; } >"photos/$i.jpg"
done
pinhole init -q --name Ada
pinhole album create beach -q >/dev/null
pinhole ingest -q --no-render photos --album beach 2>/dev/null
for i in $(seq 200); do
	printf '{"text":"message %d"}\n' "$i"
done | pinhole send beach --batch >/dev/null
pinhole export -q beach out
pinhole backup -q b.tar

# try NAME TARGET COMMAND...: on disks of growing size, until one is large enough
try() {
	local name=$1 target=$2 percent fulls=0
	shift 2
	for percent in 2 10 30 50 70 85 95 400; do
		mount -t tmpfs -o mode=700,size=$((2400000 * percent / 100)) none disk
		run "$@"
		if [ "$percent" -lt 400 ] && [ "$rc" -ne 0 ]; then
			fulls=$((fulls + 1))
			is "$rc" 13 "$name: $percent %: the disk is full"
			ok "$name: $percent %: nothing has the name" test ! -e "disk/$target"
			is "$(find disk -mindepth 1)" "" "$name: $percent %: nothing is left"
		fi
		if [ "$percent" -eq 400 ]; then
			is "$rc" 0 "$name: with room it works"
			ok "$name: and is there" test -e "disk/$target"
		fi
		umount disk
	done
	ok "$name: the disk was full often" test "$fulls" -ge 4
}

try folder out pinhole export -q beach disk/out
try zip a.zip pinhole export -q beach disk/a.zip
try tar a.tar.zst pinhole export -q beach disk/a.tar.zst
try backup b.tar pinhole backup -q disk/b.tar
try restore s pinhole restore -q b.tar disk/s

# An import fills the store's own disk: what is in the store stays sound.
export PINHOLE_STORE=$work/disk/s
for percent in 10 30 50 70 90; do
	mount -t tmpfs -o mode=700,size=$((2400000 * percent / 100 + 1000000)) none disk
	pinhole init -q --name Eve
	run pinhole import -q --no-render out
	is "$rc" 13 "import: $percent %: the disk is full"
	mount -o remount,size=20m disk
	is "$(pinhole album list -q --json | wc -l)" 0 "import: $percent %: there is no album"
	succeeds "import: $percent %: the store is sound" pinhole fsck --objects
	succeeds "import: $percent %: with room it works" pinhole import -q --no-render out
	is "$(pinhole album list --json | json .photos)" 8 "import: $percent %: all photos came"
	umount disk
done
done_testing
