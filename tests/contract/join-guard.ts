import { UNKNOWN } from "./appliances";
import type { ResourceCase, TestBed } from "./resource-case";

const [sps, spp] = ["10.0.0.1", "10.0.0.5"];

/** A record that refuses its deletion; no appliance takes part. */
export const joinGuardCase: ResourceCase = {
  resource: "JoinGuard",

  open: async (): Promise<TestBed> => ({
    inputs: { sps, spp },
    secrets: [],
    snapshot: async () => undefined,
    requests: () => 0,
    close: async () => undefined,
  }),

  // The join reports the same mistakes.
  refusals: ({ inputs }) => [
    { title: "an unknown value of onDelete", inputs: { ...inputs, onDelete: "unjoin" }, reasons: [] },
  ],

  previews: ({ inputs }) => [
    { title: "an unknown address", inputs: { ...inputs, sps: UNKNOWN }, checked: { sps: UNKNOWN, spp } },
  ],

  mismatches: ({ inputs }) => [
    {
      title: "an unknown value of onDelete",
      inputs: { ...inputs, onDelete: "unjoin" },
      error: "Invalid value for onDelete: unjoin. Allowed values are: refuse, forget, unlink.",
    },
  ],

  outputs: () => ({ sps, spp, onDelete: "refuse", disconnects: false }),

  phases: [],

  change: ({ inputs }) => ({ inputs: { ...inputs, onDelete: "unlink" }, outputs: { onDelete: "unlink" } }),

  deleteRefusal: () =>
    `sps ${sps}: delete join guard: the join to spp ${spp} cannot be undone, and its guard is deleted only with it; nothing was sent; to drop only the record, set onDelete: "forget" and protect: false; to disconnect the node on SPP, set onDelete: "unlink", disconnects: true in acknowledge, and protect: false; run pulumi up, then delete [SG2118]`,

  deletableInputs: ({ inputs }) => ({ ...inputs, onDelete: "unlink", disconnects: true }),

  counts: () => [],
};
