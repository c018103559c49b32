import { z } from "zod";

/** What rolls back changes that are not confirmed. */
export const PROTECTIONS = ["revert-timer", "reload", "provider"] as const;

export type ProtectionKind = (typeof PROTECTIONS)[number];

const routeMapOutputSchema = z.object({
  interface: z.string().describe("Interface with the route-map."),
  name: z.string().describe("Name of the route-map."),
});

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
});

export type CiscoIosStatus = z.infer<typeof ciscoIosStatusSchema>;
