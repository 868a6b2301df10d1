#!/bin/bash
# query-plans.t - statements reach the large tables by their indexes.
#
# Every static statement of lib/ is taken from the preprocessed sources and explained against an empty
# store.  One that walks all events, messages, photos or parts must be named here.
. "$(dirname "$0")/../lib.sh"
need python3 gcc pkg-config

# Each of these looks at everything because its answer is about everything; leave_* when an account is shown or ended,
# which is too rare to burden each message with an index of authors.
walks='backup_named backup_named_count check_named event_count export_photos leave_messages
leave_next_messages messages_by_tail restore_parts restore_removed'

pinhole init --name Ada -q
cat >plans.py <<'PYTHON'
import ast, glob, re, sqlite3, subprocess, sys

top, database, walks = sys.argv[1], sys.argv[2], set(sys.argv[3].split())
store = sqlite3.connect("file:" + database + "?mode=ro", uri=True)
flags = subprocess.check_output(["pkg-config", "--cflags", "jansson", "sqlite3"], text=True).split()
literal = r'"(?:[^"\\]|\\.)*"'
statement = re.compile(r'struct db_sql \w+ = \{\s*"(\w+)",\s*((?:%s\s*)+),?\s*\}' % literal)
large = re.compile(r'^SCAN (\S+)')
checked = 0

for path in sorted(glob.glob(top + "/lib/**/*.c", recursive=True)):
    if "struct db_sql" not in open(path).read():
        continue
    source = subprocess.run(["gcc", "-E", "-P", "-D_GNU_SOURCE", "-I" + top + "/lib"] + flags + [path],
                            capture_output=True, text=True).stdout
    for name, pieces in statement.findall(source):
        text = "".join(ast.literal_eval(s) for s in re.findall(literal, pieces))
        parameters = {p[1:]: None for p in re.findall(r":\w+", text)}
        try:
            plan = store.execute("EXPLAIN QUERY PLAN " + text, parameters).fetchall()
        except sqlite3.OperationalError:
            continue  # it is about a table that lives in memory
        checked += 1
        # A table goes by its alias in the plan.
        names = {"event", "view_message", "view_photo", "view_part"}
        names |= set(re.findall(r"\b(?:event|view_message|view_photo|view_part) (?:AS )?(\w+)", text))
        for row in plan:
            scan = large.match(row[3])
            if scan and scan.group(1) in names and name not in walks:
                print("%s in %s: %s" % (name, path[len(top) + 1:], row[3]))
print(checked, file=sys.stderr)
PYTHON
run python3 plans.py "$top" "$XDG_DATA_HOME/pinhole/pinhole.db" "$walks"
is "$out" "" "no statement walks a large table"
ok "many statements were looked at ($err)" test "$err" -gt 150
done_testing
