"""Sends the requests of a redirection to the API of a Sophos UTM, one after the other over one connection, reads the
objects back, and prints how long that took.

Arguments: a JSON file with the prefix of the names and the networks, and the operation."""

import base64
import http.client
import json
import os
import ssl
import sys
import time

with open(sys.argv[1], encoding="utf-8") as file:
    wanted = json.load(file)
operation = sys.argv[2]
prefix = wanted["prefix"]

TYPES = ["network/network", "network/group", "network/host", "service/tcp", "route/policy"]

credentials = base64.b64encode(f"token:{os.environ['ROUTER_TOKEN']}".encode()).decode()
context = ssl.create_default_context(cafile=os.environ["ROUTER_CA"])

started = time.monotonic()
connection = http.client.HTTPSConnection("127.0.0.1", int(os.environ["ROUTER_PORT"]), context=context, timeout=60)


def send(method, path, body=None, **directives):
    """Sends one request and returns the parsed answer."""
    headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/json"}
    headers.update({f"X-Restd-{name.replace('_', '-')}": value for name, value in directives.items()})
    connection.request(method, f"/api/{path}", None if body is None else json.dumps(body), headers)
    answer = connection.getresponse()
    text = answer.read()
    assert answer.status < 400, f"{method} {path}: {answer.status} {text[:300]}"
    return json.loads(text) if text else None


def read():
    """Reads the objects of all types, by type and name."""
    return {(kind, one["name"]): one for kind in TYPES for one in send("GET", f"objects/{kind}/")}


def network(cidr):
    """The type, the name and the attributes of a network."""
    address, prefix_length = cidr.split("/")
    return "network/network", f"{prefix}:{cidr}", {"address": address, "netmask": int(prefix_length)}


def apply(found):
    """Creates what is missing, then turns the policy route on."""

    def ensure(kind, name, values, **directives):
        there = found.get((kind, name))
        if there is None:
            there = send("POST", f"objects/{kind}/", {"name": name, **values}, **directives)
        return there["_ref"]

    members = [ensure(*network(cidr)) for cidr in wanted["servers"]]
    route = {
        "type": "host",
        "interface": next(one["_ref"] for one in send("GET", "objects/interface/ethernet/") if one["name"] == "Internal"),
        "source": ensure(*network("192.168.50.0/24")),
        "destination": ensure("network/group", f"{prefix}:servers", {"members": members}),
        "service": ensure(
            "service/tcp", f"{prefix}:rdp", {"dst_low": 3389, "dst_high": 3389, "src_low": 1, "src_high": 65535}
        ),
        "target": ensure("network/host", f"{prefix}:sps", {"address": "172.16.9.2"}),
        "status": False,
    }
    ref = ensure("route/policy", f"{prefix}:route", route, Insert="routes.policy 1")
    send("PATCH", f"objects/route/policy/{ref}", {"status": True})


def own(found):
    """The objects of this script, those first that refer to others."""
    order = ["route/policy", "network/group"]
    mine = [(kind, one) for (kind, name), one in found.items() if name.startswith(f"{prefix}:")]
    return sorted(mine, key=lambda one: order.index(one[0]) if one[0] in order else len(order))


def is_done(found):
    """Whether everything is there, and the policy route is on."""
    names = {name for _, name in found}
    missing = [cidr for cidr in wanted["servers"] if f"{prefix}:{cidr}" not in names]
    route = found.get(("route/policy", f"{prefix}:route"))
    return not missing and route is not None and route["status"] is True


if operation == "remove":
    for kind, one in own(read()):
        is_route = kind == "route/policy"
        # The UTM refuses to delete what is still used.
        send("DELETE", f"objects/{kind}/{one['_ref']}", **({"Err_Ack": "all"} if is_route else {}))
    assert not own(read())
else:
    state = read()
    if operation == "apply":
        apply(state)
        state = read()
    assert is_done(state), "not as wanted"
connection.close()
print(f"seconds {time.monotonic() - started:.3f}")
