#!/bin/bash
# install.t - make install: what is installed runs by itself, finds its helpers, and goes away again.
. "$(dirname "$0")/../lib.sh"
. "$top/tests/pictures.sh"
need make

build=$(dirname "$PINHOLE")
[ "$build" = "$top" ] && build=$top/build
build=$(realpath --relative-to="$top" "$build")
root=$work/root

# The build that is tested is the one to install; it is there already.
target() {
	case $build in
	*/san) make -s -C "$top" "$1" SAN=1 OPT=-O1 "DESTDIR=$root" PREFIX=/usr ;;
	*) make -s -C "$top" "$1" "BUILD=$build" "DESTDIR=$root" PREFIX=/usr ;;
	esac
}

installed() {
	"$root/usr/bin/pinhole" "$@"
}

succeeds "make install" target install
is "$(cd "$root" && find . -type f ! -path './usr/share/man/*' | sort)" "./usr/bin/pinhole
./usr/libexec/pinhole/phone.so
./usr/libexec/pinhole/pinhole-media
./usr/libexec/pinhole/pinhole-server
./usr/share/bash-completion/completions/pinhole
./usr/share/fish/vendor_completions.d/pinhole.fish
./usr/share/zsh/site-functions/_pinhole" "leaves these files"
is "$(cd "$root/usr/share/man" && find . -type f | sed 's|.*/||' | sort)" \
	"$(cd "$top/man" && ls -- *.mdoc | sed 's/\.mdoc$//' | sort)" "and every page of the manual"
is "$(find "$root" -type f -perm /022)" "" "which others cannot write"
is "$(find "$root" -type f -path '*/man[1-8]/*' | sed 's|.*/man\([1-8]\)/.*\.|\1 |' | awk '$1 != $2')" "" \
	"each in its section"

succeeds "the installed pinhole makes a store" installed init --name Ada --region FR
succeeds "and an album" installed album create beach

# A wrapper in the decoder's place shows that it is this one that is asked.
mv "$root/usr/libexec/pinhole/pinhole-media" "$root/usr/libexec/pinhole/real"
printf '#!/bin/sh\ntouch "%s/asked"\nexec "%s/real" "$@"\n' "$work" "$root/usr/libexec/pinhole" \
	>"$root/usr/libexec/pinhole/pinhole-media"
chmod 755 "$root/usr/libexec/pinhole/pinhole-media"
make_photo one.jpg
succeeds "it renders a photo" installed ingest one.jpg --album beach
ok "with the decoder in libexec" test -e asked
mv "$root/usr/libexec/pinhole/real" "$root/usr/libexec/pinhole/pinhole-media"

succeeds "it judges a telephone number" env LD_DEBUG=files "$root/usr/bin/pinhole" \
	contact add "Grace Hopper" --phone "06 12 34 56 78"
like "$err" "$root/usr/(bin/../)?libexec/pinhole/phone.so" "with the library in libexec"
like "$(installed contact list --json)" '\+33612345678' "rightly"

mkdir bin
printf '#!/bin/sh\necho "man $*"\n' >bin/man
chmod 755 bin/man
for page in version help; do
	run env PATH="$work/bin:$PATH" "$root/usr/bin/pinhole" help "$page"
	shown=$(realpath "${out#man -l }")
	is "$shown" "$(realpath "$root")/usr/share/man/man1/pinhole-$page.1" "help $page shows the installed page"
done

# shellcheck disable=SC2016 # for the inner shell
is "$(bash --norc -c '. "$1"; complete -p pinhole' bash \
	"$root/usr/share/bash-completion/completions/pinhole" | sed 's/.* //')" pinhole "bash completes it"

mkdir -p "$root/usr/share/man/man1"
echo other >"$root/usr/share/man/man1/other.1"
succeeds "make uninstall" target uninstall
is "$(cd "$root" && find . -type f)" ./usr/share/man/man1/other.1 "takes away what it brought, and no more"
ok "its own folder too" test ! -e "$root/usr/libexec/pinhole"
succeeds "a second time" target uninstall
done_testing
