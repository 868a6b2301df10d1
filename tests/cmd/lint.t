#!/bin/bash
# lint.t - the source keeps the rules of the house, and lint sees it when it does not.
. "$(dirname "$0")/../lib.sh"
need perl

cd "$top" || exit 1
if run scripts/lint; then
	tap_pass "the source keeps the rules"
else
	tap_fail "the source keeps the rules" "$out" "$err"
fi

mkdir -p "$work/tree/lib/opt" "$work/tree/lib/base" "$work/tree/cmd" "$work/tree/scripts"
cp scripts/lint "$work/tree/scripts/"
cp .clang-format "$work/tree/"
cd "$work/tree" || exit 1
git init -q . 2>/dev/null

# finds NAME REGEX: lint fails and prints it
finds() {
	fails 1 "$1" scripts/lint
	like "$out" "$2" "... and names it"
}

printf '/* a.c - fine. */\nint a(void);\nint a(void)\n{\n\treturn 1;\n}\n' >lib/opt/a.c
succeeds "a sound file" scripts/lint

printf '/* b.c - reaches up. */\n#include "store/store.h"\n' >lib/opt/b.c
finds "a room that reaches up" 'layers lib/opt/b.c: room opt may not include "store/store.h"'
printf '/* b.c - knows SQLite. */\n#include <sqlite3.h>\n' >lib/opt/b.c
finds "a library in the wrong room" 'third-party lib/opt/b.c: <sqlite3.h> belongs to lib/db'
printf 'int b;\n' >lib/opt/b.c
finds "a file without an opening" 'opening lib/opt/b.c'
printf '/* b.c - one. */\n/* TO%s: more */\n' DO >lib/opt/b.c
finds "work left open" 'marks lib/opt/b.c:2'
printf '/* b.c - prints. */\nvoid b(void)\n{\n\tprintf("x");\n}\n' >lib/opt/b.c
finds "a library that prints" 'banned lib/opt/b.c:4: printf'
printf '/* b.c - copies. */\nvoid b(void)\n{\n\tstrcpy(x, y);\n}\n' >cmd/b.c
finds "an unbounded copy" 'banned cmd/b.c:4: strcpy'
rm cmd/b.c
printf '/* b.c - says printf( in a comment. */\nvoid b(void)\n{\n\tlog("printf(");\n}\n' >lib/opt/b.c
succeeds "words in comments and texts are no calls" scripts/lint

{
	printf '/* b.c - long. */\nint b(void)\n{\n'
	for _ in $(seq 61); do printf '\tx++;\n'; done
	printf '}\n'
} >lib/opt/b.c
finds "a long function" 'function-size lib/opt/b.c:b: 61 lines'
{
	printf '/* b.c - forks. */\nint b(void)\n{\n'
	for _ in $(seq 15); do printf '\tif (x)\n\t\tx++;\n'; done
	printf '}\n'
} >lib/opt/b.c
finds "a function of many ways" 'complexity lib/opt/b.c:b: 16 ways'
{
	printf '/* b.c - has a table. */\nint b(void)\n{\n\tstatic const int t[] = {\n'
	for _ in $(seq 70); do printf '\t\t1,\n'; done
	printf '\t};\n\n\treturn t[0];\n}\n'
} >lib/opt/b.c
clang-format -i lib/opt/b.c 2>/dev/null
succeeds "tables do not count" scripts/lint
{
	printf '/* b.c - long. */\n'
	for _ in $(seq 801); do printf 'extern int x;\n'; done
} >lib/opt/b.c
finds "a long file" 'file-size lib/opt/b.c: 801 lines'

echo 'file-size lib/opt/b.c' >scripts/style-exceptions
succeeds "an exception" scripts/lint
rm lib/opt/b.c
finds "an exception that nobody needs" 'exceptions file-size lib/opt/b.c: no longer needed'
done_testing
