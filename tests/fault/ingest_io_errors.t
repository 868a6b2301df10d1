#!/bin/bash
# ingest_io_errors.t - system calls fail while pinhole ingests: no crash, a sound store, and a retry completes it.
#
# strace makes the Nth call fail.  PINHOLE_TEST_FAULTS says how often (16, with PINHOLE_TEST_FULL 400);
# the seed is printed, PINHOLE_TEST_SEED repeats a run.
. "$(dirname "$0")/../lib.sh"
need vips sqlite3 strace
strace -qq -o /dev/null true 2>/dev/null || skip_all "strace may not trace here"

faults=${PINHOLE_TEST_FAULTS:-${PINHOLE_TEST_FULL:+400}}
faults=${faults:-16}
RANDOM=${PINHOLE_TEST_SEED:-$$}
printf '# %s faults, seed %s\n' "$faults" "${PINHOLE_TEST_SEED:-$$}"

mkdir photos
vips gaussnoise noise.v 400 300 --mean 128 --sigma 40
for i in $(seq 1 12); do
	vips linear noise.v shade.v 1 $((i * 8)) --uchar
	vips jpegsave shade.v "photos/$i.jpg"
done
# One that is copied by the kernel and hashed on another thread.
vips gaussnoise large.v 1500 1000 --mean 128 --sigma 60
vips jpegsave large.v photos/4a.jpg --Q 95
printf '<x:xmpmeta xmlns:x="adobe:ns:meta/"/>' >photos/3.jpg.xmp

state() {
	sqlite3 "$PINHOLE_STORE/pinhole.db" \
		"SELECT lower(hex(p.photo)), p.role, lower(hex(p.id)) FROM view_part AS p ORDER BY 1, 2, 3;
		SELECT kind, count(*) FROM event GROUP BY kind ORDER BY kind;"
}

export PINHOLE_STORE=$work/reference
pinhole init --name Ada -q
pinhole album create beach -q >/dev/null
cp -a reference empty
succeeds "an undisturbed run" pinhole ingest photos --album beach -q
state >wanted

calls=(renameat write pwrite64 fdatasync fsync syncfs mkdirat openat unlinkat flock pread64 read fstat
	newfstatat ftruncate fcntl socketpair sendmsg recvmsg ppoll poll memfd_create fchmod close
	copy_file_range)
errors=(EIO ENOSPC ENOMEM EACCES EMFILE)
crashed=0 unsound=0 lost=0 unfinished=0 failed=0
export PINHOLE_STORE=$work/store
for _ in $(seq 1 "$faults"); do
	cp -a empty store
	call=${calls[RANDOM % ${#calls[@]}]} error=${errors[RANDOM % ${#errors[@]}]} when=$((RANDOM % 40 + 1))
	# A short count makes one call fail, "+" all from then on.
	[ $((RANDOM % 4)) -ne 0 ] || when=$when+
	what="$call, $error at number $when"
	ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0 run timeout -k 1 60 strace -qq -o /dev/null -e trace="$call" \
		-e inject="$call:error=$error:when=$when" "$PINHOLE" ingest photos --album beach --jobs 2 --json
	if [ "$rc" -ge 124 ] && [ "$rc" -ne 127 ] && [ "$rc" -ne 126 ] && [ "$rc" -ne 130 ]; then
		crashed=$((crashed + 1))
		tap_fail "no crash: $what" "code $rc" "$err"
	fi
	[ "$rc" -eq 0 ] || failed=$((failed + 1))
	json 'select(.path and .status == "added") | .photo' <.out 2>/dev/null | sort -u >acknowledged
	run pinhole fsck --objects
	if [ "$rc" -ne 0 ]; then
		unsound=$((unsound + 1))
		tap_fail "sound: $what" "$out$err"
	fi
	pinhole list beach --json | json .photo | sort >there
	if [ -n "$(comm -23 acknowledged there)" ]; then
		lost=$((lost + 1))
		tap_fail "nothing is lost: $what" "$(comm -23 acknowledged there)"
	fi
	run pinhole ingest photos --album beach -q
	state >got
	if [ "$rc" -ne 0 ] || ! cmp -s wanted got; then
		unfinished=$((unfinished + 1))
		tap_fail "completed: $what" "$err" "$(diff wanted got)"
	fi
	chmod -R u+w store
	rm -rf store
done
is "$crashed" 0 "$faults faults ($failed made the run fail): no crash, no hang"
is "$unsound" 0 "the store was sound"
is "$lost" 0 "no photo that was acknowledged was lost"
is "$unfinished" 0 "the next run completed it"
done_testing
