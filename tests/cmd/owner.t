#!/bin/bash
# owner.t - a store of another user is refused, with the way to use it.
. "$(dirname "$0")/../lib.sh"
need setpriv
[ "$(id -u)" -eq 0 ] || skip_all "only root can become another user"

pinhole init --name Ada -q
store=$XDG_DATA_HOME/pinhole
install -m 755 "$PINHOLE" "$work/program"
chmod 755 "$work" "$HOME" "$XDG_DATA_HOME"
mkdir -p "$work/empty"

# stranger ARG...: pinhole as somebody else
stranger() {
	HOME=$work/empty XDG_CONFIG_HOME=$work/empty setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$work/program" --store "$store" "$@"
}

fails 4 "a closed directory of somebody else" stranger album list
like "$err" "belongs to another user \(uid 0\)" "tells whose store it is"
like "$err" "sudo -u '#0' pinhole" "and how to become them"
chmod 755 "$store"
chmod 644 "$store"/pinhole.db*
fails 4 "an open directory of somebody else, for reading" stranger album list
like "$err" "sudo -u '#0' pinhole" "is answered alike"
fails 4 "for writing" stranger album create theirs
chmod 700 "$work/empty"
fails 10 "no store at all" pinhole --store "$work/empty" album list
done_testing
