#!/usr/bin/python3
"""Sends each operation of the API bodies and queries whose fields have the wrong types, sizes and signs.

	hostile_types.py URL TOKEN IDS.json OPENAPI.json

Every body is what the document asks for, but for one field; every query has one strange parameter.  No answer is a
500, and each that refuses is a problem as documented.  Prints a test for each operation.
"""
import http.client
import json
import re
import sys
import urllib.parse

METHODS = ("get", "post", "put", "patch", "delete")
VALUES = [
    None, True, False, 0, -1, 1, 1.5, -0.0, 1e300, 2**31, 2**53, 2**63 - 1, -2**63, 2**63, 10**40, "", " ", "a", "0",
    "null", "-1", "a" * 300, "\u00e9" * 40000, "a" * 70000, [], [None], [[]], [0], [""], ["a"] * 2000, {}, {"a": None},
    {"a": {"a": {"a": []}}}, [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]],
]
QUERIES = [
    "", "0", "-1", "1", "a", "true", "null", "1.5", "1e3", "+1", " 1", "1 ", "0x1", "9" * 30, "-9223372036854775809",
    "\u0661", "a" * 3000, "../..", "[]", "{}", "0190b0a0-0000-7000-8000-00000000dead", "0" * 64, "f" * 80,
]


class Contract:
    def __init__(self, path):
        self.document = json.load(open(path, encoding="utf-8"))

    def follow(self, value):
        while isinstance(value, dict) and "$ref" in value:
            found = self.document
            for part in value["$ref"][2:].split("/"):
                found = found[part]
            value = found
        return value

    def operations(self):
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                if method in METHODS:
                    shared = [self.follow(one) for one in item.get("parameters", [])]
                    own = [self.follow(one) for one in operation.get("parameters", [])]
                    yield method.upper(), path, operation, shared + own

    def example(self, schema, name, ids):
        """Something that the schema allows."""
        schema = self.follow(schema)
        if "enum" in schema or "const" in schema:
            return schema.get("const", schema.get("enum", [None])[0])
        for choice in ("oneOf", "anyOf"):
            if choice in schema:
                return self.example(schema[choice][0], name, ids)
        kind = schema.get("type", "string")
        kind = kind[0] if isinstance(kind, list) else kind
        if kind == "object":
            return {key: self.example(value, key, ids) for key, value in schema.get("properties", {}).items()}
        if kind == "array":
            return [self.example(schema.get("items", {}), name, ids)]
        if kind == "string":
            return ids.get(name, ids["album"] if "a-f" in schema.get("pattern", "") else "a long enough text")
        return {"integer": 1, "number": 1, "boolean": True, "null": None}[kind]


class Client:
    def __init__(self, base, token):
        self.host, self.token = base.split("//")[1], token

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection(self.host, timeout=60)
        headers = {"Authorization": f"Bearer {self.token}"}
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        connection.request(method, path, data, headers)
        answer = connection.getresponse()
        if answer.getheader("Content-Type", "").startswith("text/event-stream"):
            return answer.status, "", b""
        content = answer.read()
        connection.close()
        return answer.status, answer.getheader("Content-Type", ""), content


def strange_bodies(contract, operation, ids):
    body = contract.follow(operation.get("requestBody", {}))
    schema = body.get("content", {}).get("application/json", {}).get("schema")
    if schema is None or body.get("description") == "Nothing is read from it.":
        return
    good = contract.example(schema, "", ids)
    yield from ([], [good], "a", 1, None, {}, {**good, "unknown": 1})
    for key in good:
        yield {name: value for name, value in good.items() if name != key}
        for value in VALUES:
            yield {**good, key: value}


def strange_requests(contract, method, path, operation, parameters, ids):
    path = re.sub(r"\{(\w+)\}", lambda match: ids.get(match[1], ids["album"]), path)
    for body in strange_bodies(contract, operation, ids):
        yield path, body
    for parameter in parameters:
        if parameter["in"] == "query":
            for value in QUERIES:
                name = urllib.parse.quote(parameter["name"])
                yield f"{path}?{name}={urllib.parse.quote(value, safe='')}", None
                yield f"{path}?{name}=1&{name}={urllib.parse.quote(value, safe='')}", None


def fault_of(status, kind, content):
    if status >= 500 and b"sends no" not in content:
        return f"{status} {content[:200]!r}"
    if status < 400 or b'"files"' in content:
        return None
    if not kind.startswith("application/problem+json"):
        return f"{status} is {kind!r}"
    problem = json.loads(content)
    return None if problem.get("status") == status and problem.get("title") else f"{problem}"


def main():
    base, token = sys.argv[1:3]
    ids = json.load(open(sys.argv[3], encoding="utf-8"))
    contract = Contract(sys.argv[4])
    client = Client(base, token)
    for method, path, operation, parameters in contract.operations():
        wrong, count = [], 0
        # A long poll would wait as long as it is told.
        parameters = [one for one in parameters if one["name"] != "wait"]
        for target, body in strange_requests(contract, method, path, operation, parameters, ids):
            count += 1
            try:
                fault = fault_of(*client.ask(method, target, body))
            except Exception as error:  # an answer that is none
                fault = repr(error)
            if fault:
                wrong.append(f"{target[-80:]} {json.dumps(body)[:150]}: {fault}")
        if count:
            print(f"{'not ok' if wrong else 'ok'} - {count} strange requests for {operation['operationId']}")
        for line in wrong[:5]:
            print(f"#   {line[:400]}".encode("ascii", "backslashreplace").decode())


main()
