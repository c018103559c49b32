import { operationContext } from "../../provider/core/context";
import { spsCluster } from "../../provider/resources/sps-cluster/operations";
import type { SpsClusterKnown } from "../../provider/resources/sps-cluster/schema";
import { type ApplianceTestBed, connectionOf, interrupt, openAppliances, UNKNOWN } from "./appliances";
import type { Properties } from "./provider";
import type { ResourceCase } from "./resource-case";

const spsOf = (testBed: ApplianceTestBed) => testBed.lab.description.sps[0]?.address ?? "";
const sppOf = (testBed: ApplianceTestBed) => testBed.lab.description.spp.address;

function inputsOf(lab: ApplianceTestBed["lab"], parts: { sps?: Properties; spp?: Properties } = {}): Properties {
  const { sps, spp } = lab.description;
  const [central] = sps;
  if (!central) throw new Error("the lab has no node");
  return {
    sps: connectionOf(central, parts.sps),
    spp: connectionOf(spp, parts.spp),
    clusterId: central.nodeId,
    acknowledge: { irreversible: true, sps: central.address, spp: spp.address },
    // Without the preflight, create itself must refuse each mismatch.
    preflight: "off",
  };
}

/** Promotes the first node to the Central Management node of its own cluster, as a join requires. */
async function promote(lab: ApplianceTestBed["lab"]): Promise<void> {
  const [central] = lab.description.sps;
  if (!central) throw new Error("the lab has no node");
  const context = operationContext();
  const { inputs } = spsCluster.check({ centralManagement: connectionOf(central) }, context);
  await spsCluster.create(inputs as unknown as SpsClusterKnown, context);
}

function steps(testBed: ApplianceTestBed): string[] {
  const [sps, spp] = [spsOf(testBed), sppOf(testBed)];
  return [
    `log in to ${sps} and ${spp}`,
    "read both appliances: Central Management role, SPP primary and online, permissions of the account, existing link",
    "repeat the preflight",
    `back up ${spp} and wait until that is done`,
    `make sure that ${sps} has a system backup policy`,
    `read the certificate chain of ${spp} and compare it with the address`,
    `POST /api/cluster/spp on ${sps}: one request (cannot be undone; open access requests on ${spp} are closed)`,
    `wait until ${spp} lists and trusts ${sps}`,
    `wait for the safeguard_default objects on ${sps}`,
    "wait until the cluster members are in sync again",
    "read both sides",
  ];
}

