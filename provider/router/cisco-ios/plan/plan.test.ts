import assert from "node:assert/strict";
import { undoCommands } from "../../terminal/steps";
import { NOTHING } from "../model/desired";
import { ownerOf, ownerRemarks } from "../model/owner-remarks";
import { CLEAN, WITH_RDP, WITH_RDP_NUMBERED } from "../read/configurations.test";
import { readRunningConfig } from "../read/running-config";
import { requirePreconditions, warnings } from "./conflicts";
import { desiredRules, foundRules } from "./lines";
import { planChanges } from "./plan";
import { commandsFor, contextFor, OBJECT, OWNER, redirection, wanted } from "./plan-cases.test";

const CREATE_RDP = [
  "ip access-list extended SPS-rdp-IN",
  "remark safeguard owner 0123456789ab",
  "permit tcp 192.168.50.0 0.0.0.255 10.0.0.0 0.0.0.127 eq 3389",
  "exit",
  "route-map SPS-GigabitEthernet0-1 permit 10",
  "match ip address SPS-rdp-IN",
  "set ip next-hop 172.16.9.2",
  "set interface Null0",
  "exit",
  "interface GigabitEthernet0/1",
  "ip policy route-map SPS-GigabitEthernet0-1",
  "exit",
];

const REMOVE_RDP = [
  "interface GigabitEthernet0/1",
  "no ip policy route-map SPS-GigabitEthernet0-1",
  "exit",
  "no route-map SPS-GigabitEthernet0-1",
  "no ip access-list extended SPS-rdp-IN",
];

