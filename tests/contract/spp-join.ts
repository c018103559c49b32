import { operationContext } from "../../provider/core/context";
import { spsCluster } from "../../provider/resources/sps-cluster/operations";
import type { SpsClusterKnown } from "../../provider/resources/sps-cluster/schema";
import { type ApplianceStage, connectionOf, interrupt, openAppliances, UNKNOWN } from "./appliances";
import type { Properties } from "./provider";
import type { Subject } from "./subject";

const spsOf = (stage: ApplianceStage) => stage.lab.description.sps[0]?.address ?? "";
const sppOf = (stage: ApplianceStage) => stage.lab.description.spp.address;

function inputsOf(lab: ApplianceStage["lab"], parts: { sps?: Properties; spp?: Properties } = {}): Properties {
  const { sps, spp } = lab.description;
  const [central] = sps;
  if (!central) throw new Error("the lab has no node");
  return {
    sps: connectionOf(central, parts.sps),
    spp: connectionOf(spp, parts.spp),
    clusterId: central.nodeId,
    acknowledge: { irreversible: true, sps: central.address, spp: spp.address },
    // What the proof would find is refused by create as well, and that is what is tested here.
    preflight: "off",
  };
}

/** Makes the first node the Central Management node of a cluster of its own: what a join needs. */
async function promote(lab: ApplianceStage["lab"]): Promise<void> {
  const [central] = lab.description.sps;
  if (!central) throw new Error("the lab has no node");
  const context = operationContext();
  const { inputs } = spsCluster.check({ centralManagement: connectionOf(central) }, context);
  await spsCluster.create(inputs as unknown as SpsClusterKnown, context);
}

function steps(stage: ApplianceStage): string[] {
  const [sps, spp] = [spsOf(stage), sppOf(stage)];
  return [
    `log in to ${sps} and ${spp}`,
    "examine both sides: Central Management role, SPP primary and online, permissions of the account, existing links",
    "prove once more that the join will work",
    `back up ${spp} and wait until that is done`,
    `make sure that ${sps} has a system backup policy`,
    `read the certificate chain of ${spp} and compare it with the address`,
    `POST /api/cluster/spp on ${sps}: one request (cannot be undone; open access requests on ${spp} are closed)`,
    `await that ${spp} lists and trusts ${sps}`,
    `await the safeguard_default objects on ${sps}`,
    "await that the members of the cluster are in sync again",
    "read both sides",
  ];
}

