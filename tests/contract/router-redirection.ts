import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LabNetwork } from "../../lab/network/network";
import { UNKNOWN } from "./appliances";
import type { Properties } from "./provider";
import type { ResourceCase, TestBed } from "./resource-case";
import { routerSnapshot } from "./router-snapshot";

/** A router in its own network. */
export interface RouterTestBed extends TestBed {
  readonly network: LabNetwork;
}

/** A well-formed key that the router does not accept. */
const OTHER_KEY = generateKeyPairSync("ec", { namedCurve: "P-256" })
  .privateKey.export({ format: "pem", type: "sec1" })
  .toString();

function inputsOf(network: LabNetwork, router: Properties = {}, redirection: Properties = {}): Properties {
  const { address, port, username, hostKey, privateKeyFile } = network.description.router;
  return {
    platform: "linux",
    // The checks of previews on the router are tested with the resource itself.
    preview: "never",
    router: { address, port, username, hostKey, privateKey: readFileSync(privateKeyFile, "utf8"), ...router },
    redirections: [
      {
        name: "rdp",
        clientInterfaces: ["rcli"],
        clientCidrs: ["192.168.50.0/24"],
        serverCidrs: ["10.0.0.0/24"],
        ports: [8080, 3389],
        spsAddress: "172.16.9.2",
        spsInterface: "rsps",
        ...redirection,
      },
    ],
  };
}

/** The rules of the redirection above, for ports in the syntax of iptables. */
function rules(ports: string): string[] {
  return [
    "route: default via 172.16.9.2 dev rsps table 10302 proto 103",
    "route: unreachable default metric 4294967295 table 10302 proto 103",
    "rp_filter: rsps not strict",
    "rule: pref 10302 fwmark 0x2/0xff lookup 10302 protocol 103",
    `mangle: -A SPS-R-rdp -s 192.168.50.0/24 -d 10.0.0.0/24 -i rcli -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -m multiport --dports ${ports} -m comment --comment "sps:rdp:client" -j CONNMARK --set-xmark 0x2/0xff`,
    'mangle: -A SPS-R-rdp ! -i rsps -m connmark --mark 0x2/0xff -m comment --comment "sps:rdp:restore" -j MARK --set-xmark 0x2/0xff',
    'mangle: -A PREROUTING -m comment --comment "sps:rdp" -j SPS-R-rdp',
  ];
}

const outputsFor = (ports: string): Properties => ({
  rules: rules(ports),
  interfaces: [
    { name: "rcli", addresses: ["192.168.50.1/24"] },
    { name: "rsps", addresses: ["172.16.9.1/24"] },
  ],
});

const objectOf = ({ network }: RouterTestBed) => {
  const { address, port } = network.description.router;
  return `router ${address}:${port}`;
};

/**
 * One redirection on a Linux router. It has no interruption: the changes are one transaction, whose rollback is tested with
 * the resource itself.
 */
