#!/bin/bash
# ingest-sidecars.t - XMP files that come in odd company: of a removed photo, by the thousand, all alike.
. "$(dirname "$0")/../lib.sh"
need vips python3

counts() { # the last line of $out: added, duplicate, refused, failed
	tail -n 1 <<<"$out" | json -c '[.added,.duplicate,.refused,.failed]'
}

sidecar() { # NUMBER
	printf '<x:xmpmeta xmlns:x="adobe:ns:meta/"/><!-- %s -->' "$1"
}

pinhole init --name Ada -q
pinhole album create beach -q >/dev/null
mkdir in
vips black in/a.png 32 24 --bands 3
pinhole ingest in --album beach -q
pinhole remove "beach:$(sha256sum <in/a.png | cut -c 1-12)" -q
sidecar a >in/a.xmp
vips black in/b.png 33 24 --bands 3
fails 3 "a sidecar of a removed photo" pinhole ingest in --album beach --json
is "$(counts)" '[1,1,1,0]' "is refused alone"
is "$(json 'select(.path == "in/a.xmp") | .reason' <<<"$out")" "this photo was removed" "with the reason"

mkdir many
for i in $(seq 300); do
	{ cat in/b.png; echo "$i"; } >"many/IMG_$i.png"
	sidecar "$i" >"many/img_$i.PNG.xmp"
	sidecar "again $i" >"many/IMG_$i.xmp"
done
succeeds "two sidecars each for 300 photos" pinhole ingest many --album beach --json
is "$(counts)" '[900,0,0,0]' "all find theirs, whatever their case"
id=$(sha256sum <many/IMG_7.png | cut -c 1-12)
is "$(pinhole show "beach:$id" --json | json '[.parts[] | select(.role == "sidecar")] | length')" 2 \
	"and only theirs"

python3 - in/b.png <<'PYTHON'
import io, sys, tarfile
with tarfile.open("alike.tar", "w") as tar:
    def add(name, data):
        info = tarfile.TarInfo(name)
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
    for i in range(1100):
        add("x/p.xmp", b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/><!-- twin %d -->' % i)
    add("x/p.png", open(sys.argv[1], "rb").read() + b"twins")
    add("x/q.png", open(sys.argv[1], "rb").read() + b"after")
PYTHON
fails 3 "an archive with more sidecars for a photo than anybody writes" \
	pinhole ingest alike.tar --album beach --json
is "$(json 'select(.role == "original") | .status' <<<"$out" | sort | uniq -c | xargs)" '2 added' \
	"has its photos taken"
is "$(counts)" '[1002,0,100,0]' "and what is too much refused"
succeeds "the store is sound" pinhole fsck --objects
done_testing
