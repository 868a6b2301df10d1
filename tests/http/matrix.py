#!/usr/bin/python3
"""Asks every operation of the API as every kind of caller about every kind of id, and holds each answer against
the table.

	matrix.py PROGRAM STORE OPENAPI.json TABLE FIXTURES.json URL

tests/http/matrix.t makes the store and the fixtures: {"tokens": {caller: token}, "own": {parameter: value}, "other":
{parameter: value}}.  `own` are ids of the album that the callers are in, or are not any more; `other` are ids of
the same kinds that belong to the stranger alone; ids that do not exist and that are none are made here.  Both may
hold more names, for the bodies of the table.  URL is a server of that store, for answers without an end.

Requests run without a socket (pinhole http-request).  Those that the table lets through and that change something
run one by one, each in a copy of the store (all together in one, if they may be repeated); all others run in one process, after which the store must
be as it was.  An operation without a row, a row without an operation, and a 404 that tells whether the id exists fail.
"""
import base64
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import uuid

MARKS = {"-": 403, "~": 403, "x": 403, ".": 404, "!": 401}
METHODS = ("get", "post", "put", "patch", "delete", "options", "head")


class Row:
    """A line of the table: what an operation answers to whom."""

    def __init__(self, line, callers):
        name, marks, status, extra = (field.strip() for field in (line + "||||").split("|")[:4])
        marks = marks.replace(" ", "")
        if len(marks) != len(callers):
            raise SystemExit(f"{name}: {len(marks)} marks for {len(callers)} callers")
        self.name, self.marks = name, dict(zip(callers, marks))
        self.status = int(status)
        self.extra = json.loads(extra) if extra else {}


def read_table(path):
    callers, rows = [], {}
    for line in open(path, encoding="utf-8"):
        line = line.rstrip("\n")
        if line.startswith("callers"):
            callers = [name for name in line.split()[1:] if name != "|"]
        elif line and not line.startswith("#"):
            row = Row(line, callers)
            if row.name in rows:
                raise SystemExit(f"{row.name} has two rows")
            rows[row.name] = row
    return callers, rows


def read_operations(path):
    """operationId -> (METHOD, path)"""
    document = json.load(open(path, encoding="utf-8"))
    return {operation["operationId"]: (method.upper(), route)
            for route, item in document["paths"].items()
            for method, operation in item.items() if method in METHODS}


class Cell:
    """One request: who asks, about which ids, and what is to be answered."""

    def __init__(self, row, method, path, caller, kind, values, expected):
        self.row, self.method, self.caller, self.kind, self.expected = row, method, caller, kind, expected
        self.path = re.sub(r"\{(\w+)\}", lambda match: values[match[1]], path)
        self.values = values
        self.status, self.body = None, b""

    def fill(self, value):
        """Replaces {name} in the row's texts by the ids of this cell."""
        if isinstance(value, dict):
            return {key: self.fill(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self.fill(one) for one in value]
        if isinstance(value, str):
            return re.sub(r"\{(\w+)\}", lambda m: self.values.get(m[1], m[0]), value)
        return value

    def request(self, token):
        extra = self.row.extra
        body = b""
        headers = dict(extra.get("headers", {}))
        if "body" in extra:
            body = json.dumps(self.fill(extra["body"])).encode()
            headers.setdefault("Content-Type", "application/json")
        elif "raw" in extra:
            body = extra["raw"].encode()
        elif "base64" in extra:
            body = base64.b64decode(extra["base64"])
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if body or self.method not in ("GET", "HEAD", "DELETE", "OPTIONS"):
            headers["Content-Length"] = str(len(body))
        lines = [f"{self.method} {self.path}{self.fill(extra.get('query', ''))} HTTP/1.1", "Host: localhost"]
        lines += [f"{name}: {self.fill(value)}" for name, value in headers.items()]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    def is_live(self):
        return bool(self.row.extra.get("live"))

    def repeats(self):
        return bool(self.row.extra.get("repeats"))

    def changes(self):
        return bool(self.row.extra.get("changes")) or (
            self.expected < 400 and self.method not in ("GET", "HEAD", "OPTIONS"))

    def is_right(self):
        # Where a right is missing, what is no id at all may be seen first: it tells nothing.
        return self.status == self.expected or (
            self.expected == 403 and self.status == 404 and self.kind.startswith("malformed"))

    def told(self):
        return f"{self.caller}, {self.kind}: {self.status}, expected {self.expected}: {self.method} {self.path}"


def absent(value):
    """An id of the same form that does not exist."""
    if re.fullmatch(r"[0-9a-f]{64}", value):
        return "0123456789abcdef" * 4
    if re.fullmatch(r"[0-9a-f-]{36}", value):
        return str(uuid.UUID("0190b0a0-0000-7000-8000-00000000dead"))
    return "99999"


def id_kinds(path, own, other):
    """(kind, values) for each way to name what the path names; the first is the right one."""
    yield "own", own
    for name in re.findall(r"\{(\w+)\}", path):
        yield f"no such {name}", {**own, name: absent(own[name])}
        yield f"malformed {name}", {**own, name: "zz%27"}
        if name in other:
            yield f"another's {name}", other if name == "album" else {**own, name: other[name]}


def expected_status(row, caller, kind, path):
    mark = row.marks[caller]
    success = row.extra.get("statuses", {}).get(caller, row.status)
    if kind == "own":
        return success if mark == "+" else MARKS[mark]
    if mark in "x!":
        return MARKS[mark]
    if row.extra.get("blind"):  # does not look at the ids at all
        return success
    if kind == "another's album" or (kind.startswith("another's") and "{album}" not in path):
        return success if caller == "stranger" else 404
    if kind.endswith(" album"):
        return 404
    # A right that the role has not is missed before the entity is looked for.
    return row.extra.get("else", {}).get(caller, 403 if mark == "-" else 404)


def cells_of(row, method, path, callers, fixtures):
    for kind, values in id_kinds(path, fixtures["own"], fixtures["other"]):
        for number, caller in enumerate(callers, 10):
            yield Cell(row, method, path, caller, kind, {**values, "caller": caller, "number": str(number)},
                       expected_status(row, caller, kind, path))


# --- asking ------------------------------------------------------------------------------------


def split_answers(data):
    """[(status, body)] of answers one behind the other."""
    answers = []
    while data:
        head, _, data = data.partition(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1][:3])
        length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.I)
        size = int(length[1]) if length else 0 if status in (204, 304) else len(data)
        answers.append((status, data[:size]))
        data = data[size:]
    return answers


