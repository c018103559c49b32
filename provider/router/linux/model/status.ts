import { z } from "zod";
import { BACKENDS } from "./backend-names";

/** The services that can run a program at boot or when a link comes up. */
export const MEANS_NAMES = ["systemd", "NetworkManager", "networkd-dispatcher", "ifupdown"] as const;

export type MeansName = (typeof MEANS_NAMES)[number];

const bypassOutputSchema = z.object({
  spsAddress: z.string().describe("Address of the SPS."),
  since: z
    .string()
    .optional()
    .describe("Since when, ISO 8601 by the router's clock; absent when the watchdog's note is missing."),
});

/** Outputs that only a Linux router has. */
export const linuxStatusSchema = z.object({
  backend: z
    .enum(BACKENDS)
    .optional()
    .describe("Where the classification rules are stored; absent when the router has no usable backend."),
  backendReason: z.string().describe("Why it is that backend."),
  persistedBy: z
    .array(z.enum(MEANS_NAMES))
    .describe(
      "What restores the redirections when the router restarts or when links come up; empty when nothing does.",
    ),
  bypassed: z
    .array(bypassOutputSchema)
    .describe(
      "Each SPS whose traffic passes directly and unaudited because a watchdog bypassed it, whether the watchdog still runs or not; empty when there is none.",
    ),
});

export type LinuxStatus = z.infer<typeof linuxStatusSchema>;
export type BypassOutput = z.infer<typeof bypassOutputSchema>;
