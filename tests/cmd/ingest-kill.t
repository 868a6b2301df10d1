#!/bin/bash
# ingest-kill.t - kill -9 while pinhole ingests: the store is sound, and the next run completes it.
#
# PINHOLE_TEST_KILLS says how often (20, with PINHOLE_TEST_FULL 500).  Every second time a timer kills; the other times strace
# does, at a system call that changes the disk, where strace is installed and may trace.
# The seed is printed; PINHOLE_TEST_SEED repeats a run.
. "$(dirname "$0")/../lib.sh"
need vips exiftool sqlite3

kills=${PINHOLE_TEST_KILLS:-${PINHOLE_TEST_FULL:+500}}
kills=${kills:-20}
RANDOM=${PINHOLE_TEST_SEED:-$$}
seed=${PINHOLE_TEST_SEED:-$$}
printf '# %s kills, seed %s\n' "$kills" "$seed"
reference=$work/reference
export PINHOLE_STORE=$reference

mkdir -p photos/sub
vips gaussnoise noise.v 400 300 --mean 128 --sigma 40
for i in $(seq 1 24); do
	vips linear noise.v shade.v 1 $((i * 4)) --uchar
	vips jpegsave shade.v "photos/$i.jpg"
done
exiftool -q -overwrite_original '-DateTimeOriginal=2024:05:06 07:08:09' photos
cp photos/1.jpg photos/sub/same.jpg
for i in 2 3; do
	printf 'more' | cat "photos/$i.jpg" - >"photos/$i-edited.jpg"
	printf '<x:xmpmeta xmlns:x="adobe:ns:meta/"><!-- %s --></x:xmpmeta>' "$i" >"photos/$i.jpg.xmp"
done
head -c 9000 photos/5.jpg >photos/short.jpg

# What must be the same after a disturbed and an undisturbed run.
state() {
	sqlite3 "$PINHOLE_STORE/pinhole.db" \
		"SELECT lower(hex(p.photo)), p.role, lower(hex(p.id)) FROM view_part AS p ORDER BY 1, 2, 3;
		SELECT kind, count(*) FROM event GROUP BY kind ORDER BY kind;
		SELECT hex(object), name, state FROM variant ORDER BY 1, 2;
		SELECT count(*) FROM source; SELECT count(*) FROM fact;"
}

pinhole init --name Ada -q
pinhole album create beach -q >/dev/null
cp -a "$reference" empty
started=$(date +%s%N)
fails 3 "an undisturbed run" pinhole ingest photos --album beach --jobs 2 -q
lasts=$((($(date +%s%N) - started) / 1000000))
is "$(pinhole album show beach --json | json .photos)" 25 "has 25 photos"
state >wanted

can_strace=
if command -v strace >/dev/null && strace -qq -o /dev/null true 2>/dev/null; then
	can_strace=1
fi
calls=(renameat write pwrite64 fdatasync syncfs unlinkat mkdirat ftruncate fchmod)

by_timer() {
	"$PINHOLE" ingest photos --album beach --jobs 2 -q 2>/dev/null >&2 &
	local pid=$! ms=$((RANDOM % (lasts + lasts / 5 + 1)))
	sleep "$(printf '%d.%03d' $((ms / 1000)) $((ms % 1000)))"
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
	what="after $ms ms"
}

by_call() {
	local call=${calls[RANDOM % ${#calls[@]}]} when=$((RANDOM % 60 + 1))
	ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0 strace -qq -o /dev/null -e trace="$call" \
		-e inject="$call:signal=SIGKILL:when=$when" \
		"$PINHOLE" ingest photos --album beach --jobs 2 -q 2>/dev/null >&2
	what="at $call number $when"
}

unsound=0 unfinished=0 different=0 left=0 odd=0
export PINHOLE_STORE=$work/store
for n in $(seq 1 "$kills"); do
	# One to three kills before a run may complete.
	if [ ! -d store ]; then
		cp -a empty store
		history='' more=$((RANDOM % 3))
	fi
	if [ -n "$can_strace" ] && [ $((n % 2)) -eq 0 ]; then
		by_call 2>/dev/null
	else
		by_timer 2>/dev/null
	fi
	history="$history; $what"
	run pinhole fsck --objects --json
	if [ "$rc" -ne 0 ]; then
		unsound=$((unsound + 1))
		tap_fail "sound$history" "$out$err"
	fi
	if [ "$more" -gt 0 ] && [ "$n" -lt "$kills" ]; then
		more=$((more - 1))
		continue
	fi
	run pinhole ingest photos --album beach --jobs 2 -q
	if [ "$rc" -ne 0 ] && [ "$rc" -ne 3 ]; then
		unfinished=$((unfinished + 1))
		tap_fail "completed$history" "$out$err"
	fi
	state >got
	if ! cmp -s wanted got; then
		different=$((different + 1))
		tap_fail "the same$history" "$(diff wanted got)"
	fi
	[ -z "$(find store/objects/tmp store/cache -path '*tmp*' -type f)" ] || left=$((left + 1))
	run pinhole fsck --objects --json
	[ "$rc" -eq 0 ] || unsound=$((unsound + 1))
	[ "$(tail -n 1 <<<"$out" | json .unclaimed)" -eq 0 ] || odd=$((odd + 1))
	named=$(sqlite3 store/pinhole.db "SELECT count(*) FROM (SELECT id FROM view_part UNION SELECT facts FROM view_part WHERE facts IS NOT NULL)")
	[ "$(find store/objects -type f | wc -l)" -eq "$named" ] || odd=$((odd + 1))
	chmod -R u+w store
	rm -rf store
done
is "$unsound" 0 "after $kills kills the store was sound each time"
is "$unfinished" 0 "the next run completed it"
is "$different" 0 "to the same photos, events and images as the undisturbed run"
is "$left" 0 "no temporary file was left"
is "$odd" 0 "no object was left that nobody names"
done_testing