export const routerRedirectionCase: ResourceCase<RouterTestBed> = {
  resource: "RouterRedirection",
  unavailable: () => LabNetwork.unavailableReason(),

  async open(name) {
    const directory = mkdtempSync(join(tmpdir(), "safeguard-contract-"));
    const network = await LabNetwork.start({ labName: `${name}-${process.pid}`.slice(0, 40), directory });
    const inputs = inputsOf(network);
    const key = readFileSync(network.description.router.privateKeyFile, "utf8").split("\n");
    const other = OTHER_KEY.split("\n");
    return {
      network,
      inputs,
      secrets: [key[1] ?? "", other[1] ?? ""],
      snapshot: () => routerSnapshot(network),
      requests: () => undefined,
      async close() {
        await network.stop();
        rmSync(directory, { recursive: true, force: true });
      },
    };
  },

  previews: ({ network, inputs }) => [
    {
      title: "an unknown private key, all rules known",
      inputs: inputsOf(network, { privateKey: UNKNOWN }),
      checked: { rules: rules("3389,8080"), router: { privateKey: UNKNOWN } },
    },
    {
      title: "an unknown SPS address",
      inputs: inputsOf(network, {}, { spsAddress: UNKNOWN }),
      checked: { rules: UNKNOWN },
    },
    {
      title: "an unknown port",
      inputs: inputsOf(network, {}, { ports: [3389, UNKNOWN] }),
      checked: { rules: UNKNOWN },
    },
    { title: "an unknown router", inputs: { ...inputs, router: UNKNOWN }, checked: { rules: rules("3389,8080") } },
    {
      title: "an unknown list of redirections",
      inputs: { ...inputs, redirections: UNKNOWN },
      checked: { rules: UNKNOWN },
    },
  ],

  refusals(testBed) {
    const { network, inputs } = testBed;
    const network4 =
      "an IPv4 network without host bits, such as 10.0.0.0/24, that is not all addresses, loopback or multicast (IPv6 is not supported)";
    const invalid = (title: string, redirection: Properties, path: string, shown: string, allowed: string) => ({
      title,
      inputs: inputsOf(network, {}, redirection),
      reasons: [`Invalid value for redirections[0].${path}: ${shown}. Allowed values are: ${allowed}.`],
    });
    const ports = '1 to 65535, or a range such as "5900-5910"';
    const [first] = inputs.redirections as Properties[];
    return [
      {
        title: "an unknown platform",
        inputs: { ...inputs, platform: "junos" },
        reasons: ["Invalid value for platform: junos. Allowed values are: linux, cisco-ios, sophos-utm, check-point."],
      },
      invalid("an IPv6 network", { serverCidrs: ["2001:db8::/64"] }, "serverCidrs[0]", "2001:db8::/64", network4),
      invalid("host bits", { clientCidrs: ["192.168.50.7/24"] }, "clientCidrs[0]", "192.168.50.7/24", network4),
      invalid("port 0", { ports: [0] }, "ports[0]", "0", ports),
      invalid("port 70000", { ports: [3389, 70000] }, "ports[1]", "70000", ports),
      invalid("a reversed port range", { ports: ["90-80"] }, "ports[0]", "90-80", ports),
      invalid(
        "an IPv6 address of SPS",
        { spsAddress: "2001:db8::2" },
        "spsAddress",
        "2001:db8::2",
        "the IPv4 address of a host, such as 10.0.0.1 (IPv6 is not supported)",
      ),
      {
        title: "SPS among the servers",
        inputs: inputsOf(network, {}, { serverCidrs: ["172.16.9.0/24"] }),
        reasons: [
          "redirections[0].serverCidrs: 172.16.9.0/24 contains spsAddress 172.16.9.2; name the servers without SPS",
        ],
      },
      {
        title: "clients on the interface of SPS",
        inputs: inputsOf(network, {}, { clientInterfaces: ["rsps"] }),
        reasons: [
          "redirections[0].clientInterfaces: rsps is also spsInterface; SPS needs an interface without clients",
        ],
      },
      {
        title: "two redirections that overlap",
        inputs: { ...inputs, redirections: [first, { ...first, name: "second", spsAddress: "172.16.9.3" }] },
        reasons: [
          "redirections[1]: overlaps with redirection rdp, which goes to another SPS; let them differ in clientInterfaces, clientCidrs, serverCidrs or ports, or send both to the same SPS",
        ],
      },
      {
        title: "one name twice",
        inputs: { ...inputs, redirections: [first, first] },
        reasons: ["redirections[1].name: rdp is used twice; give every redirection a name of its own"],
      },
      {
        title: "no login credential",
        inputs: inputsOf(network, { privateKey: undefined }),
        reasons: [
          "router: no password, private key or agent is set; set password, passwordEnv, passwordFile, privateKey, privateKeyEnv, privateKeyFile or agent",
        ],
      },
      {
        title: "an invalid host key",
        inputs: inputsOf(network, { hostKey: "ssh-ed25519 not-a-key" }),
        reasons: [/^Invalid value for router\.hostKey\. Allowed values are: .+\.$/],
      },
      {
        title: "a private key given as an object",
        inputs: inputsOf(network, { privateKey: { key: testBed.secrets[0] } }),
        reasons: [
          "Invalid value for router.privateKey. Allowed values are: text that is not empty; or set privateKeyEnv or privateKeyFile instead.",
        ],
      },
    ];
  },

  mismatches(testBed) {
    const { network } = testBed;
    const object = objectOf(testBed);
    const sameKey = network.description.router.hostKey;
    return [
      {
        title: "a wrong host key",
        inputs: inputsOf(network, {
          hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f",
        }),
        error: `${object}: log in over SSH: its host key is not the pinned one; it presents ${sameKey}; if this host was given a new key on purpose, put its line into hostKey or knownHosts; if not, the connection may be intercepted [SG3003]`,
      },
      {
        title: "a private key the router does not accept",
        inputs: inputsOf(network, { privateKey: OTHER_KEY }),
        error: new RegExp(`^${object}: log in over SSH: .*\\[SG3004\\]$`),
      },
      {
        title: "an interface that does not exist",
        inputs: inputsOf(network, {}, { clientInterfaces: ["eth7"] }),
        error: new RegExp(
          `^${object}: check the router: redirection rdp: interface eth7 does not exist; correct the name; the router has .*rcli.* \\[SG3103\\]$`,
        ),
      },
      {
        title: "an SPS address outside the network of the interface",
        inputs: inputsOf(network, {}, { spsAddress: "172.16.99.2" }),
        error: `${object}: check the router: redirection rdp: spsAddress 172.16.99.2 is not directly reachable on rsps, which reaches 172.16.9.0/24; choose the interface whose network contains SPS, or correct spsAddress [SG3106]`,
      },
      {
        title: "the router's own address as spsAddress",
        inputs: inputsOf(network, {}, { spsAddress: "172.16.9.1" }),
        error: `${object}: check the router: redirection rdp: spsAddress 172.16.9.1 is the router's own address on rsps; set spsAddress to the address of SPS [SG3107]`,
      },
    ];
  },

  outputs: () => outputsFor("3389,8080"),

  phases: [/^router [\d.:]+: made and verified \d+ changes$/],

  change: ({ network }) => ({
    inputs: inputsOf(network, {}, { ports: ["5900-5910", 3389] }),
    outputs: outputsFor("3389,5900:5910"),
  }),

  access: ({ network }) => inputsOf(network, { privateKey: OTHER_KEY }),

  counts: () => [],

  async gone(_stage, recorded) {
    const [first] = recorded.redirections as Properties[];
    return { ...recorded, redirections: [{ ...first, name: "never-made" }] };
  },
};
