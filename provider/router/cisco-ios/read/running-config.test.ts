import assert from "node:assert/strict";
import { entryText, parseEntry } from "../model/access-entry";
import { CLEAN, WITH_RDP, WITH_RDP_NUMBERED } from "./configurations.test";
import { readRunningConfig } from "./running-config";

const canonical = (line: string) => {
  const entry = parseEntry(line);
  return entry && entryText(entry);
};

describe("reading a Cisco running configuration", () => {
  it("reads interfaces with addresses, route-map, VRF and source check", () => {
    const { hostname, isRouting, interfaces } = readRunningConfig(CLEAN, "router 10.0.0.1");
    assert.deepEqual([hostname, isRouting], ["edge-1", true]);
    assert.deepEqual(
      [...interfaces.keys()],
      ["Loopback0", ...[1, 2, 3, 4, 5, 6].map((number) => `GigabitEthernet0/${number}`)],
    );
    const of = (number: number) => interfaces.get(`GigabitEthernet0/${number}`) ?? assert.fail();
    assert.deepEqual(of(1).filters, ["ip nat inside"]);
    assert.deepEqual([of(2).addresses, of(2).virtualAddresses], [["10.0.0.1/24", "10.0.1.1/25"], ["10.0.0.254"]]);
    assert.deepEqual([of(4).vrf, of(4).isShutDown, of(5).isBridged], ["MGMT", true, true]);
    assert.deepEqual([of(6).policy, of(6).hasStrictSourceCheck], ["THEIRS", true]);
    assert.deepEqual([of(3).policy, of(3).hasStrictSourceCheck, of(3).isBridged], [undefined, false, false]);
  });

  it("reads virtual addresses in the spelling of VRRP version 3", () => {
    const vrrp = [" vrrp 1 address-family ipv4", "  priority 110", "  address 10.0.0.253 primary", "  exit-vrrp"];
    const text = CLEAN.replace(" standby 1 ip 10.0.0.254", vrrp.join("\n"));
    const { interfaces } = readRunningConfig(text, "router 10.0.0.1");
    assert.deepEqual(interfaces.get("GigabitEthernet0/2")?.virtualAddresses, ["10.0.0.253"]);
  });

  it("takes no text of a banner or a macro for commands", () => {
    const fakes = "interface Loopback99\nno ip routing\nip access-list extended SPS-rdp-IN\nroute-map X permit 10";
    const texts = [
      `aaa authentication banner ^C\n${fakes}\n^C`,
      `aaa authentication fail-message #\n${fakes}\n#`,
      `macro name cisco-desktop\nsnmp-server contact noc@x\n${fakes}\n@`,
      `banner login ^CSome text\n${fakes}\n^C`,
      `menu ops title ^C\n${fakes}\n^C`,
    ];
    const clean = readRunningConfig(CLEAN, "router 10.0.0.1");
    for (const text of texts) {
      const found = readRunningConfig(CLEAN.replace(/\nend\n/, `\n${text}\nend\n`), "router 10.0.0.1");
      const { otherLines: _, ...rest } = found;
      const { otherLines: __, ...expected } = clean;
      assert.deepEqual(rest, expected, text);
    }
  });

  it("reads clauses of route-maps and keeps the ones it does not know", () => {
    const { sequences, accessLists } = readRunningConfig(CLEAN, "router 10.0.0.1");
    assert.deepEqual([...accessLists.keys()], ["THEIRS"], "a banner holds no commands");
    assert.deepEqual(
      sequences.map(({ lines: _, ...rest }) => rest),
      [
        {
          map: "THEIRS",
          action: "permit",
          number: 10,
          accessLists: ["THEIRS", "101"],
          verifiedHops: [],
          nextHops: ["203.0.113.9", "203.0.113.10"],
          setInterfaces: [],
          others: ["description to the proxy"],
        },
        {
          map: "THEIRS",
          action: "permit",
          number: 20,
          accessLists: [],
          verifiedHops: [{ address: "203.0.113.9", order: 1, track: 2 }],
          nextHops: [],
          setInterfaces: [],
          others: ["match ip address prefix-list ALL"],
        },
      ],
    );
  });

  it("reads the spellings of IOS and IOS-XE as the same access list", () => {
    const [plain, numbered] = [WITH_RDP, WITH_RDP_NUMBERED].map((text) => {
      const { name, remarks, entries } =
        readRunningConfig(text, "router 10.0.0.1").accessLists.get("SPS-rdp-IN") ?? assert.fail();
      return { name, remarks, entries };
    });
    assert.deepEqual(plain, {
      name: "SPS-rdp-IN",
      remarks: ["safeguard owner 0123456789ab"],
      entries: ["permit tcp 192.168.50.0 0.0.0.255 10.0.0.0 0.0.0.127 eq 3389"],
    });
    assert.deepEqual(numbered, plain);
  });

  it("brings names of ports, host masks, counters and blanks of entries into one form", () => {
    for (const [line, expected] of [
      ["permit tcp any any eq www", "permit tcp any any eq 80"],
      ["10 permit tcp host 10.0.0.5 any eq 22 (15 matches)", "permit tcp host 10.0.0.5 any eq 22"],
      ["    40 deny   ip any any log (1 match)", "deny ip any any log"],
      [
        "permit tcp 10.0.0.5 0.0.0.0 0.0.0.0 255.255.255.255 range ftp-data bgp",
        "permit tcp host 10.0.0.5 any range 20 179",
      ],
      [
        "20 permit tcp host 10.16.2.2 eq www telnet 443 any ttl eq 255",
        "permit tcp host 10.16.2.2 eq 80 23 443 any ttl eq 255",
      ],
      ["30 permit ip object-group local object-group remote", "permit ip object-group local object-group remote"],
      ["permit udp any eq snmp bootpc 10.1.0.0 0.0.0.255", "permit udp any eq 161 68 10.1.0.0 0.0.0.255"],
      ["permit tcp any any range onep-plain onep-tls", "permit tcp any any range 15001 15002"],
      ["permit object-group WEB any any", undefined],
      ["permit tcp any 10.1.1.0 0.0.255.255 established psh", "permit tcp any 10.1.1.0 0.0.255.255 established psh"],
      ["evaluate mirrored", undefined],
      ["permit tcp any", undefined],
      ["dynamic test permit tcp any any", undefined],
    ] as const) {
      assert.equal(canonical(line), expected, line);
    }
  });

  it("refuses a text that is no whole configuration", () => {
    const hidden = () => readRunningConfig("hostname edge-1\nend\n", "router 10.0.0.1");
    assert.throws(hidden, { code: "SG3102", message: /`show running-config` shows no interface; give the user/ });
    for (const text of ["", "% Invalid input detected at '^' marker.", CLEAN.slice(0, 500)]) {
      assert.throws(() => readRunningConfig(text, "router 10.0.0.1"), {
        code: "SG3102",
        message:
          /^router 10\.0\.0\.1: read the router: `show running-config` printed no whole configuration; let the user/,
      });
    }
  });
});
