#!/bin/bash
# ingest_disk_full.t - the disk fills up while pinhole ingests, at many places; then there is room again.
#
# The store lies on a tmpfs of a few MB in a mount namespace of its own, which needs root or user
# namespaces.  PINHOLE_TEST_FULL tries more sizes.
. "$(dirname "$0")/../lib.sh"
need vips unshare sqlite3

if [ -z "${PINHOLE_TEST_NAMESPACE-}" ]; then
	how=(unshare -m)
	[ "$(id -u)" -eq 0 ] || how=(unshare -rm)
	"${how[@]}" mount -t tmpfs -o size=1m none "$work" 2>/dev/null ||
		skip_all "no tmpfs can be mounted here"
	tap_clean
	cd / && PINHOLE_TEST_NAMESPACE=1 exec "${how[@]}" bash "$top/tests/fault/ingest_disk_full.t"
fi

mkdir photos disk
vips gaussnoise noise.v 800 600 --mean 128 --sigma 40
for i in $(seq 1 30); do
	vips linear noise.v shade.v 1 $((i * 3)) --uchar
	vips jpegsave shade.v "photos/$(printf %02d "$i").jpg"
done
bytes=$(cat photos/* | wc -c)

photos() {
	pinhole album show beach --json | json .photos
}

export PINHOLE_STORE=$work/disk/s
sizes=(15 30 50 70 85 95 105)
[ -z "${PINHOLE_TEST_FULL-}" ] || mapfile -t sizes < <(seq 5 3 125)
kept=0
for percent in "${sizes[@]}"; do
	mount -t tmpfs -o mode=700,size=$((bytes * percent / 100 + 1000000)) none disk
	pinhole init --name Ada -q
	pinhole album create beach -q >/dev/null
	run pinhole ingest photos --album beach --json
	code=$rc
	if [ "$percent" -lt 100 ] || [ "$code" -ne 3 ]; then
		is "$code" 13 "$percent %: the disk is full"
		like "$err" 'No space left|disk is full|full' "$percent %: and it says so"
		like "$err" 'hint: .*run it again' "$percent %: and what to do"
	fi
	json 'select(.path and .status == "added") | .photo' <.out | sort >acknowledged
	run pinhole fsck
	# The check itself may need room for the database's own files.
	like "$rc" '^(0|13)$' "$percent %: the store is sound, or has no room to say so: $rc $err"
	mount -o remount,size=$((bytes * 4 + 20000000)) disk
	succeeds "$percent %: with room it is sound" pinhole fsck --objects --json
	pinhole list beach --json | json .photo | sort >there
	is "$(comm -23 acknowledged there)" '' "$percent %: all $(wc -l <acknowledged) that were acknowledged are there"
	kept=$((kept + $(wc -l <acknowledged)))
	run pinhole ingest photos --album beach -q
	is "$rc" 0 "$percent %: the same command goes on"
	is "$(photos)" 30 "$percent %: and completes it"
	succeeds "$percent %: sound" pinhole fsck --objects --json
	is "$(json -c '[.problems,.unclaimed,.temporary]' <<<"$out")" '[0,0,0]' "$percent %: and nothing is left over"
	umount disk
done

ok "before the disk was full $kept were added" test "$kept" -gt 0

# Only the cache is full: the originals go on, and status says what they lack.
mount -t tmpfs -o mode=700,size=$((bytes * 4 + 20000000)) none disk
pinhole init --name Ada -q
pinhole album create beach -q >/dev/null
mkdir -p disk/s/cache
mount -t tmpfs -o mode=700,size=1500000 none disk/s/cache
run pinhole ingest photos --album beach --json
is "$rc" 3 "a full cache: some are not rendered"
is "$(photos)" 30 "all originals are there"
cp .out report
lacking=$(tail -n 1 <<<"$out" | json .unrendered)
ok "$lacking lack an image" test "$lacking" -gt 0 -a "$lacking" -lt 30
is "$(json 'select(.path and .reason != null) | .status' <<<"$out" | sort -u)" added "they were added all the same"
like "$(json 'select(.path and .reason != null) | .reason' <<<"$out" | sort -u)" \
	'No space left|full|written' "with the reason"
is "$(pinhole status --json | json .not_rendered)" "$lacking" "status counts them"
succeeds "the store is sound" pinhole fsck --objects
mount -o remount,size=50000000 disk/s/cache
hash=$(json 'select(.path and .reason != null) | .photo' <report | head -n 1)
succeeds "with room they are made" pinhole show "$hash" --render --json
is "$(json '[.variants[] | select(.path)] | length' <<<"$out")" 2 "both"
umount disk/s/cache disk
done_testing
