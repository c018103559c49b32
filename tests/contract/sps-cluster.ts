import { stepsOfTwoNodes } from "../support/cluster-steps";
import { type ApplianceStage, connectionOf, interrupt, openAppliances, UNKNOWN } from "./appliances";
import type { Properties } from "./provider";
import type { Subject } from "./subject";

const addressOf = (stage: ApplianceStage, index: number) => stage.lab.description.sps[index]?.address ?? "";
const nodeIdOf = (stage: ApplianceStage, index: number) => stage.lab.description.sps[index]?.nodeId ?? "";

/** Connections of the first two nodes; `parts` changes both. */
function inputsOf(lab: ApplianceStage["lab"], parts: Properties = {}): Properties {
  const [central, member] = lab.description.sps;
  if (!central || !member) throw new Error("the lab has too few nodes");
  return {
    centralManagement: connectionOf(central, parts),
    members: [{ connection: connectionOf(member, parts) }],
  };
}

function nodes(stage: ApplianceStage, roles: [string, string]): Properties[] {
  return roles.map((role, index) => ({
    nodeId: nodeIdOf(stage, index),
    address: addressOf(stage, index),
    hostName: stage.lab.description.sps[index]?.hostName,
    roles: index === 0 ? ["central-management", role] : ["managed-host", role],
    synchronized: true,
    reachable: true,
    version: "8.0.0",
  }));
}

function steps(stage: ApplianceStage): string[] {
  return stepsOfTwoNodes(addressOf(stage, 0), addressOf(stage, 1));
}

