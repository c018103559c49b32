"""Netmiko's checkpoint_gaia driver on the emulated gateway."""

from netmiko_router import Router
from report import attempt

client = Router("checkpoint_gaia")
router, parsed = client.connection, client.parsed
TABLE = "set pbr table NETMIKO static-route default nexthop gateway address 172.16.9.2"
RULE = "set pbr rule priority 100"
LINES = [
    f"{TABLE} on",
    f"{RULE} match from 192.168.50.0/24 to 10.0.0.0/25 interface eth1",
    f"{RULE} match protocol tcp",
    f"{RULE} match port 3389",
    f"{RULE} action table NETMIKO",
]


def saved():
    router.save_config()
    return router.send_command("show config-state")


def transacted():
    router.send_config_set(["start transaction", "set interface eth3 mtu 1400", "commit"])
    return router.send_command("show configuration interface")


def reloaded():
    lines = ["save configuration backup", "set interface eth3 mtu 1500", "set clienv on-failure continue"]
    said = router.send_config_set([*lines, "load configuration backup", "set clienv on-failure stop"])
    return said + router.send_command("show interface eth3 mtu")


attempt("finds the prompt of Clish", router.find_prompt, lambda prompt: prompt.endswith(">"))
attempt("parses show version all", parsed("show version all"), lambda rows: rows[0]["version"].startswith("R"))
attempt("parses show interfaces all", parsed("show interfaces all"), lambda rows: len(rows) == 4)
attempt("parses show route", parsed("show route"), lambda rows: len(rows) >= 4)
attempt("reads the configuration without pages", lambda: router.send_command("show configuration"), "set hostname")
attempt("enters a PBR table and a rule", lambda: router.send_config_set(LINES), lambda text: "CLINFR" not in text)
attempt("reads them in the configuration", lambda: router.send_command("show configuration pbr"), LINES[-1])
attempt("finds them unsaved", lambda: router.send_command("show config-state"), "unsaved")
attempt("saves the configuration", saved, lambda text: text.strip() == "saved")
attempt("parses show dns", parsed("show dns"), lambda rows: rows[0]["domain"] == "lab.example")
attempt("parses show domainname", parsed("show domainname"), lambda rows: rows[0]["domainname"] == "lab.example")
attempt("parses show arp dynamic all", parsed("show arp dynamic all"), lambda rows: isinstance(rows, list))
attempt("parses show asset all", parsed("show asset all"), lambda rows: isinstance(rows, list) and len(rows) == 1)
attempt("parses show ipv6 route", parsed("show ipv6 route"), lambda rows: rows[0]["interface"] == "lo")
attempt("commits a transaction", transacted, "set interface eth3 mtu 1400")
attempt("saves a configuration to a file and loads it", reloaded, lambda text: "mtu 1400" in text and "CLINFR" not in text)
attempt("sees that a command is refused", lambda: client.answer_to("set foo bar", "CLINFR"), "ConfigInvalidException")
attempt("enters expert mode", router.enable, lambda _: router.check_enable_mode())
attempt("leaves expert mode", router.exit_enable_mode, lambda _: not router.check_enable_mode())
attempt("saves from expert mode", lambda: (router.enable(), router.save_config())[1], lambda _: not router.check_enable_mode())
router.disconnect()
