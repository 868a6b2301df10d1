#!/bin/bash
# facts-page.t - pinhole-facts(5) and the sources that write facts objects tell of the same keys.
. "$(dirname "$0")/../lib.sh"
cd "$top" || exit 1

written() {
	grep -ohE 'put_(text|int)\(object, "[a-z0-9_]+"|json_object_set(_new)?\(object, "[a-z0-9_]+"' \
		cmd/helpers/media_facts.c
	grep -ohE '\] = \{"[a-z0-9_]+", ' cmd/helpers/media_facts.c
	grep -ohE 'wire_set_[a-z]+\(&?facts, "[a-z0-9_]+"' lib/store/facts.c
}
told() {
	sed -n 's/^\.It Cm //p' man/pinhole-facts.5.mdoc | tr -d ',' | tr -s ' ' '\n'
}
written | grep -o '"[a-z0-9_]*"' | tr -d '"' | sort -u >"$work/written"
told | sort -u >"$work/told"
ok "there are keys" test "$(wc -l <"$work/written")" -ge 35
is "$(comm -23 "$work/written" "$work/told")" "" "every key that is written is in the page"
is "$(comm -13 "$work/written" "$work/told")" "" "and no other"
is "$(told | sort | uniq -d)" "" "each once"

# Where a time comes from: the page names each source.
sources=$(grep -oE '= "(exif|xmp|iptc|quicktime|raw):[A-Za-z]+"' cmd/helpers/media_facts.c | tr -d '= "')
ok "there are sources of times" test "$(wc -l <<<"$sources")" -ge 11
for name in $sources; do
	ok "$name is in the page" grep -q "^\.Ql $name" man/pinhole-facts.5.mdoc
done
done_testing
