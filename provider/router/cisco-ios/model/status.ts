import { z } from "zod";

/** What rolls back changes that are not confirmed. */
export const PROTECTIONS = ["revert-timer", "reload", "provider"] as const;

export type ProtectionKind = (typeof PROTECTIONS)[number];

const routeMapOutputSchema = z.object({
  interface: z.string().describe("Interface with the route-map."),
  name: z.string().describe("Name of the route-map."),
});

/** States of the object that watches SPS. */
export const WATCH_STATES = ["up", "down", "unknown"] as const;

const watchOutputSchema = z.object({
  redirection: z.string().describe("Name of the redirection."),
  spsAddress: z.string().describe("Address of SPS that is probed."),
  number: z.number().int().describe("Number of the operation of `ip sla` and of the object of `track`."),
  state: z.enum(WATCH_STATES).describe("up: SPS answers, and gets the traffic. down: SPS does not answer."),
});

export type WatchState = z.infer<typeof watchOutputSchema>;

/** Outputs that only a Cisco router has. */
export const ciscoIosStatusSchema = z.object({
  hostname: z.string().describe("Host name in the configuration."),
  protection: z
    .enum(PROTECTIONS)
    .describe(
      "What rolls back unconfirmed changes: the revert timer of the configuration archive, a scheduled reload, or this program.",
    ),
  routeMaps: z.array(routeMapOutputSchema).describe("The route-maps that hold the redirections."),
  accessLists: z.array(z.string()).describe("The access lists that select the traffic."),
  watches: z.array(watchOutputSchema).describe("How the router sees each SPS that it watches with IP SLA."),
  bypassed: z
    .array(z.string())
    .describe(
      "Address of each SPS that does not answer and is bypassed, so that its traffic passes directly and is not recorded.",
    ),
});

export type CiscoIosStatus = z.infer<typeof ciscoIosStatusSchema>;
