import { stepsOfTwoNodes } from "../support/cluster-steps";
import { type ApplianceTestBed, connectionOf, interrupt, openAppliances, UNKNOWN } from "./appliances";
import type { Properties } from "./provider";
import type { ResourceCase } from "./resource-case";

const addressOf = (testBed: ApplianceTestBed, index: number) => testBed.lab.description.sps[index]?.address ?? "";
const nodeIdOf = (testBed: ApplianceTestBed, index: number) => testBed.lab.description.sps[index]?.nodeId ?? "";

/** Connections of the first two nodes; `parts` changes both. */
function inputsOf(lab: ApplianceTestBed["lab"], parts: Properties = {}): Properties {
  const [central, member] = lab.description.sps;
  if (!central || !member) throw new Error("the lab has too few nodes");
  return {
    centralManagement: connectionOf(central, parts),
    members: [{ connection: connectionOf(member, parts) }],
    // Its own tests count the requests of the preflight.
    preflight: "off",
  };
}

function nodes(testBed: ApplianceTestBed, roles: [string, string]): Properties[] {
  return roles.map((role, index) => ({
    nodeId: nodeIdOf(testBed, index),
    address: addressOf(testBed, index),
    hostName: testBed.lab.description.sps[index]?.hostName,
    roles: index === 0 ? ["central-management", role] : ["managed-host", role],
    synchronized: true,
    reachable: true,
    version: "8.0.0",
  }));
}

function steps(testBed: ApplianceTestBed): string[] {
  return stepsOfTwoNodes(addressOf(testBed, 0), addressOf(testBed, 1));
}

