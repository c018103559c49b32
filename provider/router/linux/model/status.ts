import { z } from "zod";
import { BACKENDS } from "./backend-names";

/** The services that can run a program at boot or when a link comes up. */
export const SERVICE_NAMES = ["systemd", "NetworkManager", "networkd-dispatcher", "ifupdown"] as const;

export type ServiceName = (typeof SERVICE_NAMES)[number];

const bypassOutputSchema = z.object({
  spsAddress: z.string().describe("Address of the SPS."),
  since: z
    .string()
    .optional()
    .describe("Start of the bypass, ISO 8601 by the router's clock; absent when the watchdog has not recorded it."),
});

/** Outputs that only a Linux router has. */
export const linuxStatusSchema = z.object({
  backend: z
    .enum(BACKENDS)
    .optional()
    .describe("Backend that stores the classification rules; absent when the router has no usable backend."),
  backendReason: z.string().describe("Why this backend is used."),
  persistedBy: z
    .array(z.enum(SERVICE_NAMES))
    .describe(
      "Services that restore the redirections when the router restarts or when links come up; empty when there are none.",
    ),
  bypassed: z
    .array(bypassOutputSchema)
    .describe(
      "Each SPS that a watchdog bypasses, so that its traffic passes directly and is not recorded; also if the watchdog no longer runs.",
    ),
});

export type LinuxStatus = z.infer<typeof linuxStatusSchema>;
export type BypassOutput = z.infer<typeof bypassOutputSchema>;