/** Two nodes that become a cluster; a third one stays outside. */
export const spsClusterSubject: Subject<ApplianceStage> = {
  resource: "SpsCluster",

  async open(name) {
    const stage = await openAppliances(name, { spsCount: 3 });
    return { ...stage, inputs: inputsOf(stage.lab) };
  },

  previews(stage) {
    const { centralManagement, members } = stage.inputs;
    return [
      {
        what: "unknown passwords, all steps known",
        inputs: inputsOf(stage.lab, { password: UNKNOWN }),
        checked: { steps: steps(stage), searchRole: "search-local", members: [{ searchRole: "search-local" }] },
      },
      {
        what: "an unknown address",
        inputs: inputsOf(stage.lab, { address: UNKNOWN }),
        checked: { steps: UNKNOWN, centralManagement: { address: UNKNOWN, port: 443 } },
      },
      { what: "an unknown connection", inputs: { centralManagement: UNKNOWN, members }, checked: { steps: UNKNOWN } },
      { what: "an unknown member", inputs: { centralManagement, members: [UNKNOWN] }, checked: { members: [UNKNOWN] } },
      {
        what: "an unknown list of members",
        inputs: { centralManagement, members: UNKNOWN },
        checked: { members: UNKNOWN },
      },
    ];
  },

  refusals(stage) {
    const { inputs } = stage;
    const central = inputs.centralManagement as Properties;
    const secret = stage.secrets[0] ?? "";
    const withCentral = (parts: Properties) => ({ ...inputs, centralManagement: { ...central, ...parts } });
    const invalid = (path: string, shown: string, allowed: string) => [
      `Invalid value for ${path}${shown}. Allowed values are: ${allowed}.`,
    ];
    const host = "an IPv4 address or a host name (IPv6 is not supported)";
    const [a, b] = [addressOf(stage, 0), addressOf(stage, 1)];
    return [
      {
        what: "an IPv6 address",
        inputs: withCentral({ address: "2001:db8::1" }),
        reasons: invalid("centralManagement.address", ": 2001:db8::1", host),
      },
      {
        what: "port 0",
        inputs: withCentral({ port: 0 }),
        reasons: invalid("centralManagement.port", ": 0", "1 to 65535"),
      },
      {
        what: "port 70000 of a member",
        inputs: { ...inputs, members: [{ connection: { ...central, address: b, port: 70000 } }] },
        reasons: invalid("members[0].connection.port", ": 70000", "1 to 65535"),
      },
      {
        what: "an empty password",
        inputs: withCentral({ password: "" }),
        reasons: invalid(
          "centralManagement.password",
          "",
          "text that is not empty; or set passwordEnv or passwordFile instead",
        ),
      },
      {
        what: "a password under a wrong name",
        inputs: withCentral({ pasword: secret }),
        reasons: ["Unknown property centralManagement.pasword. Remove it or correct its name."],
      },
      {
        what: "a whole connection as text, password included",
        inputs: { ...inputs, centralManagement: JSON.stringify({ address: a, password: secret }) },
        reasons: invalid("centralManagement", "", "an object"),
      },
      {
        what: "no Central Management node",
        inputs: { members: inputs.members },
        reasons: invalid("centralManagement", ": it is missing", "an object"),
      },
      {
        what: "an unknown search role",
        inputs: { ...inputs, searchRole: "search" },
        reasons: invalid("searchRole", ": search", "search-local, search-master, search-minion"),
      },
      {
        what: "a minion without a master",
        inputs: { ...inputs, searchRole: "search-minion" },
        reasons: [
          "Invalid value for searchRole: search-minion. There is no search master to send to; use search-local, or make one node search-master.",
        ],
      },
      {
        what: "one node twice",
        inputs: { ...inputs, members: [{ connection: central }] },
        reasons: [
          `Invalid value for members[0].connection.address: ${a}. Another node of the cluster has this address.`,
        ],
      },
      {
        what: "a time limit of 0",
        inputs: { ...inputs, timeouts: { stepSeconds: 0 } },
        reasons: invalid("timeouts.stepSeconds", ": 0", "1 to 3600"),
      },
    ];
  },

  obstacles(stage) {
    const [a] = [addressOf(stage, 0)];
    const { spp } = stage.lab.description;
    const other = connectionOf(spp, { username: "admin" });
    return [
      {
        what: "a wrong password",
        inputs: inputsOf(stage.lab, { password: "wrong-but-secret" }),
        error: `sps ${a}: log in: user admin was refused; correct username or password, and give the user the REST server privilege [SG1013]`,
      },
      {
        what: "a certificate from an untrusted authority",
        inputs: inputsOf(stage.lab, { ca: undefined }),
        error: `sps ${a}: prove identity: its certificate was issued by an authority that is not trusted here; correct address, ca or certificateSha256 of the connection; nothing was sent [SG1011]`,
      },
      {
        what: "a wrong fingerprint",
        inputs: inputsOf(stage.lab, { certificateSha256: "0".repeat(64) }),
        error: new RegExp(
          `^sps ${a}: prove identity: its certificate is [0-9A-F:]{95}, not the pinned one; .* \\[SG1011\\]$`,
        ),
      },
      {
        what: "a port where nothing listens",
        inputs: inputsOf(stage.lab, { port: 1 }),
        error: `sps ${a}: connect: nothing listens there; correct address or port of the connection, or let this machine through the firewall [SG1010]`,
      },
      {
        what: "another service at the address",
        inputs: { ...stage.inputs, centralManagement: other },
        error: `sps ${spp.address}: log in: what answers there is not the REST API of an SPS node; correct address and port, and enable administrator login on that interface [SG1012]`,
      },
      {
        what: "an unset environment variable",
        inputs: inputsOf(stage.lab, { password: undefined, passwordEnv: "SAFEGUARD_CONTRACT_UNSET" }),
        error: `sps ${a}: resolve credential: environment variable SAFEGUARD_CONTRACT_UNSET is not set; set it where the Pulumi program runs [SG1001]`,
      },
    ];
  },

  outputs: (stage) => ({
    clusterId: nodeIdOf(stage, 0),
    version: "8.0.0",
    nodes: nodes(stage, ["search-local", "search-local"]),
    steps: steps(stage),
  }),

  phases: [
    "promoting to Central Management node",
    "joining the cluster of",
    "1 managed host(s) have the configuration",
  ],

  // A member that went from search-local to search-minion would be asked about in the preview.
  change: (stage) => ({
    inputs: {
      ...stage.inputs,
      searchRole: "search-master",
      members: (stage.inputs.members as Properties[]).map((member) => ({ ...member, searchRole: "search-local" })),
    },
    outputs: { nodes: nodes(stage, ["search-master", "search-local"]) },
  }),

  access: (stage) => inputsOf(stage.lab, { password: "another-secret-that-nobody-tries" }),

  forgetting: (stage) =>
    `sps ${addressOf(stage, 0)}: no longer managed by this program; the appliance stays Central Management node, its members stay members`,

  counts(stage) {
    const [central, member] = stage.lab.sps;
    return [
      ["promotions", central.traffic.count("POST", "/api/cluster/promote"), 1],
      ["join requests", member?.traffic.count("POST", "/api/cluster/join_request") ?? 0, 1],
      ["acceptances", central.traffic.count("POST", "/api/cluster/nodes"), 1],
    ];
  },

  async gone(stage, recorded) {
    const outside = stage.lab.description.sps[2];
    if (!outside) throw new Error("the lab has no node outside the cluster");
    return { ...recorded, centralManagement: connectionOf(outside) };
  },

  interruption: {
    what: "the Central Management node does not accept the member",
    inputs: (stage) => stage.inputs,
    arrange(stage) {
      interrupt(stage.lab.sps[0].traffic, "POST", /^\/api\/cluster\/nodes$/, 500);
      return () => undefined;
    },
    id: (stage) => addressOf(stage, 0),
    reasons(stage) {
      const [a, b] = [addressOf(stage, 0), addressOf(stage, 1)];
      return [
        `sps ${a}: POST /api/cluster/nodes: it answered 500: no explanation; check the load and the log of the node, then run pulumi up again [SG1015]`,
        new RegExp(
          `^done: (${a}|${b}): cluster interface enabled; (${a}|${b}): cluster interface enabled; ${a}: promoted; ${a}: roles central-management, search-local$`,
        ),
        `begun, outcome to be read: ${b}: joined the cluster`,
        "the next pulumi up reads the appliances and goes on from there",
      ];
    },
    counts(stage) {
      const [central, member] = stage.lab.sps;
      return [
        ["promotions", central.traffic.count("POST", "/api/cluster/promote"), 1],
        ["acceptances, the refused one included", central.traffic.count("POST", "/api/cluster/nodes"), 2],
        ["join requests", member?.traffic.count("POST", "/api/cluster/join_request") ?? 0, 2],
      ];
    },
  },
};
