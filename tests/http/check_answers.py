#!/usr/bin/python3
"""Holds answers of a server against the document of its API.

	check_answers.py OPENAPI.json RECORDS

RECORDS has a line of JSON for each exchange: {"method", "path", "status", "type", "answer", "request"}, where the
last two name files with the bodies, or are ""; the answer's header is in ANSWER.head.  Each answer must be a documented one of its operation, of a
documented type and, if it is JSON, valid by its schema; the body of each request that was taken must be
valid, too.  And each documented answer must have been seen.
"""
import json
import re
import sys

import jsonschema

METHODS = ("get", "post", "put", "patch", "delete", "options", "head")
count = failed = 0


def tap(good, name, *diagnosis):
    global count, failed
    count += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {count} - {name}")
    for line in diagnosis if not good else ():
        print(f"#   {line}")


class Operation:
    def __init__(self, path, method, described):
        self.name, self.method, self.described = described["operationId"], method, described
        pattern = re.sub(r"\\\{\w+\\\}", "([^/]+)", re.escape(path))
        self.pattern = re.compile(pattern + r"(\?.*)?")
        self.variables = path.count("{")


class Contract:
    def __init__(self, path):
        self.document = json.load(open(path, encoding="utf-8"))
        self.operations = [Operation(route, method, operation)
                           for route, item in self.document["paths"].items()
                           for method, operation in item.items() if method in METHODS]
        self.operations.sort(key=lambda operation: operation.variables)
        self.seen = set()

    def follow(self, value):
        while "$ref" in value:
            found = self.document
            for part in value["$ref"][2:].split("/"):
                found = found[part]
            value = found
        return value

    def find(self, method, path):
        method = "get" if method == "HEAD" else method.lower()
        return next((operation for operation in self.operations
                     if operation.method == method and operation.pattern.fullmatch(path)), None)

    def validate(self, schema, value):
        # References within a schema start at the document.
        whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", "components": self.document["components"],
                 **schema}
        errors = jsonschema.Draft202012Validator(whole).iter_errors(value)
        return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}" for error in errors]

    def check_answer(self, operation, record):
        status = str(record["status"])
        key = status if status in operation.described["responses"] else "default"
        answer = self.follow(operation.described["responses"][key])
        self.seen.add((operation.name, key))
        if key == "default" and int(status) < 400:
            return [f"{status} is not documented"]
        body = open(record["answer"], "rb").read()
        if not answer.get("content"):
            return ["there is a body"] if body else []
        media = record["type"].split(";")[0]
        content = answer["content"].get(media, answer["content"].get("*/*"))
        if record["method"] == "HEAD":
            return ["there is a body"] if body else []
        if content is None:
            return [f"{media!r} is not documented"]
        if "schema" in content and "json" in media:
            return self.validate(content["schema"], json.loads(body))
        return []

    @staticmethod
    def check_head(operation, record):
        """What holds for all: no shared cache keeps what needed a token, no page of another site reads it, and
        browsers take it for what it says."""
        lines = open(record["answer"] + ".head", encoding="latin-1").read().lower().splitlines()
        head = dict(line.split(": ", 1) for line in lines if ": " in line)
        caching = head.get("cache-control", "")
        faults = [f"{name} is sent" for name in head if name.startswith("access-control-")]
        if operation.described["security"] and ("public" in caching or "s-maxage" in caching):
            faults.append(f"it may be kept by a shared cache: {caching}")
        if "content-type" in head and head.get("x-content-type-options") != "nosniff":
            faults.append("browsers may guess another type")
        if head.get("content-type", "").startswith("text/html") and "content-security-policy" not in head:
            faults.append("a page without a policy")
        return faults

    def check_request(self, operation, record):
        described = self.follow(operation.described.get("requestBody", {}))
        if int(record["status"]) >= 400 or not record["request"]:
            return []
        schema = described.get("content", {}).get("application/json", {}).get("schema")
        try:
            value = json.load(open(record["request"], encoding="utf-8"))
        except ValueError:
            return []
        if schema is None:
            return ["the body is not documented"]
        return [f"the request's {fault}" for fault in self.validate(schema, value)]


def main():
    contract = Contract(sys.argv[1])
    for line in open(sys.argv[2], encoding="utf-8"):
        record = json.loads(line)
        told = f"{record['method']} {record['path'][:80]}: {record['status']}"
        operation = contract.find(record["method"], record["path"])
        if operation is None:
            tap(False, f"{told} is documented")
            continue
        faults = contract.check_answer(operation, record) + contract.check_request(operation, record)
        faults += contract.check_head(operation, record)
        tap(not faults, f"{operation.name}, {told}", *faults[:5])
    for operation in contract.operations:
        missing = [status for status in operation.described["responses"]
                   if (operation.name, status) not in contract.seen]
        tap(not missing, f"every documented answer of {operation.name} was seen", " ".join(missing))
    print(f"1..{count}")
    sys.exit(1 if failed else 0)


main()
