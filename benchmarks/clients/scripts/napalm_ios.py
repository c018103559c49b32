"""NAPALM's driver ios on the emulated router."""

import os

from napalm import get_network_driver
from report import attempt

OPTIONS = {"port": int(os.environ["ROUTER_PORT"]), "secret": os.environ["ROUTER_SECRET"]}
LIST = "ip access-list extended NAPALM\n 10 permit tcp any host 10.0.0.5 eq 22\n"


def open_router(**options):
    driver = get_network_driver("ios")
    router = driver(
        os.environ["ROUTER_HOST"],
        os.environ["ROUTER_USER"],
        os.environ["ROUTER_PASSWORD"],
        optional_args={**OPTIONS, **options},
    )
    router.open()
    return router


router = open_router()


def running():
    return router.get_config()["running"]


def difference(load, text):
    load(config=text)
    return router.compare_config()


def committed(**options):
    router.commit_config(**options)
    return running()


def rolled_back():
    router.rollback()
    return running()


def replacement():
    text = running()
    return text[text.index("version ") :].replace("description to client", "description to the client")


def refused():
    router.load_replace_candidate(config=f"{replacement()[:-4]}\nfoo bar\nend\n")
    try:
        router.commit_config()
    except Exception as error:  # noqa: BLE001
        return f"{type(error).__name__} {running()}"
    return "accepted"


def pending_and_confirmed():
    router.load_merge_candidate(config="ip domain name lab.example\n")
    router.commit_config(revert_in=120)
    pending = router.has_pending_commit()
    router.confirm_commit()
    return (pending, router.has_pending_commit(), "ip domain name lab.example" in running())


MERGE = """username bob privilege 15 secret s3cret
snmp-server community public RO
ntp server 10.0.0.5
ip route 10.9.0.0 255.255.0.0 10.0.0.5
vrf definition RED
 rd 1:1
 address-family ipv4
 exit-address-family
interface GigabitEthernet4
 vrf forwarding RED
 ip address 172.31.255.1 255.255.255.0
"""


def merged():
    router.load_merge_candidate(config=MERGE)
    router.commit_config()
    return running()


def discarded():
    router.load_merge_candidate(config="hostname other\n")
    router.discard_config()
    return router.compare_config()


def by_tcl():
    other = open_router(inline_transfer=True)
    other.load_merge_candidate(config=LIST.replace("NAPALM", "TCL"))
    text = other.compare_config()
    other.close()
    return text


attempt("reads facts", router.get_facts, lambda facts: facts["vendor"] == "Cisco" and len(facts["interface_list"]) == 4)
attempt("reads interfaces", router.get_interfaces, lambda found: found["GigabitEthernet1"]["mtu"] == 1500)
attempt(
    "reads addresses",
    router.get_interfaces_ip,
    lambda found: found["GigabitEthernet2"]["ipv4"] == {"10.0.0.1": {"prefix_length": 24}},
)
attempt("reads counters", router.get_interfaces_counters, lambda found: len(found) == 4)
attempt("reads ARP entries", router.get_arp_table, lambda rows: len(rows) == 4)
attempt("reads processor and memory", router.get_environment, lambda found: found["memory"]["available_ram"] > 0)
attempt("shows the difference of a merge", lambda: difference(router.load_merge_candidate, LIST), "+ip access-list extended NAPALM")
attempt("commits a merge", committed, "ip access-list extended NAPALM")
attempt("rolls it back", rolled_back, lambda text: "NAPALM" not in text)
attempt(
    "shows the difference of a replacement",
    lambda: difference(router.load_replace_candidate, replacement()),
    "-description to client",
)
attempt("commits a replacement", committed, "description to the client")
attempt("keeps the configuration when a replacement fails", refused, lambda text: "Replace" in text and "foo bar" not in text)
attempt("commits until confirmed", pending_and_confirmed, lambda found: found == (True, False, True))
attempt("commits routes, servers and a VRF", merged, "vrf definition RED")
attempt(
    "reads a static route",
    lambda: router.get_route_to("10.9.0.0/16"),
    lambda found: [way["next_hop"] for way in found["10.9.0.0/16"]] == ["10.0.0.5"],
)
attempt("reads SNMP", router.get_snmp_information, lambda found: found["community"]["public"]["mode"] == "ro")
attempt("reads servers of NTP", router.get_ntp_servers, lambda found: list(found) == ["10.0.0.5"])
attempt("reads their state", router.get_ntp_stats, lambda rows: [row["remote"] for row in rows] == ["10.0.0.5"])
attempt("reads users", router.get_users, lambda found: found["bob"]["level"] == 15)
attempt(
    "reads VRFs",
    router.get_network_instances,
    lambda found: (found["RED"]["state"]["route_distinguisher"], "GigabitEthernet4" in found["RED"]["interfaces"]["interface"])
    == ("1:1", True),
)
attempt("pings", lambda: router.ping("10.0.0.5", source="10.0.0.1"), lambda found: found["success"]["packet_loss"] == 0)
attempt("pings in a VRF", lambda: router.ping("172.31.255.2", vrf="RED"), lambda found: found["success"]["packet_loss"] == 0)
attempt("traces a route", lambda: router.traceroute("10.0.0.5"), lambda found: 1 in found["success"])
attempt("hides secrets", lambda: router.get_config(sanitized=True)["running"], lambda text: "public" not in text)
attempt("discards a candidate", discarded, lambda text: text == "")
attempt("transfers a file through Tcl", by_tcl, "+ip access-list extended TCL")
router.close()
