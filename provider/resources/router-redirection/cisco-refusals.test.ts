import assert from "node:assert/strict";
import { openTerminal } from "../../../lab/cisco-ios/terminal-client.test";
import { CiscoLab } from "./cisco-lab.test";
import { routerRedirection as resource } from "./operations";

/** What an administrator types on the router, and what a preview says about a redirection then. */
interface Trap {
  lines: string[];
  /** Parts of the redirection that differ from the usual one. */
  parts?: Record<string, unknown>;
  /** `CODE cause` of each refusal. */
  refused?: string[];
  /** Parts of warnings. */
  warned?: string[];
}

const MGMT = ["vrf definition MGMT", "address-family ipv4", "exit-address-family"];
const STRICT =
  "SG3111 interface GigabitEthernet3 verifies source addresses strictly, so it drops the answers of SPS, which have the addresses of servers";
const CLIENTS = "interface GigabitEthernet1";
const has = (line: string) => `interface GigabitEthernet1 has \`${line}\`, which may drop or change packets`;

const TRAPS: Record<string, Trap> = {
  "an interface in a VRF": {
    lines: [...MGMT, CLIENTS, "vrf forwarding MGMT", "ip address 192.168.50.1 255.255.255.0"],
    refused: ["SG3103 interface GigabitEthernet1 is in VRF MGMT"],
  },
  "the port of a switch": {
    lines: [CLIENTS, "switchport", "switchport mode access"],
    refused: ["SG3103 interface GigabitEthernet1 is a port of a switch or channel"],
  },
  "the port of a channel": {
    lines: [CLIENTS, "channel-group 1 mode active"],
    refused: ["SG3103 interface GigabitEthernet1 is a port of a switch or channel"],
  },
  "an interface without an address": {
    lines: [CLIENTS, "no ip address"],
    refused: ["SG3103 interface GigabitEthernet1 has no fixed IPv4 address"],
  },
  "an interface that is shut down": {
    lines: [CLIENTS, "shutdown"],
    refused: ["SG3104 interface GigabitEthernet1 is shut down"],
  },
  "a router that does not route": {
    lines: ["no ip routing"],
    refused: ["SG3105 the configuration has `no ip routing`"],
  },
  "an SPS in no network of its interface": {
    lines: ["interface gi3", "ip address 172.16.8.1 255.255.255.0"],
    refused: ["SG3106 spsAddress 172.16.9.2 is in no network of interface GigabitEthernet3 (172.16.8.1/24)"],
  },
  "an SPS in the network of a secondary address": {
    lines: ["interface gi3", "ip address 172.16.8.1 255.255.255.0 secondary"],
    parts: { spsAddress: "172.16.8.2" },
  },
  "an SPS with a secondary address of the router": {
    lines: ["interface gi3", "ip address 172.16.9.2 255.255.255.0 secondary"],
    refused: ["SG3107 spsAddress 172.16.9.2 is the address of interface GigabitEthernet3"],
  },
  "a strict check of sources": {
    lines: ["interface gi3", "ip verify unicast source reachable-via rx"],
    refused: [STRICT],
  },
  "a strict check of sources that lets the default route count": {
    lines: ["interface gi3", "ip verify unicast source reachable-via rx allow-default"],
    refused: [STRICT],
  },
  "a strict check of sources in its old spelling": {
    lines: ["interface gi3", "ip verify unicast reverse-path"],
    refused: [STRICT],
  },
  "a loose check of sources": { lines: ["interface gi3", "ip verify unicast source reachable-via any"] },
  "SSH to a virtual address of the router": {
    lines: ["interface gi2", "standby 1 ip 10.0.0.254"],
    parts: { serverCidrs: ["10.0.0.254/32"], ports: [22] },
    refused: [
      "SG3112 redirection rdp would also send SSH and Telnet connections to the router's own address 10.0.0.254 to SPS",
    ],
  },
  "SSH to a secondary address of the router": {
    lines: ["interface gi2", "ip address 10.0.1.1 255.255.255.0 secondary"],
    parts: { serverCidrs: ["10.0.1.0/24"], ports: [22] },
    refused: [
      "SG3112 redirection rdp would also send SSH and Telnet connections to the router's own address 10.0.1.1 to SPS",
    ],
  },
  "an interface with a route-map of others": {
    lines: ["route-map THEIRS permit 10", "set ip next-hop 10.0.0.9", CLIENTS, "ip policy route-map THEIRS"],
    refused: ["SG3208 interface GigabitEthernet1 has route-map THEIRS, and an interface can have only one"],
  },
  "a policy of the router's own packets": {
    lines: ["ip local policy route-map OWN"],
    warned: ["`ip local policy route-map OWN` also routes the router's own packets, such as its probes of SPS"],
  },
  "functions that may drop or change packets": {
    lines: [
      "zone security INSIDE",
      CLIENTS,
      "zone-member security INSIDE",
      "ip inspect FW in",
      "ip wccp 61 redirect in",
      "ip access-group 101 in",
      "ip nat inside",
      "crypto map VPN",
    ],
    warned: ["zone-member security INSIDE", "ip inspect FW in", "ip wccp 61 redirect in", "ip access-group 101 in"]
      .concat("ip nat inside", "crypto map VPN")
      .map(has),
  },
  "IPv6 beside the redirected traffic": {
    lines: [CLIENTS, "ipv6 address 2001:db8::1/64"],
    warned: ["interface GigabitEthernet1 has IPv6, which is not redirected"],
  },
};

describe("RouterRedirection on a Cisco router: what an administrator typed", function () {
  this.timeout(20_000);
  let lab: CiscoLab;

  beforeEach(async () => {
    lab = await CiscoLab.start("cisco-refusals", false);
  });
  afterEach(async () => {
    await lab.stop();
  });

  for (const [name, { lines, parts = {}, refused = [], warned = [] }] of Object.entries(TRAPS)) {
    it(`previews with ${name} ${refused.length > 0 ? "refuse" : warned.length > 0 ? "warn" : "pass"}`, async () => {
      const terminal = await openTerminal(lab.router);
      await terminal.type("configure terminal");
      for (const line of lines) {
        const answer = await terminal.type(line);
        assert.doesNotMatch(answer, /% ?Invalid|not configured|does not exist/, line);
      }
      await terminal.type("end");
      terminal.close();
      const before = lab.running;
      const inputs = {
        ...(await lab.inputsWith({ serverCidrs: ["10.0.0.5/32"], ...parts })),
        preview: "always" as const,
      };
      const commands = await lab.commandsDuring(async () => {
        const { failures, notes } = await resource.preview(undefined, inputs, lab.context());
        const causes = failures.map(({ code, reason }) => {
          return `${code} ${reason
            .replace(/^.*check the router: /, "")
            .split(";")[0]
            ?.replace(/ \[SG\d+\]$/, "")}`;
        });
        assert.deepEqual(causes, refused);
        const warnings = notes.filter(({ severity }) => severity === "warning").map(({ text }) => text);
        assert.equal(warnings.length, warned.length, warnings.join("\n"));
        for (const [index, text] of warned.entries()) assert.ok(warnings[index]?.includes(text), warnings[index]);
      });
      assert.deepEqual([commands, lab.running], [[], before]);
    });
  }
});
