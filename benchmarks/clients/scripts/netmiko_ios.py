"""Netmiko's cisco_ios driver on the emulated router."""

from netmiko_router import Router
from report import attempt

client = Router("cisco_ios")
router, parsed = client.connection, client.parsed
LINES = [
    "ip access-list extended NETMIKO",
    "10 permit tcp any host 10.0.0.5 eq 22",
    "remark by netmiko",
    "exit",
    "route-map NETMIKO permit 10",
    "match ip address NETMIKO",
    "set ip next-hop 172.16.9.2",
]

OTHERS = [
    "ip prefix-list NETS permit 10.0.0.0/8 le 24",
    "vrf definition RED",
    "rd 1:1",
    "address-family ipv4",
    "exit-address-family",
]


attempt("finds the prompt of the user mode", router.find_prompt, lambda prompt: prompt.endswith(">"))
router.enable()
attempt("enters the privileged mode", router.find_prompt, "#")
attempt("parses show version", parsed("show version"), lambda rows: rows[0]["version"] != "")
attempt("parses show interfaces", parsed("show interfaces"), lambda rows: len(rows) == 4 and rows[0]["mtu"] == "1500")
attempt("parses show ip interface brief", parsed("show ip interface brief"), lambda rows: len(rows) == 4)
attempt("enters lists and route maps", lambda: router.send_config_set(LINES), lambda text: "%" not in text)
attempt(
    "reads them in the running configuration",
    lambda: router.send_command("show running-config | section NETMIKO"),
    " set ip next-hop 172.16.9.2",
)
attempt(
    "parses show ip access-lists",
    parsed("show ip access-lists"),
    lambda rows: any(row["dst_host"] == "10.0.0.5" and row["dst_port"] == "22" for row in rows),
)
attempt(
    "parses show route-map",
    parsed("show route-map"),
    lambda rows: rows[0]["set_clauses"] == ["ip next-hop 172.16.9.2"],
)
ROUTES = ["ip route 10.9.0.0 255.255.0.0 10.0.0.5", "ip route 0.0.0.0 0.0.0.0 172.16.9.2 5", "ip route 10.8.0.0 255.255.0.0 Null0"]
attempt("enters static routes", lambda: router.send_config_set(ROUTES), lambda text: "%" not in text)
attempt(
    "parses show ip route",
    parsed("show ip route"),
    lambda rows: {
        (row["network"], row["distance"], row["nexthop_ip"]) for row in rows if row["protocol"] == "S"
    } == {("0.0.0.0", "5", "172.16.9.2"), ("10.9.0.0", "1", "10.0.0.5"), ("10.8.0.0", "", "")},
)
attempt("parses show ip route summary", parsed("show ip route summary"), lambda rows: rows[2]["route_source"] == "static")
attempt(
    "parses show ip cef",
    parsed("show ip cef"),
    lambda rows: any(row["ip_address"] == "10.9.0.0" and row["nexthop"] == ["10.0.0.5"] for row in rows),
)
attempt("enters a prefix list and a VRF", lambda: router.send_config_set(OTHERS), lambda text: "%" not in text)
attempt("parses show ip prefix-list", parsed("show ip prefix-list"), lambda rows: rows[0]["seq"] == "5")
attempt("parses show vrf", parsed("show vrf"), lambda rows: (rows[0]["name"], rows[0]["default_rd"]) == ("RED", "1:1"))
attempt(
    "stops at a command that the device refuses",
    lambda: client.refused_by(["ip domain name a.example", "foo bar", "ip domain name b.example"]),
    "ConfigInvalidException",
)
attempt("keeps what came before it", lambda: router.send_command("show running-config | include domain"), "a.example")
attempt(
    "answers the question of a copy",
    lambda: router.send_multiline([["copy running-config bootflash:saved", r"Destination filename"], ["", "#"]]),
    "bytes copied",
)
attempt("clears counters", lambda: router.send_multiline([["clear counters", r"\[confirm\]"], ["", "#"]]), "confirm")
attempt("saves the configuration", router.save_config, "[OK]")
attempt("sees that a command is refused", lambda: client.answer_to("foo bar", "% Invalid"), "ConfigInvalidException")
attempt("leaves the configuration mode", router.exit_config_mode, lambda _: not router.check_config_mode())
router.disconnect()
attempt("recognizes the type of the device", client.recognized, lambda name: name in ("cisco_ios", "cisco_xe"))
attempt("puts a file onto the device by SCP", lambda: client.transferred("put"), "'file_verified': True")
attempt("gets the file back by SCP", lambda: client.transferred("get"), "'file_verified': True")