/** A Central Management node and an SPP that are not joined yet, and a second node outside the cluster. */
export const sppJoinCase: ResourceCase<ApplianceTestBed> = {
  resource: "SppJoin",

  async open(name) {
    const testBed = await openAppliances(name);
    try {
      await promote(testBed.lab);
    } catch (error) {
      await testBed.close();
      throw error;
    }
    return { ...testBed, inputs: inputsOf(testBed.lab) };
  },

  previews(testBed) {
    const { inputs } = testBed;
    return [
      {
        title: "an unknown cluster id",
        inputs: { ...inputs, clusterId: UNKNOWN },
        checked: { steps: steps(testBed) },
        isUnchanged: true,
      },
      {
        title: "both passwords unknown",
        inputs: inputsOf(testBed.lab, { sps: { password: UNKNOWN }, spp: { password: UNKNOWN } }),
        checked: { steps: steps(testBed), spp: { password: UNKNOWN } },
      },
      {
        title: "an unknown SPP address",
        inputs: inputsOf(testBed.lab, { spp: { address: UNKNOWN } }),
        checked: { steps: UNKNOWN, spp: { address: UNKNOWN } },
      },
      {
        title: "an unknown connection",
        inputs: { ...inputs, sps: UNKNOWN },
        checked: { steps: UNKNOWN, sps: UNKNOWN },
      },
      {
        title: "an unknown address in the acknowledgement",
        inputs: { ...inputs, acknowledge: { irreversible: true, sps: UNKNOWN, spp: sppOf(testBed) } },
        checked: { steps: steps(testBed) },
      },
    ];
  },

  refusals(testBed) {
    const { inputs } = testBed;
    const [sps, spp] = [spsOf(testBed), sppOf(testBed)];
    const block = `acknowledge: { irreversible: true, sps: "${sps}", spp: "${spp}" }`;
    const secret = testBed.secrets[0] ?? "";
    return [
      {
        title: "no acknowledgement",
        inputs: { ...inputs, acknowledge: undefined },
        reasons: [
          `acknowledge: the join of ${sps} to ${spp} cannot be undone and closes open access requests. If this is what you want, add ${block}`,
        ],
      },
      {
        title: "an acknowledgement that names another appliance",
        inputs: { ...inputs, acknowledge: { irreversible: true, sps, spp: "10.9.9.9" } },
        reasons: [
          `acknowledge: it names ${sps} and 10.9.9.9, but the join would be between ${sps} and ${spp}. If this is what you want, write ${block}`,
        ],
      },
      {
        title: "an acknowledgement with irreversible set to false",
        inputs: { ...inputs, acknowledge: { irreversible: false, sps, spp } },
        reasons: ["Invalid value for acknowledge.irreversible: false. Allowed values are: true."],
      },
      {
        title: "an IPv6 address",
        inputs: inputsOf(testBed.lab, { spp: { address: "::1" } }),
        reasons: [
          "Invalid value for spp.address: ::1. Allowed values are: an IPv4 address or a host name (IPv6 is not supported).",
        ],
      },
      {
        title: "ports 0 and 70000",
        inputs: inputsOf(testBed.lab, { sps: { port: 0 }, spp: { port: 70000 } }),
        reasons: [
          "Invalid value for sps.port: 0. Allowed values are: 1 to 65535.",
          "Invalid value for spp.port: 70000. Allowed values are: 1 to 65535.",
        ],
      },
      {
        title: "a password given as an object",
        inputs: inputsOf(testBed.lab, { spp: { password: { secret } } }),
        reasons: [
          "Invalid value for spp.password. Allowed values are: text that is not empty; or set passwordEnv or passwordFile instead.",
        ],
      },
      {
        title: "an unknown value of onDelete",
        inputs: { ...inputs, onDelete: "unjoin" },
        reasons: ["Invalid value for onDelete: unjoin. Allowed values are: refuse, forget, unlink."],
      },
      {
        title: "an unknown property",
        inputs: { ...inputs, force: true },
        reasons: ["Unknown property force. Remove it or correct its name."],
      },
    ];
  },

  mismatches(testBed) {
    const [sps, spp] = [spsOf(testBed), sppOf(testBed)];
    const { inputs, lab } = testBed;
    return [
      {
        title: "a wrong SPS password",
        inputs: inputsOf(lab, { sps: { password: "wrong-but-secret" } }),
        error: `sps ${sps}: log in: user admin was refused; correct username or password, and give the user the REST server privilege [SG1013]`,
      },
      {
        title: "a wrong SPP password",
        inputs: inputsOf(lab, { spp: { password: "wrong-but-secret" } }),
        error: `spp ${spp}: log in: user safeguard-join was refused; correct username or password, and set identityProvider for a user of a directory; five wrong ones lock the account for 15 minutes [SG2001]`,
      },
      {
        title: "an SPP certificate from an untrusted authority",
        inputs: inputsOf(lab, { spp: { ca: undefined } }),
        error: new RegExp(
          `^spp ${spp}: prove identity: its certificate was issued by the authority "Safeguard lab .+", which this system does not trust; set ca to the certificate of "Safeguard lab .+", or pin the certificate of the appliance with certificateSha256; nothing was sent \\[SG1011\\]$`,
        ),
      },
      {
        title: "an ordinary web site at the SPP address",
        inputs,
        error: `spp ${spp}: log in: the server there is not an SPP appliance; correct address and port; SPP answers at /service/notification/v4/Status [SG2004]`,
        arrange() {
          lab.faults.on("spp-not-spp");
          return () => lab.faults.off("spp-not-spp");
        },
      },
      {
        title: "an SPP replica",
        inputs,
        error: `spp ${spp}: examine: the appliance is a replica, and only the primary accepts this; point spp.address at the primary [SG2007]`,
        arrange() {
          lab.faults.on("spp-replica");
          return () => lab.faults.off("spp-replica");
        },
      },
      {
        title: "another cluster than clusterId says",
        inputs: { ...inputs, clusterId: "another-node" },
        error: `sps ${sps}: examine: its node id is ${lab.sps[0].nodeId}, but clusterId is another-node; point sps.address at the Central Management node of that cluster, or correct clusterId [SG2111]`,
      },
    ];
  },

  outputs: (testBed) => ({
    nodeId: testBed.lab.sps[0].nodeId,
    sppApplianceId: testBed.lab.description.spp.applianceId,
    spsStatus: { joined: true },
    sppStatus: { listed: true, trusted: true, connected: true },
    health: "joined",
    steps: steps(testBed),
  }),

  phases: [
    "1/12 examine: reading both appliances",
    "5/12 read certificate chain: reading the chain that SPS gets",
    "7/12 request: sending the join request (once)",
    "9/12 trusted: waiting for SPP to trust the node",
    "10/12 policies: waiting for the safeguard_default objects on SPS",
    "12/12 verified: joined",
  ],

  change: ({ inputs: { clusterId: _any, ...inputs } }) => ({ inputs, outputs: { health: "joined" } }),

  access: (testBed) => inputsOf(testBed.lab, { spp: { password: "another-secret-that-must-not-be-sent" } }),

  deleteRefusal: (testBed) =>
    `sps ${spsOf(testBed)}: delete join: the join to spp ${sppOf(testBed)} cannot be undone; nothing was sent; to drop only the record, set onDelete: "forget" and protect: false; to disconnect the node on SPP, set onDelete: "unlink", disconnects: true in acknowledge, and protect: false; run pulumi up, then delete [SG2118]`,

  deletableInputs: ({ inputs }) => ({ ...inputs, onDelete: "forget" }),

  forgetWarning: (testBed) =>
    `sps ${spsOf(testBed)}: the record of the join to spp ${sppOf(testBed)} goes; both appliances stay joined`,

  counts: ({ lab }) => [
    ["join requests", lab.sps[0].traffic.count("POST", "/api/cluster/spp"), 1],
    ["session modules on SPP", lab.spp.sessionModules.length, 1],
    ["requests that delete on SPP", lab.spp.traffic.count("DELETE", /./), 0],
  ],

  async gone(testBed, recorded) {
    const outside = testBed.lab.description.sps[1];
    if (!outside) throw new Error("the lab has no node outside the cluster");
    // SPP still lists the joined node, so this node id is one that SPP does not know.
    return {
      ...recorded,
      nodeId: "11111111-2222-4333-8444-555555555555",
      sps: connectionOf(outside),
    };
  },

  interruption: {
    title: "SPP fails right after the join request",
    inputs: ({ inputs }) => inputs,
    arrange({ lab }) {
      interrupt(lab.sps[0].traffic, "POST", /^\/api\/cluster\/spp$/, () => {
        const effect = { kind: "status", status: 500 } as const;
        lab.spp.traffic.inject({ method: "GET", times: Number.POSITIVE_INFINITY, effect });
      });
      return () => lab.spp.traffic.clearInjections();
    },
    id: spsOf,
    reasons: (testBed) => [
      new RegExp(`^spp ${sppOf(testBed)}: .*500.*\\[SG2005\\]$`),
      "done: join request sent",
      "the next pulumi up reads the appliances and continues from there",
    ],
    counts: ({ lab }) => [["join requests", lab.sps[0].traffic.count("POST", "/api/cluster/spp"), 1]],
  },
};
