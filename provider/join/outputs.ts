import { z } from "zod";

/** The phases of a join, in order. The state records the phase in which a join stopped. */
export const JOIN_PHASES = [
  "examine",
  "cool down",
  "preflight",
  "back up",
  "read certificate chain",
  "unlink",
  "request",
  "listed",
  "trusted",
  "policies",
  "synchronized",
  "verified",
] as const;

export type JoinPhase = (typeof JOIN_PHASES)[number];

const spsStatus = z.object({
  joined: z.boolean().describe("Whether SPS has created its `safeguard_default` objects."),
  version: z.string().describe("Firmware version of SPS; empty before the first read."),
});

const sppStatus = z.object({
  listed: z.boolean().describe("Whether SPP has an entry for the node."),
  trusted: z.boolean().describe("Whether SPP trusts the node."),
  connected: z.boolean().describe("Whether the entry has a certificate user, which a disconnected one lacks."),
  version: z.string().describe("Version of SPP; empty where SPP reports none."),
  knownAs: z.array(z.string()).describe("Address of the node on SPP, and its host name where SPP has one."),
  certificateUserThumbprint: z
    .string()
    .describe("Thumbprint of the certificate user. Another one means a new join; empty while SPP has no entry."),
  certificateExpiresAt: z
    .string()
    .describe("When the TLS certificate of SPP expires, ISO 8601; empty where SPP does not report it."),
});

/** Join status as reported by both appliances. */
export const joinReadings = z.object({
  nodeId: z.string().describe("Node id of the Central Management node, by which SPP knows the cluster."),
  sppApplianceId: z.string().describe("Id of the SPP appliance."),
  connectionId: z.int().describe("Id of the entry on SPP (session module); 0 without an entry."),
  joinedAt: z.string().describe("When SPP created its entry, ISO 8601; empty without an entry."),
  spsStatus: spsStatus.describe("What SPS reports of the join."),
  sppStatus: sppStatus.describe("What SPP reports of the join."),
  policies: z.array(z.string()).describe("Names of the objects that SPS created at the join."),
  health: z
    .enum(["joined", "not joined", "disconnected", "untrusted", "no policies"])
    .describe("`joined` when both sides agree, otherwise the problem."),
  drift: z.array(z.string()).describe("Problems that need a manual fix, one sentence each."),
});

/** State that a later run needs to continue an interrupted join. */
export const joinRecord = z.object({
  phase: z.enum(JOIN_PHASES).describe("The phase that was started last; `verified` when the join is complete."),
  lastAttemptAt: z
    .string()
    .describe("When the last incomplete join was requested, by SPP's clock, ISO 8601; empty otherwise."),
  sppBackupId: z
    .string()
    .describe("Id of the SPP backup that was created or found before the join; empty when none was required."),
  spsBackupPolicy: z.string().describe("Key of the system backup policy of SPS; empty when none was required."),
});

export const joinOutputs = z.object({ ...joinReadings.shape, ...joinRecord.shape });

export type JoinReadings = z.output<typeof joinReadings>;
export type SppStatus = JoinReadings["sppStatus"];
export type JoinRecord = z.output<typeof joinRecord>;
export type JoinOutputs = z.output<typeof joinOutputs>;

/** Outputs before the first read of both appliances. */
export const NOTHING_READ: JoinOutputs = {
  nodeId: "",
  sppApplianceId: "",
  connectionId: 0,
  joinedAt: "",
  spsStatus: { joined: false, version: "" },
  sppStatus: {
    listed: false,
    trusted: false,
    connected: false,
    version: "",
    knownAs: [],
    certificateUserThumbprint: "",
    certificateExpiresAt: "",
  },
  policies: [],
  health: "not joined",
  drift: [],
  phase: "examine",
  lastAttemptAt: "",
  sppBackupId: "",
  spsBackupPolicy: "",
};
