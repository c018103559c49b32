"""NAPALM's driver gaiaos on the emulated gateway.

Left out, because the driver fails before or after the gateway has answered:
- get_firewall_policy(interfaces=True) asks for a seventh group of a regular expression with six;
- a ping of a name, because it is parsed as an address first;
- traceroute, get_route_to and the other functions that raise NotImplementedError."""

import os

from napalm import get_network_driver
from report import attempt

driver = get_network_driver("gaiaos")
router = driver(
    os.environ["ROUTER_HOST"],
    os.environ["ROUTER_USER"],
    os.environ["ROUTER_PASSWORD"],
    optional_args={"port": int(os.environ["ROUTER_PORT"]), "secret": os.environ["ROUTER_SECRET"]},
)
# Otherwise NAPALM 5 enters expert mode at once: the driver is of a time when Netmiko had no such mode for Gaia, and asks Clish.
router.force_no_enable = True
router.open()


def refusal_of(action):
    try:
        return f"accepted: {action()}"
    except Exception as error:  # noqa: BLE001
        return f"{type(error).__name__}: {error}"


def is_answered(found):
    return found["packet_loss"] == 0 and len(found["results"]) == found["probes_sent"] and float(found["rtt_avg"]) > 0


attempt(
    "reads facts",
    router.get_facts,
    lambda facts: facts["fqdn"] == "gw-1.lab.example"
    and facts["os_version"].startswith("Check Point Gaia R81.20 - Kernel: 3.10")
    and facts["model"] == "Check Point 6200"
    and facts["interface_list"] == ["eth1", "eth2", "eth3", "Mgmt"],
)
attempt(
    "reads interfaces",
    router.get_interfaces,
    lambda found: len(found) == 4
    and found["eth1"]["mtu"] == "1500"
    and found["eth1"]["description"].strip() == "to client"
    and found["eth1"]["speed"] == "1000",
)
attempt(
    "reads addresses",
    router.get_interfaces_ip,
    lambda found: found["eth2"]["ipv4"] == {"10.0.0.1": {"prefix_length": "24"}} and len(found) == 4,
)
attempt(
    "reads users and the hashes of their passwords",
    router.get_users,
    lambda users: set(users) == {"admin", "monitor"}
    and users["admin"]["shell"] == "/etc/cli.sh"
    and users["admin"]["password"].startswith("$6$")
    and users["monitor"]["password"] == "*",
)
attempt("reads users and their keys in expert mode", lambda: router.get_users(retrieve="all"), lambda users: users["admin"]["sshkeys"])
router._exit_expert_mode()  # The driver stays in expert mode after the keys.
attempt("reads the configuration", lambda: router.get_config()["running"], "set hostname gw-1")
attempt(
    "reads a part of the configuration",
    lambda: router.get_config(retrieve="static-route")["running"],
    lambda text: text.startswith("set static-route default nexthop gateway address") and "interface" not in text,
)
attempt(
    "reads ARP entries in expert mode",
    router.get_arp_table,
    lambda rows: len(rows) == 5 and {"eth1", "eth2", "eth3", "Mgmt"} == {row["interface"] for row in rows},
)
attempt("pings", lambda: router.ping("10.0.0.5"), lambda found: is_answered(found) and found["probes_sent"] == 5)
attempt(
    "pings from an interface",
    lambda: router.ping("10.0.0.5", source="eth2", ttl=30, size=100, count=2),
    lambda found: is_answered(found) and found["probes_sent"] == 2,
)
attempt("pings from an address", lambda: router.ping("10.0.0.5", source="10.0.0.1", count=1), is_answered)
attempt("refuses a source that the gateway has not", lambda: refusal_of(lambda: router.ping("10.0.0.5", source="eth9")), "invalid source")
attempt(
    "sends commands",
    lambda: router.cli(["show hostname", "show route"]),
    lambda found: found["show hostname"].strip() == "gw-1" and "directly connected, eth1" in found["show route"],
)
attempt("sends a command of Clish", lambda: router.send_clish_cmd("show config-state"), "saved")
attempt("sends a command of expert mode", lambda: router.send_expert_cmd('clish -c "show version os kernel"'), "OS kernel version 3.10")
attempt(
    "reads the policy of the firewall",
    router.get_firewall_policy,
    lambda found: found["name"] == "Standard" and found["peak_conns"] == 581,
)
attempt("finds no virtual systems without VSX", lambda: refusal_of(router.get_virtual_systems), "VSX not enabled")
router.close()