def ask(program, store, cells, tokens):
    requests = b"\n###\n".join(cell.request(tokens.get(cell.caller)) for cell in cells)
    with open("requests", "wb") as file:
        file.write(requests)
    done = subprocess.run([program, "--store", store, "http-request", "requests"], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)
    answers = split_answers(done.stdout)
    if len(answers) != len(cells):
        print(f"# {len(answers)} answers to {len(cells)} requests: {done.stderr.decode(errors='replace')[-500:]}")
    for cell, (status, body) in zip(cells, answers):
        cell.status, cell.body = status, body


def ask_in_copy(program, store, cells, tokens):
    shutil.rmtree("copy", ignore_errors=True)
    shutil.copytree(store, "copy", symlinks=True)
    ask(program, "copy", cells, tokens)


def ask_live(base, cell, token):
    """The head of an answer that may have no end."""
    host, port = base.split("//")[1].split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(cell.request(token))
        head = b""
        while b"\r\n\r\n" not in head:
            some = connection.recv(4096)
            if not some:
                break
            head += some
    cell.status = int(head.split(b" ", 2)[1]) if head else None


def heads(program, store):
    done = subprocess.run([program, "--store", store, "album", "list", "--json"], stdout=subprocess.PIPE, check=True)
    return done.stdout


# --- judging -----------------------------------------------------------------------------------

count = failed = 0


def tap(good, name, *diagnosis):
    global count, failed
    count += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {count} - {name}")
    for line in diagnosis if not good else ():
        print(f"#   {line}")


def judge(name, cells):
    wrong = [cell.told() + f" {cell.body[:200].decode(errors='replace').strip()}"
             for cell in cells if not cell.is_right()]
    tap(not wrong, f"{name}: {len(cells)} cells", *wrong[:20])
    hidden = {}
    for cell in cells:
        if cell.status == 404 and not cell.kind.startswith("malformed"):
            hidden.setdefault((cell.caller, cell.kind.split(" ")[-1]), set()).add(cell.body)
    tell = [f"{caller}, {what}: {bodies}" for (caller, what), bodies in hidden.items() if len(bodies) > 1]
    tap(not tell, f"{name}: what is not there and what is another's look the same", *tell[:5])


def main():
    program, store, document, table, fixtures, base = sys.argv[1:7]
    callers, rows = read_table(table)
    operations = read_operations(document)
    fixtures = json.load(open(fixtures, encoding="utf-8"))
    tokens = fixtures["tokens"]
    tap(set(callers) - {"nobody"} == set(tokens), "the callers of the table are there")
    for name in sorted(operations.keys() - rows.keys()):
        tap(False, f"{name} has a row in the table")
    for name in sorted(rows.keys() - operations.keys()):
        tap(False, f"{name} is an operation of the API")
    cells = {name: list(cells_of(rows[name], *operations[name], callers, fixtures))
             for name in operations if name in rows}
    every = [cell for some in cells.values() for cell in some]
    before = heads(program, store)
    ask(program, store, [cell for cell in every if not cell.changes() and not cell.is_live()], tokens)
    tap(heads(program, store) == before, "what is refused changes nothing")
    ask_in_copy(program, store, [cell for cell in every if cell.changes() and cell.repeats()], tokens)
    for cell in every:
        if cell.is_live():
            ask_live(base, cell, tokens.get(cell.caller))
        elif cell.changes() and not cell.repeats():
            ask_in_copy(program, store, [cell], tokens)
    for name, some in cells.items():
        judge(name, some)
    tap(True, f"{len(every)} cells")
    print(f"1..{count}")
    sys.exit(1 if failed else 0)


os.environ.pop("PINHOLE_STORE", None)
main()