describe("planning changes of a Cisco router", () => {
  const rdp = wanted(redirection());

  it("creates the access list first, matches before it sets, and attaches the route-map last", () => {
    assert.deepEqual(commandsFor(CLEAN, rdp), CREATE_RDP);
  });

  it("gives interfaces whose names differ in a separator only a route-map each", () => {
    const names = ["FastEthernet0/1.1", "FastEthernet0/1/1", "Serial0/1:1"];
    const interfaces = names.map((name, at) => `interface ${name}\n ip address 192.168.${60 + at}.1 255.255.255.0\n`);
    const text = CLEAN.replace(/\nend\n/, `\n${interfaces.join("")}end\n`);
    const on = (name: string, at: number) => redirection({ name: `r${at}`, clientInterfaces: [name] });
    const commands = commandsFor(text, wanted(...names.map(on)));
    assert.deepEqual(
      commands.filter((line) => line.startsWith("ip policy")),
      ["FastEthernet0-1.1", "FastEthernet0-1-1", "Serial0-1:1"].map((name) => `ip policy route-map SPS-${name}`),
    );
    assert.equal(commands.filter((line) => line.startsWith("route-map")).length, 3);
  });

  it("plans nothing for a router in sync, in both spellings", () => {
    for (const text of [WITH_RDP, WITH_RDP_NUMBERED]) {
      assert.deepEqual(commandsFor(text, rdp, rdp), []);
      assert.deepEqual(foundRules(rdp, readRunningConfig(text, OBJECT)), desiredRules(rdp));
    }
    assert.deepEqual(desiredRules(rdp), [
      "ip access-list extended SPS-rdp-IN: permit tcp 192.168.50.0 0.0.0.255 10.0.0.0 0.0.0.127 eq 3389",
      "interface Gi0/1: match ip address SPS-rdp-IN, set ip next-hop 172.16.9.2, set interface Null0",
    ]);
  });

  it("detaches the route-map first and removes the access list last", () => {
    assert.deepEqual(commandsFor(WITH_RDP, NOTHING, rdp), REMOVE_RDP);
  });

  it("undoes a creation with the commands of the removal, and a removal with those of the creation", () => {
    assert.deepEqual(undoCommands(planChanges(contextFor(CLEAN, rdp)).changes), [
      "interface GigabitEthernet0/1",
      "no ip policy route-map SPS-GigabitEthernet0-1",
      "exit",
      "no route-map SPS-GigabitEthernet0-1 permit 10",
      "no ip access-list extended SPS-rdp-IN",
    ]);
    assert.deepEqual(undoCommands(planChanges(contextFor(WITH_RDP, NOTHING, rdp)).changes), CREATE_RDP);
  });

  it("changes ports in the live sequence, which matches a second access list before the old one goes", () => {
    const more = wanted(redirection({ ports: [22, 3389, "5900-5910"], serverCidrs: ["10.0.0.5/32"] }));
    assert.deepEqual(commandsFor(WITH_RDP, more, rdp), [
      "ip access-list extended SPS-rdp-IN-2",
      "remark safeguard owner 0123456789ab",
      "permit tcp 192.168.50.0 0.0.0.255 host 10.0.0.5 eq 22",
      "permit tcp 192.168.50.0 0.0.0.255 host 10.0.0.5 eq 3389",
      "permit tcp 192.168.50.0 0.0.0.255 host 10.0.0.5 range 5900 5910",
      "exit",
      "route-map SPS-GigabitEthernet0-1 permit 10",
      "match ip address SPS-rdp-IN-2",
      "exit",
      "route-map SPS-GigabitEthernet0-1 permit 10",
      "no match ip address SPS-rdp-IN",
      "exit",
      "no ip access-list extended SPS-rdp-IN",
    ]);
    const undo = undoCommands(planChanges(contextFor(WITH_RDP, more, rdp)).changes);
    assert.deepEqual(undo.slice(-7), [
      "route-map SPS-GigabitEthernet0-1 permit 10",
      "match ip address SPS-rdp-IN",
      "exit",
      "route-map SPS-GigabitEthernet0-1 permit 10",
      "no match ip address SPS-rdp-IN-2",
      "exit",
      "no ip access-list extended SPS-rdp-IN-2",
    ]);
  });

  it("changes only the sequence for another SPS or fail mode", () => {
    const open = wanted(redirection({ spsAddress: "172.16.9.3", failMode: "open" }));
    assert.deepEqual(commandsFor(WITH_RDP, open, rdp), [
      "route-map SPS-GigabitEthernet0-1 permit 10",
      "set ip next-hop 172.16.9.3",
      "exit",
      "route-map SPS-GigabitEthernet0-1 permit 10",
      "no set ip next-hop 172.16.9.2",
      "no set interface Null0",
      "exit",
    ]);
  });

  it("adds and removes one of two redirections of an interface without touching the other", () => {
    const both = wanted(redirection(), redirection({ name: "ssh", ports: [22], serverCidrs: ["10.0.0.5/32"] }));
    const commands = commandsFor(WITH_RDP, both, rdp);
    assert.deepEqual(commands, [
      "ip access-list extended SPS-ssh-IN",
      "remark safeguard owner 0123456789ab",
      "permit tcp 192.168.50.0 0.0.0.255 host 10.0.0.5 eq 22",
      "exit",
      "route-map SPS-GigabitEthernet0-1 permit 20",
      "match ip address SPS-ssh-IN",
      "set ip next-hop 172.16.9.2",
      "set interface Null0",
      "exit",
    ]);
    const there = WITH_RDP.replace(
      /\nend\n/,
      `\n${commands.map((line) => (/^(ip access|route-map)/.test(line) ? line : ` ${line}`)).join("\n")}\nend\n`,
    ).replaceAll("\n exit", "");
    assert.deepEqual(commandsFor(there, rdp, both), [
      "no route-map SPS-GigabitEthernet0-1 permit 20",
      "no ip access-list extended SPS-ssh-IN",
    ]);
  });

  it("sends the answers of servers to SPS too in address mode client", () => {
    const client = wanted(redirection({ addressMode: "client", serverInterfaces: ["address:10.0.0.1"] }));
    assert.deepEqual(commandsFor(CLEAN, client).slice(4), [
      ...CREATE_RDP.slice(4, 9),
      "ip access-list extended SPS-rdp-OUT",
      "remark safeguard owner 0123456789ab",
      "permit tcp 10.0.0.0 0.0.0.127 eq 3389 192.168.50.0 0.0.0.255",
      "exit",
      "route-map SPS-GigabitEthernet0-2 permit 10",
      "match ip address SPS-rdp-OUT",
      "set ip next-hop 172.16.9.2",
      "set interface Null0",
      "exit",
      ...CREATE_RDP.slice(9),
      "interface GigabitEthernet0/2",
      "ip policy route-map SPS-GigabitEthernet0-2",
      "exit",
    ]);
  });

  it("repairs a sequence with a further next hop, and a route-map that is not attached", () => {
    const changed = WITH_RDP.replace("set ip next-hop 172.16.9.2", "set ip next-hop 172.16.9.2 172.16.9.7");
    assert.deepEqual(commandsFor(changed, rdp, rdp), [
      "route-map SPS-GigabitEthernet0-1 permit 10",
      "no set ip next-hop 172.16.9.7",
      "exit",
    ]);
    const marked = WITH_RDP.replace("set ip next-hop 172.16.9.2", "set ip next-hop 172.16.9.2\n set ip dscp ef");
    assert.deepEqual(commandsFor(marked, rdp, rdp), [
      "route-map SPS-GigabitEthernet0-1 permit 20",
      ...CREATE_RDP.slice(5, 9),
      "no route-map SPS-GigabitEthernet0-1 permit 10",
    ]);
    const loose = WITH_RDP.replace(" ip policy route-map SPS-GigabitEthernet0-1\n", "");
    assert.deepEqual(commandsFor(loose, rdp, rdp), CREATE_RDP.slice(9));
    assert.equal(foundRules(rdp, readRunningConfig(loose, OBJECT)).length, 1);
  });

  it("records the owner in remarks of at most 100 characters without a question mark", () => {
    const owner = {
      id: "0123456789ab",
      urn: `urn:pulumi:prod::netz?::safeguard:RouterRedirection::${"ü$x".repeat(40)}`,
    };
    const remarks = ownerRemarks(owner);
    assert.deepEqual(ownerOf(remarks), owner);
    assert.ok(remarks.every((remark) => remark.length <= 100 && /^[ -~]+$/.test(remark) && !remark.includes("?")));
    assert.equal(ownerOf(["of others"]), undefined);
  });
});

