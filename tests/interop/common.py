"""Helpers that the scripts share: the sandbox's addresses and keys, and checks that are counted."""

import json
import os
import sys
import urllib.request

CONTROL = os.environ["ANYVENDOR_SANDBOX"].rstrip("/")
_made = 0


def control(path="/_sandbox"):
    with urllib.request.urlopen(CONTROL + path) as response:
        return json.load(response)


def reset():
    """Clears the sandbox's state, so that a script can run again."""
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(CONTROL + "/_sandbox/reset", b"", headers)
    urllib.request.urlopen(request).close()


def check(holds, what):
    """Makes one check; `python3 -O` would remove a plain assert."""
    global _made
    _made += 1
    if not holds:
        raise AssertionError(what)


def same(seen, expected, what):
    """Checks that two values are equal."""
    check(seen == expected, f"{what}: expected {expected!r}, got {seen!r}")


def refused(kinds, call, what):
    """Returns the error that the call raises; fails if the call raises no error or another one."""
    global _made
    _made += 1
    try:
        value = call()
    except kinds as error:
        return error
    raise AssertionError(f"{what}: expected {kinds}, got the response {value!r}")


def done(client, expected):
    """Prints how many checks were made, and fails unless all expected ones were."""
    name = os.path.basename(sys.argv[0])
    if _made != expected:
        raise SystemExit(f"{name}: {_made} checks made, {expected} expected")
    print(f"{name}: {_made} checks with {client}")
