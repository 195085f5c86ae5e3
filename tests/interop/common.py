"""What the scripts share: the sandbox's addresses and keys, and checks that are counted."""

import json
import os
import sys
import urllib.request

CONTROL = os.environ["ANYVENDOR_SANDBOX"].rstrip("/")
_made = 0


def control(path="/_sandbox"):
    with urllib.request.urlopen(CONTROL + path) as answer:
        return json.load(answer)


def reset():
    """Empties the sandbox, so that a script may run again."""
    ask = urllib.request.Request(CONTROL + "/_sandbox/reset", method="POST")
    urllib.request.urlopen(ask).close()


def check(holds, what):
    """One check; a plain assert would vanish under `python3 -O`."""
    global _made
    _made += 1
    if not holds:
        raise AssertionError(what)


def same(seen, expected, what):
    check(seen == expected, f"{what}: expected {expected!r}, got {seen!r}")


def refused(kinds, call, what):
    """The error that the call raises; it fails if it raises none or another."""
    global _made
    _made += 1
    try:
        value = call()
    except kinds as error:
        return error
    raise AssertionError(f"{what}: expected {kinds}, got the answer {value!r}")


def done(client, expected):
    """Says how many checks were made, and fails unless all were."""
    name = os.path.basename(sys.argv[0])
    if _made != expected:
        raise SystemExit(f"{name}: {_made} checks made, {expected} expected")
    print(f"{name}: {_made} checks with {client}")