/** Two nodes that become a cluster, and a third node outside it. */
export const spsClusterCase: ResourceCase<ApplianceTestBed> = {
  resource: "SpsCluster",

  async open(name) {
    const testBed = await openAppliances(name, { spsCount: 3 });
    return { ...testBed, inputs: inputsOf(testBed.lab) };
  },

  previews(testBed) {
    const { centralManagement, members } = testBed.inputs;
    return [
      {
        title: "unknown passwords, all steps known",
        inputs: inputsOf(testBed.lab, { password: UNKNOWN }),
        checked: { steps: steps(testBed), searchRole: "search-local", members: [{ searchRole: "search-local" }] },
      },
      {
        title: "an unknown address",
        inputs: inputsOf(testBed.lab, { address: UNKNOWN }),
        checked: { steps: UNKNOWN, centralManagement: { address: UNKNOWN, port: 443 } },
      },
      {
        title: "an unknown connection",
        inputs: { centralManagement: UNKNOWN, members, preflight: "off" },
        checked: { steps: UNKNOWN },
      },
      {
        title: "an unknown member",
        inputs: { centralManagement, members: [UNKNOWN], preflight: "off" },
        checked: { members: [UNKNOWN] },
      },
      {
        title: "an unknown list of members",
        inputs: { centralManagement, members: UNKNOWN, preflight: "off" },
        checked: { members: UNKNOWN },
      },
    ];
  },

  refusals(testBed) {
    const { inputs } = testBed;
    const central = inputs.centralManagement as Properties;
    const secret = testBed.secrets[0] ?? "";
    const withCentral = (parts: Properties) => ({ ...inputs, centralManagement: { ...central, ...parts } });
    const invalid = (path: string, shown: string, allowed: string) => [
      `Invalid value for ${path}${shown}. Allowed values are: ${allowed}.`,
    ];
    const host = "an IPv4 address or a host name (IPv6 is not supported)";
    const [a, b] = [addressOf(testBed, 0), addressOf(testBed, 1)];
    return [
      {
        title: "an IPv6 address",
        inputs: withCentral({ address: "2001:db8::1" }),
        reasons: invalid("centralManagement.address", ": 2001:db8::1", host),
      },
      {
        title: "port 0",
        inputs: withCentral({ port: 0 }),
        reasons: invalid("centralManagement.port", ": 0", "1 to 65535"),
      },
      {
        title: "port 70000 of a member",
        inputs: { ...inputs, members: [{ connection: { ...central, address: b, port: 70000 } }] },
        reasons: invalid("members[0].connection.port", ": 70000", "1 to 65535"),
      },
      {
        title: "an empty password",
        inputs: withCentral({ password: "" }),
        reasons: invalid(
          "centralManagement.password",
          "",
          "text that is not empty; or set passwordEnv or passwordFile instead",
        ),
      },
      {
        title: "a password under a wrong name",
        inputs: withCentral({ pasword: secret }),
        reasons: ["Unknown property centralManagement.pasword. Did you mean password?"],
      },
      {
        title: "a whole connection as text, password included",
        inputs: { ...inputs, centralManagement: JSON.stringify({ address: a, password: secret }) },
        reasons: invalid("centralManagement", ": it is text", "an object"),
      },
      {
        title: "no Central Management node",
        inputs: { members: inputs.members },
        reasons: invalid("centralManagement", ": it is missing", "an object"),
      },
      {
        title: "an unknown search role",
        inputs: { ...inputs, searchRole: "search" },
        reasons: invalid("searchRole", ": search", "search-local, search-master, search-minion"),
      },
      {
        title: "a minion without a master",
        inputs: { ...inputs, searchRole: "search-minion" },
        reasons: [
          "Invalid value for searchRole: search-minion. There is no search master to send to; use search-local, or make one node search-master.",
        ],
      },
      {
        title: "one node twice",
        inputs: { ...inputs, members: [{ connection: central }] },
        reasons: [
          `Invalid value for members[0].connection.address: ${a}. Another node of the cluster has this address.`,
        ],
      },
      {
        title: "a time limit of 0",
        inputs: { ...inputs, timeouts: { stepSeconds: 0 } },
        reasons: invalid("timeouts.stepSeconds", ": 0", "1 to 3600"),
      },
    ];
  },

  mismatches(testBed) {
    const [a] = [addressOf(testBed, 0)];
    const { spp } = testBed.lab.description;
    const other = connectionOf(spp, { username: "admin" });
    return [
      {
        title: "a wrong password",
        inputs: inputsOf(testBed.lab, { password: "wrong-but-secret" }),
        error: `sps ${a}: log in: user admin was refused; correct username or password, and give the user the REST server privilege [SG1013]`,
      },
      {
        title: "a certificate from an untrusted authority",
        inputs: inputsOf(testBed.lab, { ca: undefined }),
        error: new RegExp(
          `^sps ${a}: prove identity: its certificate was issued by the authority "Safeguard lab .+", which this system does not trust; set ca to the certificate of "Safeguard lab .+", or pin the certificate of the appliance with certificateSha256; nothing was sent \\[SG1011\\]$`,
        ),
      },
      {
        title: "a wrong fingerprint",
        inputs: inputsOf(testBed.lab, { certificateSha256: "0".repeat(64) }),
        error: new RegExp(
          `^sps ${a}: prove identity: its certificate is [0-9A-F:]{95}, not the pinned one; .* \\[SG1011\\]$`,
        ),
      },
      {
        title: "a port where nothing listens",
        inputs: inputsOf(testBed.lab, { port: 1 }),
        error: `sps ${a}: connect: nothing listens there; correct address or port of the connection, or let this machine through the firewall [SG1010]`,
      },
      {
        title: "another service at the address",
        inputs: { ...testBed.inputs, centralManagement: other },
        error: `sps ${spp.address}: log in: the server there is not an SPS node; correct address and port, and enable administrator login on that interface [SG1012]`,
      },
      {
        title: "an unset environment variable",
        inputs: inputsOf(testBed.lab, { password: undefined, passwordEnv: "SAFEGUARD_CONTRACT_UNSET" }),
        error: `sps ${a}: resolve credential: environment variable SAFEGUARD_CONTRACT_UNSET is not set; export it in the shell that runs pulumi; what the program itself sets is not seen [SG1001]`,
      },
    ];
  },

  outputs: (testBed) => ({
    clusterId: nodeIdOf(testBed, 0),
    version: "8.0.0",
    nodes: nodes(testBed, ["search-local", "search-local"]),
    steps: steps(testBed),
  }),

  phases: [
    "promoting to Central Management node",
    "joining the cluster of",
    "1 managed host(s) have the configuration",
  ],

  // A change of the member from search-local to search-minion would send requests in the preview.
  change: (testBed) => ({
    inputs: {
      ...testBed.inputs,
      searchRole: "search-master",
      members: (testBed.inputs.members as Properties[]).map((member) => ({ ...member, searchRole: "search-local" })),
    },
    outputs: { nodes: nodes(testBed, ["search-master", "search-local"]) },
  }),

  access: (testBed) => inputsOf(testBed.lab, { password: "another-secret-that-must-not-be-sent" }),

  forgetWarning: (testBed) =>
    `sps ${addressOf(testBed, 0)}: no longer managed by this program; the appliance stays Central Management node, its members stay members`,

  counts(testBed) {
    const [central, member] = testBed.lab.sps;
    return [
      ["promotions", central.traffic.count("POST", "/api/cluster/promote"), 1],
      ["join requests", member?.traffic.count("POST", "/api/cluster/join_request") ?? 0, 1],
      ["acceptances", central.traffic.count("POST", "/api/cluster/nodes"), 1],
    ];
  },

  async gone(testBed, recorded) {
    const outside = testBed.lab.description.sps[2];
    if (!outside) throw new Error("the lab has no node outside the cluster");
    return { ...recorded, centralManagement: connectionOf(outside) };
  },

  interruption: {
    title: "the Central Management node does not accept the member",
    inputs: (testBed) => testBed.inputs,
    arrange(testBed) {
      interrupt(testBed.lab.sps[0].traffic, "POST", /^\/api\/cluster\/nodes$/, 500);
      return () => undefined;
    },
    id: (testBed) => addressOf(testBed, 0),
    reasons(testBed) {
      const [a, b] = [addressOf(testBed, 0), addressOf(testBed, 1)];
      return [
        `sps ${a}: POST /api/cluster/nodes: it answered 500: no explanation; check the load and the log of the node, then run the command again [SG1015]`,
        new RegExp(
          `^done: (${a}|${b}): cluster interface enabled; (${a}|${b}): cluster interface enabled; ${a}: promoted; ${a}: roles central-management, search-local$`,
        ),
        `interrupted, outcome unknown: ${b}: joined the cluster`,
        "the next pulumi up reads the appliances and continues from there",
      ];
    },
    counts(testBed) {
      const [central, member] = testBed.lab.sps;
      return [
        ["promotions", central.traffic.count("POST", "/api/cluster/promote"), 1],
        ["acceptances, the refused one included", central.traffic.count("POST", "/api/cluster/nodes"), 2],
        ["join requests", member?.traffic.count("POST", "/api/cluster/join_request") ?? 0, 2],
      ];
    },
  },
};
