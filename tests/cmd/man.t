#!/bin/bash
# man.t - the manual says what the tables say, and every command has a page and a test.
. "$(dirname "$0")/../lib.sh"

pages=$(dirname "$PINHOLE")/build/man
[ -d "$pages" ] || pages=$(dirname "$PINHOLE")/man
ok "the pages are built" test -e "$pages/pinhole.1"

cd "$top" || exit 1
succeeds "manual, tests and tables agree" scripts/man-check "$PINHOLE" "$pages"
is "$out" "" "man-check finds nothing"

# man-check must be able to find something.
mkdir -p "$work/tree/scripts" "$work/tree/tests"
cp -r man "$work/tree/"
cp -r tests/cmd "$work/tree/tests/"
cp scripts/man-check "$work/tree/scripts/"
cp -r "$pages" "$work/tree/pages"
cd "$work/tree" || exit 1
rm tests/cmd/version.t
echo '.Fl -wonder' >>man/pinhole-help.1.mdoc
mv man/pinhole-version.1.mdoc man/pinhole-vision.1.mdoc
sed -i '/Fl -show-origin/d' pages/pinhole-config.1
fails 1 "a broken tree fails" scripts/man-check "$PINHOLE" pages
like "$out" 'tests/cmd/version.t is missing' "a missing test"
like "$out" 'pinhole-help.1.mdoc mentions --wonder' "an option that does not exist"
like "$out" 'pinhole-version.1.mdoc is missing' "a missing page"
like "$out" 'pinhole-vision.1.mdoc belongs to no command' "a page too many"
like "$out" 'pinhole-config.1 lacks --show-origin' "an option that a page lacks"

fails 5 "a page for no command" bash -c 'echo .Sh DESCRIPTION | "$PINHOLE" --man pinhole-vision.1'
fails 1 "prose without a description" bash -c 'echo .Sh X | "$PINHOLE" --man pinhole-version.1'
done_testing
