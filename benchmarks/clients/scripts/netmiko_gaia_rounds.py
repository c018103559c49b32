"""Sends Clish commands with Netmiko's checkpoint_gaia driver, reads the configuration back, and prints how long that took.

Arguments: a JSON file with the commands to apply and to remove, and the operation."""

import json
import sys
import time

from netmiko_router import Router

with open(sys.argv[1], encoding="utf-8") as file:
    commands = json.load(file)
operation = sys.argv[2]

started = time.monotonic()
router = Router("checkpoint_gaia").connection


def missing():
    """Lines that the configuration lacks. Netmiko waits for the prompt, however long the answer is."""
    found = {line.strip() for line in router.send_command("show configuration pbr").splitlines()}
    return [line for line in commands["apply"] if line not in found]


if operation == "remove":
    router.send_config_set(commands["remove"], error_pattern="CLINFR")
    left = len(missing())
    assert left == len(commands["apply"]), f"{left} lines are gone"
else:
    lines = missing()
    if operation == "apply":
        router.send_config_set(lines, error_pattern="CLINFR")
        lines = missing()
    assert not lines, f"{len(lines)} lines are missing: {lines[:3]}"
router.disconnect()
print(f"seconds {time.monotonic() - started:.3f}")