describe("checks before a change of a Cisco router", () => {
  const refused = (text: string, parts: Record<string, unknown>, isAdopting = false) => {
    try {
      requirePreconditions(contextFor(text, wanted(redirection(parts)), NOTHING, isAdopting));
    } catch (error) {
      const { code, message } = error as { code: string; message: string };
      return `${code} ${message.replace(`${OBJECT}: check the router: `, "").split(";")[0]}`;
    }
    return "accepted";
  };

  it("accepts a redirection that fits", () => {
    assert.equal(refused(CLEAN, {}), "accepted");
  });

  it("refuses interfaces that are missing, ambiguous, in a VRF, of a switch or without an address", () => {
    const cases: [Record<string, unknown>, string][] = [
      [{ clientInterfaces: ["Gi0/9"] }, "SG3103 interface Gi0/9 does not exist"],
      [{ clientInterfaces: ["address:10.9.9.9"] }, "SG3103 interface address:10.9.9.9 does not exist"],
      [{ clientInterfaces: ["GigabitEthernet0/4"] }, "SG3103 interface GigabitEthernet0/4 is in VRF MGMT"],
      [{ clientInterfaces: ["Gi0/5"] }, "SG3103 interface GigabitEthernet0/5 is a port of a switch or channel"],
    ];
    for (const [parts, expected] of cases) assert.equal(refused(CLEAN, parts), expected);
    const text = CLEAN.replace(" vrf forwarding MGMT\n", "");
    assert.equal(refused(text, { clientInterfaces: ["Gi0/4"] }), "SG3104 interface GigabitEthernet0/4 is shut down");
  });

  it("refuses an SPS that is not on its interface or is the router", () => {
    assert.equal(
      refused(CLEAN, { spsAddress: "10.0.9.2" }),
      "SG3106 spsAddress 10.0.9.2 is in no network of interface GigabitEthernet0/3 (172.16.9.1/24)",
    );
    assert.equal(
      refused(CLEAN, { spsAddress: "172.16.9.1" }),
      "SG3107 spsAddress 172.16.9.1 is the address of interface GigabitEthernet0/3",
    );
  });

  it("refuses a strict source check towards SPS", () => {
    assert.equal(
      refused(CLEAN, { spsInterface: "Gi0/6", spsAddress: "203.0.113.2" }),
      "SG3111 interface GigabitEthernet0/6 verifies source addresses strictly, so it drops the answers of SPS, which have the addresses of servers",
    );
  });

  it("refuses to divert SSH connections to the router's own addresses, and warns for other ports", () => {
    assert.equal(
      refused(CLEAN, { ports: [22] }),
      "SG3112 redirection rdp would also send SSH and Telnet connections to the router's own address 10.0.0.1 to SPS",
    );
    assert.equal(refused(CLEAN, { ports: ["20-30"], serverCidrs: ["10.0.0.254/32"] }).slice(0, 6), "SG3112");
    assert.deepEqual(warnings(contextFor(CLEAN, wanted(redirection()))), [
      "redirection rdp also sends connections to the router's own address 10.0.0.1 to SPS",
      "interface GigabitEthernet0/1 has `ip nat inside`, which may drop or change packets of the redirections",
    ]);
  });

  it("refuses an interface with a route-map of others, and sequences of others in its own", () => {
    assert.equal(
      refused(CLEAN, { clientInterfaces: ["Gi0/6"] }),
      "SG3208 interface GigabitEthernet0/6 has route-map THEIRS, and an interface can have only one",
    );
    const mixed = WITH_RDP.replace(
      /\nend\n/,
      "\nroute-map SPS-GigabitEthernet0-1 permit 5\n match ip address 7\nend\n",
    );
    assert.match(refused(mixed, {}), /^SG3208 route-map SPS-GigabitEthernet0-1 has sequence 5, which belongs to no/);
  });

  it("recognizes a route-map that an earlier version made by its owner and its only interface", () => {
    const made = WITH_RDP.replaceAll("SPS-GigabitEthernet0-1", "SPS-GigabitEthernet0-1-1").replace(
      "interface GigabitEthernet0/1\n",
      "interface GigabitEthernet0/1.1\n",
    );
    const web = { clientInterfaces: ["Gi0/1.1"], name: "web", ports: [80] };
    assert.equal(refused(made, web), "accepted");
    assert.deepEqual(
      commandsFor(made, NOTHING, wanted(redirection())),
      REMOVE_RDP.map((line) =>
        line
          .replace("GigabitEthernet0/1", "GigabitEthernet0/1.1")
          .replace("GigabitEthernet0-1", "GigabitEthernet0-1-1"),
      ),
    );
    const like = (text: string) => made.replace(/\nend\n/, `\n${text}\nend\n`);
    const others = [
      made.replace(" remark safeguard owner 0123456789ab\n", ""),
      made.replace(" match ip address SPS-rdp-IN\n", " match ip address 7\n"),
      made.replace("route-map THEIRS\n", "route-map SPS-GigabitEthernet0-1-1\n"),
      like("interface GigabitEthernet0/1/1\n ip address 192.168.60.1 255.255.255.0"),
      like("route-map SPS-GigabitEthernet0-1-1 permit 20\n match ip address 7"),
    ];
    for (const text of others)
      assert.match(
        refused(text, web),
        /^SG3208 interface GigabitEthernet0\/1\.1 has route-map SPS-GigabitEthernet0-1-1/,
        text,
      );
  });

  it("refuses traffic that another resource sends to another SPS on the same interface", () => {
    const other = WITH_RDP.replace("0123456789ab", "ffffffffffff");
    const web = { name: "web", serverCidrs: ["10.0.0.64/26"], ports: ["3000-4000"], spsAddress: "172.16.9.3" };
    assert.equal(
      refused(other, web),
      "SG3204 redirection web overlaps with redirection rdp of another resource, which goes to 172.16.9.2",
    );
    for (const parts of [
      { ports: [3390] },
      { serverCidrs: ["10.0.0.128/25"] },
      { clientCidrs: ["192.168.51.0/24"] },
      { clientInterfaces: ["Gi0/2"] },
      { spsAddress: "172.16.9.2" },
    ]) {
      assert.equal(refused(other, { ...web, ...parts }), "accepted", JSON.stringify(parts));
    }
    assert.equal(
      refused(other.replace(/ permit tcp 192.*/, " permit tcp any any eq www 3389"), web).slice(0, 6),
      "SG3204",
    );
  });

  it("refuses a redirection of another resource or of none, unless it adopts it", () => {
    const other = WITH_RDP.replace("0123456789ab", "ffffffffffff");
    const none = WITH_RDP.replace(/ remark safeguard.*\n/, "");
    assert.equal(
      refused(other, { ports: [3390] }),
      "SG3201 redirection rdp exists and belongs to another resource (id ffffffffffff)",
    );
    assert.equal(refused(none, {}), "SG3201 redirection rdp exists and records no resource as its owner");
    assert.deepEqual([refused(other, {}, true), refused(none, {}, true)], ["accepted", "accepted"]);
  });

  it("leaves a redirection alone that belongs to another resource by now", () => {
    const other = WITH_RDP.replace("0123456789ab", "ffffffffffff");
    const context = contextFor(other, { ...NOTHING, owner: OWNER }, wanted(redirection()));
    assert.deepEqual([context.left, planChanges(context)], [["rdp"], { changes: [], cleanup: [] }]);
  });

  it("refuses a route-map whose numbers are used up, and a router that does not route", () => {
    const full = WITH_RDP.replace(
      "permit 10\n match ip address SPS-rdp-IN",
      "permit 65530\n match ip address SPS-rdp-IN",
    );
    const both = wanted(redirection(), redirection({ name: "web", ports: [3390] }));
    const context = contextFor(full, both, wanted(redirection()));
    assert.throws(() => planChanges(context), { code: "SG3209" });
    assert.match(refused(CLEAN.replace("hostname", "no ip routing\nhostname"), {}), /^SG3105 .*`no ip routing`/);
  });
});
