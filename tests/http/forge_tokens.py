#!/usr/bin/python3
"""Prints tokens made from a good one by somebody who wants in: NAME, a tab, the token, on each line.

	forge_tokens.py STORE TOKEN

The line "genuine" is the good token signed anew with the store's key, to show that the forger can sign: a
server takes that one and no other.  Some forgeries need the server's private key (expired, another
issuer): what they test is the check of a claim.
"""
import base64
import hashlib
import hmac
import json
import subprocess
import sys
import time


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def openssl(*arguments, data=None):
    return subprocess.run(["openssl", *arguments], input=data, check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout


def integers_of(der):
    """r and s of a signature in DER, 32 bytes each, as a JWT has them."""
    at, numbers = 2, []
    for _ in range(2):
        size = der[at + 1]
        numbers.append(int.from_bytes(der[at + 2:at + 2 + size], "big").to_bytes(32, "big"))
        at += 2 + size
    return b"".join(numbers)


def signed(head, claims, key):
    text = f"{encode(json.dumps(head).encode())}.{encode(json.dumps(claims).encode())}"
    der = openssl("dgst", "-sha256", "-sign", key, data=text.encode())
    return f"{text}.{encode(integers_of(der))}"


def keyed(head, claims, secret):
    text = f"{encode(json.dumps(head).encode())}.{encode(json.dumps(claims).encode())}"
    return f"{text}.{encode(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


def other_key(path):
    """A key of ours with the curve of theirs."""
    with open(path, "wb") as file:
        file.write(openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout"))
    return path


def public_keys(key):
    return {
        "PEM": openssl("ec", "-in", key, "-pubout"),
        "DER": openssl("ec", "-in", key, "-pubout", "-outform", "DER"),
        "file": open(key, "rb").read(),
        "nothing": b"",
    }


def forged_heads(head, claims, token, key):
    text = token.rsplit(".", 1)[0].split(".", 1)[1]
    for alg in ("none", "None", "NONE", "nOnE", ""):
        bare = encode(json.dumps({**head, "alg": alg}).encode())
        yield f"alg {alg!r} without a signature", f"{bare}.{text}."
        yield f"alg {alg!r} with the old signature", f"{bare}.{text}.{token.rsplit('.', 1)[1]}"
    yield "no alg", signed({k: v for k, v in head.items() if k != "alg"}, claims, key)
    for name, secret in public_keys(key).items():
        yield f"HS256 with the public key as {name}", keyed({**head, "alg": "HS256"}, claims, secret)
    for alg in ("ES384", "ES512", "RS256", "PS256", "EdDSA", "es256", "ES256K"):
        yield f"alg {alg}", signed({**head, "alg": alg}, claims, key)
    yield "a list as alg", signed({**head, "alg": ["ES256"]}, claims, key)
    kids = ["../../../../dev/null", "/dev/null", "keys/current.pem", "' OR 1=1--", "\0", "x" * 1000, ""]
    for kid in kids:
        yield f"kid {kid[:20]!r} with no key", keyed({**head, "alg": "HS256", "kid": kid}, claims, b"")
    mine = other_key("mine.pem")
    yield "another key under the right kid", signed(head, claims, mine)
    point = openssl("ec", "-in", mine, "-pubout", "-outform", "DER")[-64:]
    jwk = {"kty": "EC", "crv": "P-256", "x": encode(point[:32]), "y": encode(point[32:])}
    yield "a key of its own in jwk", signed({**head, "jwk": jwk}, claims, mine)
    yield "a key of its own by jku", signed({**head, "jku": "http://127.0.0.1:1/jwks"}, claims, mine)
    yield "an unknown critical extension", signed({**head, "crit": ["b64"], "b64": False}, claims, mine)


def forged_claims(head, claims, key):
    now = int(time.time())
    changes = {
        "expired an hour ago": {"iat": now - 7200, "exp": now - 3600},
        "expired at the epoch": {"exp": 0},
        "an end below zero": {"exp": -1},
        "an end as text": {"exp": str(now + 900)},
        "another issuer": {"iss": "00000000-0000-7000-8000-000000000000"},
        "an empty issuer": {"iss": ""},
        "another user": {"sub": "00000000-0000-7000-8000-000000000000"},
        "a user that is no UUID": {"sub": "' OR 1=1--"},
        "another session": {"sid": "00000000-0000-7000-8000-000000000000"},
        "a later version": {"ver": claims.get("ver", 1) + 1},
        "an earlier version": {"ver": claims.get("ver", 1) - 1},
        "a version as text": {"ver": "x"},
    }
    for name, change in changes.items():
        yield name, signed(head, {**claims, **change}, key)
    for claim in ("iss", "sub", "sid", "exp", "ver"):
        yield f"no {claim}", signed(head, {k: v for k, v in claims.items() if k != claim}, key)


def mangled(token):
    head, body, signature = token.split(".")
    yield "no signature", f"{head}.{body}."
    yield "two parts", f"{head}.{body}"
    yield "four parts", f"{token}.x"
    yield "garbage behind", f"{token}AAAA"
    yield "a signature cut short", token[:-4]
    yield "a changed claim", f"{head}.{body[:-2]}{'AA' if body[-2:] != 'AA' else 'BB'}.{signature}"
    yield "zeroes as signature", f"{head}.{body}.{encode(bytes(64))}"
    yield "the signature as DER", f"{head}.{body}.{encode(b'0' + bytes(70))}"
    yield "dots", "..."
    yield "one dot", "."
    yield "padding", f"{head}.{body}.{signature}=="
    yield "spaces within", f"{head} .{body}.{signature}"
    yield "three thousand bytes", "a" * 3000
    yield "nothing but an A", "A"


def main():
    store, token = sys.argv[1:3]
    key = f"{store}/keys/current.pem"
    head, claims = (json.loads(decode(part)) for part in token.split(".")[:2])
    print(f"genuine\t{signed(head, claims, key)}")
    for forger in (forged_heads(head, claims, token, key), forged_claims(head, claims, key), mangled(token)):
        for name, text in forger:
            print(f"{name}\t{text}")


main()
