#!/bin/bash
# examples.t - what is in examples/ parses, and does what it says.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/pictures.sh"
need jq

mkdir bin
ln -s "$PINHOLE" bin/pinhole
ln -s "$top/examples/nightly" bin/pinhole-nightly
export PATH=$work/bin:$PATH
for script in nightly bulk-import; do
	ok "$script parses" bash -n "$top/examples/$script"
	ok "and can be run" test -x "$top/examples/$script"
done

"$PINHOLE" init -q --name Ada
"$PINHOLE" album create -q beach >/dev/null
mkdir photos
make_photo photos/one.jpg
make_plain photos/two.jpg
echo no photo >photos/notes.txt
printf 'one.jpg\tWho is \"that\"?\tAda\nthree.jpg\tnot there\ntwo.jpg\tL\xc3\xb6wen\r\n' >comments.tsv

fails 3 "bulk-import" "$top/examples/bulk-import" beach photos comments.tsv
like "$err" 'notes.txt: .*not' "names what is no photo"
is "$("$PINHOLE" list beach --json | wc -l)" 2 "the photos are in the album"
is "$("$PINHOLE" messages beach --json | jq -r .text | sort)" 'Löwen
Who is "that"?	Ada' "with what was said about them"
one=$(sha256sum <photos/one.jpg | cut -d' ' -f1)
is "$("$PINHOLE" messages beach --photo "$one" --json | jq -r .text)" 'Who is "that"?	Ada' "each about its photo"
fails 3 "again" "$top/examples/bulk-import" beach photos comments.tsv
is "$("$PINHOLE" messages beach --json | wc -l)" 2 "says nothing twice"
rm photos/notes.txt
succeeds "without comments" "$top/examples/bulk-import" beach photos
fails 5 "an album that is not there" "$top/examples/bulk-import" nowhere photos

succeeds "nightly" nice pinhole-nightly backups
is "$out$err" "" "is quiet"
is "$(ls backups | wc -l)" 1 "leaves a backup"
succeeds "a second time in a night" "$PINHOLE" nightly backups
is "$out$err" "" "is quiet too"
for day in 01 02 03 04 05 06 07 08; do
	touch "backups/pinhole-2020-01-$day.tar.zst"
done
touch backups/mine.tar.zst backups/pinhole-2020-01-01.tar.zst.txt
succeeds "old backups" pinhole-nightly backups
is "$(ls backups | wc -l)" 9 "go, but 7"
ok "the oldest first" test ! -e backups/pinhole-2020-01-02.tar.zst
ok "other files stay" test -e backups/mine.tar.zst -a -e backups/pinhole-2020-01-01.tar.zst.txt

object=$(find "$XDG_DATA_HOME/pinhole/objects" -type f | sort | head -n 1)
chmod 644 "$object"
mv "$object" "$object.away"
run env KEEP=1 pinhole-nightly backups2
is "$rc" 7 "a store with damage"
isnt "$err" "" "is told"
touch backups/pinhole-2020-02-01.tar.zst
run pinhole-nightly backups
ok "and no older backup goes" test -e backups/pinhole-2020-02-01.tar.zst

# What cron runs: five fields of time, then a line that sh can read, once cron took its backslashes.
lines=0
while read -r line; do
	lines=$((lines + 1))
	read -r minute hour day month weekday command <<<"$line"
	like "$minute $hour $day $month $weekday" '^[0-9]+ [0-9]+ \* \* \*$' "line $lines of crontab has its times"
	ok "and its command parses" sh -n -c "${command//\\%/%}"
done < <(sed -n 's/^#\?\([0-9]\)/\1/p' "$top/examples/crontab")
is "$lines" 3 "of three"

if command -v systemd-analyze >/dev/null; then
	mkdir -p home/.local/bin units
	cp "$top/examples/nightly" home/.local/bin/pinhole-nightly
	for unit in service timer; do
		sed "s|%h|$work/home|g" "$top/examples/pinhole-nightly.$unit" >"units/pinhole-nightly.$unit"
		run systemd-analyze verify --man=no "units/pinhole-nightly.$unit"
		is "$rc $(grep "pinhole-nightly" <<<"$err")" "0 " "systemd understands the $unit"
	done
	succeeds "and its calendar" systemd-analyze calendar \
		"$(sed -n 's/^OnCalendar=//p' "$top/examples/pinhole-nightly.timer")"
else
	skip 3 "systemd-analyze is not installed"
fi
done_testing
