"""Prints the checks of a script, one JSON object a line."""

import json


def check(name, found, wanted):
    """Prints whether `wanted` is in `found`, or holds for it when it is a function."""
    passed = wanted(found) if callable(wanted) else wanted in found
    print(json.dumps({"check": name, "passed": bool(passed), "detail": str(found)[-300:]}), flush=True)


def attempt(name, action, wanted):
    """Checks what an action returns; what it raises fails the check."""
    try:
        found = action()
    except Exception as error:  # noqa: BLE001
        print(json.dumps({"check": name, "passed": False, "detail": f"{type(error).__name__}: {error}"[-300:]}), flush=True)
        return None
    check(name, found, wanted)
    return found
