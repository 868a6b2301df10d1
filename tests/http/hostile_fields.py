#!/usr/bin/python3
"""Puts every hostile string into every text field of the API, and into queries, paths and headers.

	hostile_fields.py URL TOKEN IDS.json STRINGS.json

IDS has album, photo and message of whom the token is.  A string is stored and comes back byte for byte, or is refused
with 4xx; no answer is a 500, has a header that a string made, or is broken JSON.  Prints a test for each field.
"""
import http.client
import json
import queue
import sys
import threading
import urllib.parse

THREADS = 8
KNOWN_HEADERS = {
    "date", "content-type", "content-length", "cache-control", "x-content-type-options", "location", "etag", "link",
    "vary", "connection", "www-authenticate", "retry-after", "ratelimit", "ratelimit-policy", "allow",
    "accept-ranges", "content-range", "content-disposition", "content-security-policy", "tus-resumable", "upload-offset",
    "upload-length", "upload-metadata", "upload-expires", "upload-defer-length", "tus-version", "idempotency-replayed",
    "transfer-encoding", "cross-origin-resource-policy", "referrer-policy",
}


class Field:
    """A place for a text: how it is sent and where it comes back (None: it does not)."""

    def __init__(self, name, method, path, body=None, back=None, then=None, headers=None):
        self.name, self.method, self.path, self.body, self.back = name, method, path, body, back
        self.then = then  # a path to read it from, made of the answer
        self.headers = headers


def fields_of(ids):
    album = f"/v1/albums/{ids['album']}"
    photo, message = f"{album}/photos/{ids['photo']}", f"{album}/messages/{ids['message']}"
    yield Field("an album's title", "POST", "/v1/albums", lambda s: {"title": s}, lambda a: a["title"])
    yield Field("an album's description", "PATCH", album, lambda s: {"description": s},
                lambda a: a["description"] or "")
    yield Field("a participant's name", "POST", f"{album}/participants", lambda s: {"name": s}, lambda a: a["name"])
    yield Field("a link's name", "POST", f"{album}/links", lambda s: {"name": s}, lambda a: a["name"] or "")
    yield Field("a message", "POST", f"{album}/messages", lambda s: {"text": s}, lambda a: a["text"],
                lambda a: f"{album}/messages/{a['id']}")
    yield Field("an edited message", "PATCH", message, lambda s: {"text": s}, lambda a: a["text"])
    yield Field("a reaction", "POST", f"{photo}/reactions", lambda s: {"name": s}, lambda a: a["name"])
    yield Field("a caption", "PATCH", photo, lambda s: {"caption": s}, lambda a: a["caption"] or "")
    yield Field("a tag", "PATCH", photo, lambda s: {"tags": [s]}, lambda a: a["tags"][0])
    yield Field("one's name", "PATCH", "/v1/me", lambda s: {"name": s}, lambda a: a["name"])
    yield Field("an API key's name", "POST", "/v1/tokens", lambda s: {"name": s, "scopes": ["read"]},
                lambda a: a["name"])
    yield Field("an address to register", "POST", "/v1/register", lambda s: {"email": s})
    yield Field("a login", "POST", "/v1/token/refresh", lambda s: {"refresh_token": s})
    yield Field("a key of JSON", "POST", "/v1/albums", lambda s: {"title": "a", s + "?": "b"})
    for path in ("/v1/search?q=", f"{album}/messages?before=", f"{album}/photos?cursor=", f"{album}/events?after=",
                 "/v1/albums?after=", f"{album}/photos?order=", f"{photo}/image.jpg?w=", f"/chat/{ids['album']}?time="):
        yield Field(f"a query, {path.split('/')[-1]}", "GET", path)
    for path in ("/v1/albums/", f"{album}/photos/", f"{album}/messages/", f"{album}/participants/", "/"):
        yield Field(f"a path behind {path[-12:]}", "GET", path)
    for header in ("If-None-Match", "If-Range", "Idempotency-Key", "User-Agent", "X-Forwarded-For", "Accept",
                   "Content-Type", "Cookie", "X-HTTP-Method-Override", "Upload-Metadata"):
        yield Field(f"the header {header}", "POST", f"{message}/reactions", lambda s: {}, headers=header)


class Client:
    def __init__(self, base, token):
        self.host, self.token = base.split("//")[1], token
        self.connection = None

    def ask(self, method, path, body=None, headers=()):
        """(status, headers, bytes); one more try where the server closed an idle connection."""
        for attempt in (1, 2):
            if self.connection is None:
                self.connection = http.client.HTTPConnection(self.host, timeout=60)
            try:
                self.connection.putrequest(method, path, skip_accept_encoding=True)
                self.connection.putheader("Authorization", f"Bearer {self.token}")
                for name, value in headers:
                    self.connection.putheader(name, value)
                data = b"" if body is None else json.dumps(body).encode()
                if body is not None:
                    self.connection.putheader("Content-Length", str(len(data)))
                self.connection.endheaders(data or None)
                answer = self.connection.getresponse()
                content = answer.read()
                if answer.getheader("connection") == "close":
                    self.connection = None
                return answer.status, answer.getheaders(), content
            except (http.client.HTTPException, OSError):
                self.connection = None
                if attempt == 2:
                    raise


def try_text(client, field, text):
    """What is wrong, or None."""
    path, headers = field.path, []
    if field.headers:
        value = text.encode()
        if any(byte < 32 or byte == 127 for byte in value):
            return None  # cannot be sent in a header
        headers = [(field.headers, value)]
    elif field.body is None:
        path += urllib.parse.quote(text, safe="")
    body = field.body(text) if field.body else None
    status, got, content = client.ask(field.method, path, body, headers)
    strange = {name.lower() for name, _ in got} - KNOWN_HEADERS
    if strange:
        return f"headers {strange}"
    if status >= 500 and b"sends no mail" not in content:
        return f"{status}: {content[:200]}"
    if status >= 400 or field.back is None:
        if content and "json" in dict(got).get("Content-Type", ""):
            json.loads(content)
        return None
    answer = json.loads(content)
    if field.then:
        answer = json.loads(client.ask("GET", field.then(answer))[2])
    back = field.back(answer)
    return None if back == text else f"came back as {back!r}"


def try_all(base, token, field, texts):
    """Wrong ones, by several connections at once where the order does not matter."""
    waiting, wrong, stored = queue.SimpleQueue(), [], []
    for text in texts:
        waiting.put(text)

    def work():
        client = Client(base, token)
        while True:
            try:
                text = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                fault = try_text(client, field, text)
            except Exception as error:  # an answer that is none
                fault = repr(error)
                client.connection = None
            if fault:
                wrong.append(f"{text[:60]!a}: {fault}")

    threads = [threading.Thread(target=work) for _ in range(1 if field.method == "PATCH" else THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


def main():
    base, token = sys.argv[1:3]
    ids, texts = (json.load(open(path, encoding="utf-8")) for path in sys.argv[3:5])
    for field in fields_of(ids):
        wrong = try_all(base, token, field, texts)
        print(f"{'not ok' if wrong else 'ok'} - {len(texts)} strings as {field.name}")
        for line in wrong[:8]:
            print(f"#   {line[:300]}".encode("ascii", "backslashreplace").decode())


main()
