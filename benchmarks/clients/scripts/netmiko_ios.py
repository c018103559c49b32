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
attempt("saves the configuration", router.save_config, "[OK]")
attempt("sees that a command is refused", lambda: client.answer_to("foo bar", "% Invalid"), "ConfigInvalidException")
attempt("leaves the configuration mode", router.exit_config_mode, lambda _: not router.check_config_mode())
router.disconnect()
