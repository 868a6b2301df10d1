# photos.sh - what the tests of photos share; source it after lib.sh.
#
# A store with the album "beach" of the owner Ada, and in it bob (a member) and vera (a viewer); mallory is in none
# of her albums.  Their tokens are in $ada, $bob, $vera, $mallory, the album's path in $beach.  Photos are made by
# pictures.sh: one.jpg has a position, a serial number, a name; plain.jpg has nothing.

# What is set here is used by the tests.
# shellcheck disable=SC2034
# shellcheck source=tests/pictures.sh
. "$top/tests/pictures.sh"

# photo_of FILE: its id
photo_of() {
	sha256sum "$1" | cut -d ' ' -f 1
}

# serve_photos [CONFIG-KEY=VALUE...]: all of that, and a running server
serve_photos() {
	local setting name
	pinhole init --name Ada -q
	pinhole album create beach --title Beach >/dev/null
	make_photo one.jpg
	make_plain plain.jpg
	pinhole ingest -q --album beach one.jpg plain.jpg
	one=$(photo_of one.jpg) plain=$(photo_of plain.jpg)
	for setting in "$@"; do
		pinhole config set "${setting%%=*}" "${setting#*=}"
	done
	for name in bob vera mallory; do
		add_user "$name"
	done
	start_server
	for name in bob vera mallory; do
		login "$name"
		printf -v "$name" '%s' "$token"
	done
	ada=$(pinhole token create test --scope read,write --json | json .token)
	beach=/v1/albums/$(pinhole album show beach --json | json .id)
	token=$ada
	api POST "$beach/participants" "{\"name\":\"Bob\",\"user\":\"$bob_id\",\"role\":\"member\"}"
	api POST "$beach/participants" "{\"name\":\"Vera\",\"user\":\"$vera_id\",\"role\":\"viewer\"}"
}

# as_user NAME: asks as ada, bob, vera or mallory from now on
as_user() {
	token=${!1}
}