/** A Central Management node and an SPP that do not know each other yet; a second node stays outside. */
export const sppJoinSubject: Subject<ApplianceStage> = {
  resource: "SppJoin",

  async open(name) {
    const stage = await openAppliances(name);
    try {
      await promote(stage.lab);
    } catch (error) {
      await stage.close();
      throw error;
    }
    return { ...stage, inputs: inputsOf(stage.lab) };
  },

  previews(stage) {
    const { inputs } = stage;
    return [
      { what: "an unknown cluster id", inputs: { ...inputs, clusterId: UNKNOWN }, checked: { steps: steps(stage) } },
      {
        what: "both passwords unknown",
        inputs: inputsOf(stage.lab, { sps: { password: UNKNOWN }, spp: { password: UNKNOWN } }),
        checked: { steps: steps(stage), spp: { password: UNKNOWN } },
      },
      {
        what: "an unknown SPP address",
        inputs: inputsOf(stage.lab, { spp: { address: UNKNOWN } }),
        checked: { steps: UNKNOWN, spp: { address: UNKNOWN } },
      },
      { what: "an unknown connection", inputs: { ...inputs, sps: UNKNOWN }, checked: { steps: UNKNOWN, sps: UNKNOWN } },
      {
        what: "an unknown address in the acknowledgement",
        inputs: { ...inputs, acknowledge: { irreversible: true, sps: UNKNOWN, spp: sppOf(stage) } },
        checked: { steps: steps(stage) },
      },
    ];
  },

  refusals(stage) {
    const { inputs } = stage;
    const [sps, spp] = [spsOf(stage), sppOf(stage)];
    const block = `acknowledge: { irreversible: true, sps: "${sps}", spp: "${spp}" }`;
    const secret = stage.secrets[0] ?? "";
    return [
      {
        what: "no acknowledgement",
        inputs: { ...inputs, acknowledge: undefined },
        reasons: [
          `acknowledge: the join of ${sps} to ${spp} cannot be undone and closes open access requests. If this is what you want, add ${block}`,
        ],
      },
      {
        what: "an acknowledgement that names another appliance",
        inputs: { ...inputs, acknowledge: { irreversible: true, sps, spp: "10.9.9.9" } },
        reasons: [
          `acknowledge: it names ${sps} and 10.9.9.9, but the join would be between ${sps} and ${spp}. If this is what you want, write ${block}`,
        ],
      },
      {
        what: "an acknowledgement with irreversible set to false",
        inputs: { ...inputs, acknowledge: { irreversible: false, sps, spp } },
        reasons: ["Invalid value for acknowledge.irreversible: false. Allowed values are: true."],
      },
      {
        what: "an IPv6 address",
        inputs: inputsOf(stage.lab, { spp: { address: "::1" } }),
        reasons: [
          "Invalid value for spp.address: ::1. Allowed values are: an IPv4 address or a host name (IPv6 is not supported).",
        ],
      },
      {
        what: "ports 0 and 70000",
        inputs: inputsOf(stage.lab, { sps: { port: 0 }, spp: { port: 70000 } }),
        reasons: [
          "Invalid value for sps.port: 0. Allowed values are: 1 to 65535.",
          "Invalid value for spp.port: 70000. Allowed values are: 1 to 65535.",
        ],
      },
      {
        what: "a password given as an object",
        inputs: inputsOf(stage.lab, { spp: { password: { secret } } }),
        reasons: [
          "Invalid value for spp.password. Allowed values are: text that is not empty; or set passwordEnv or passwordFile instead.",
        ],
      },
      {
        what: "an unknown value of onDelete",
        inputs: { ...inputs, onDelete: "unjoin" },
        reasons: ["Invalid value for onDelete: unjoin. Allowed values are: refuse, forget, unlink."],
      },
      {
        what: "an unknown property",
        inputs: { ...inputs, force: true },
        reasons: ["Unknown property force. Remove it or correct its name."],
      },
    ];
  },

  obstacles(stage) {
    const [sps, spp] = [spsOf(stage), sppOf(stage)];
    const { inputs, lab } = stage;
    return [
      {
        what: "a wrong SPS password",
        inputs: inputsOf(lab, { sps: { password: "wrong-but-secret" } }),
        error: `sps ${sps}: log in: user admin was refused; correct username or password, and give the user the REST server privilege [SG1013]`,
      },
      {
        what: "a wrong SPP password",
        inputs: inputsOf(lab, { spp: { password: "wrong-but-secret" } }),
        error: `spp ${spp}: log in: user safeguard-join was refused; correct username or password; five wrong ones lock the account for 15 minutes [SG2001]`,
      },
      {
        what: "an SPP certificate from an untrusted authority",
        inputs: inputsOf(lab, { spp: { ca: undefined } }),
        error: `spp ${spp}: prove identity: its certificate was issued by an authority that is not trusted here; correct address, ca or certificateSha256 of the connection; nothing was sent [SG1011]`,
      },
      {
        what: "an ordinary web site at the SPP address",
        inputs,
        error: `spp ${spp}: log in: what answers there is not an SPP appliance; correct address and port; SPP answers at /service/notification/v4/Status [SG2004]`,
        raise() {
          lab.faults.on("spp-not-spp");
          return () => lab.faults.off("spp-not-spp");
        },
      },
      {
        what: "an SPP replica",
        inputs,
        error: `spp ${spp}: examine: the appliance is a replica, and only the primary accepts this; point spp.address at the primary [SG2007]`,
        raise() {
          lab.faults.on("spp-replica");
          return () => lab.faults.off("spp-replica");
        },
      },
      {
        what: "another cluster than clusterId says",
        inputs: { ...inputs, clusterId: "another-node" },
        error: `sps ${sps}: examine: its node id is ${lab.sps[0].nodeId}, but clusterId is another-node; point sps.address at the Central Management node of that cluster [SG2111]`,
      },
    ];
  },

  outputs: (stage) => ({
    nodeId: stage.lab.sps[0].nodeId,
    sppApplianceId: stage.lab.description.spp.applianceId,
    spsStatus: { joined: true },
    sppStatus: { listed: true, trusted: true, connected: true },
    health: "joined",
    steps: steps(stage),
  }),

  phases: [
    "1/12 examine: reading both sides",
    "5/12 read certificate chain: as SPS is to trust it",
    "7/12 request: sending the join request (once)",
    "9/12 trusted: until SPP trusts the node",
    "10/12 policies: until SPS has made its safeguard_default objects",
    "12/12 verified: joined",
  ],

  change: ({ inputs: { clusterId: _any, ...inputs } }) => ({ inputs, outputs: { health: "joined" } }),

  access: (stage) => inputsOf(stage.lab, { spp: { password: "another-secret-that-nobody-tries" } }),

  deleteRefusal: (stage) =>
    `sps ${spsOf(stage)}: delete join: the join to spp ${sppOf(stage)} cannot be undone; nothing was sent; to drop only the record, set onDelete: "forget", to disconnect the node on SPP, "unlink"; run pulumi up, then delete [SG2118]`,

  deletable: ({ inputs }) => ({ ...inputs, onDelete: "forget" }),

  forgetting: (stage) =>
    `sps ${spsOf(stage)}: the record of the join to spp ${sppOf(stage)} goes; both appliances stay joined`,

  counts: ({ lab }) => [
    ["join requests", lab.sps[0].traffic.count("POST", "/api/cluster/spp"), 1],
    ["session modules on SPP", lab.spp.sessionModules.length, 1],
    ["requests that delete on SPP", lab.spp.traffic.count("DELETE", /./), 0],
  ],

  async gone(stage, recorded) {
    const outside = stage.lab.description.sps[1];
    if (!outside) throw new Error("the lab has no node outside the cluster");
    // Of the joined node SPP would still tell.
    return {
      ...recorded,
      nodeId: "11111111-2222-4333-8444-555555555555",
      sps: connectionOf(outside),
    };
  },

  interruption: {
    what: "SPP fails right after the join request",
    inputs: ({ inputs }) => inputs,
    arrange({ lab }) {
      interrupt(lab.sps[0].traffic, "POST", /^\/api\/cluster\/spp$/, () => {
        const effect = { kind: "status", status: 500 } as const;
        lab.spp.traffic.inject({ method: "GET", times: Number.POSITIVE_INFINITY, effect });
      });
      return () => lab.spp.traffic.clearInjections();
    },
    id: spsOf,
    reasons: (stage) => [
      new RegExp(`^spp ${sppOf(stage)}: .*500.*\\[SG2005\\]$`),
      "done: join request sent",
      "the next pulumi up reads the appliances and goes on from there",
    ],
    counts: ({ lab }) => [["join requests", lab.sps[0].traffic.count("POST", "/api/cluster/spp"), 1]],
  },
};
