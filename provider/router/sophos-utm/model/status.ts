import { z } from "zod";

const policyRouteSchema = z.object({
  name: z.string().describe("Name."),
  reference: z.string().describe("Reference, such as `REF_RouPol…`."),
  position: z.number().int().describe("Position among all policy routes, from 1; 0 when it is in no list."),
});

/** Outputs that only a Sophos UTM has. */
export const sophosUtmStatusSchema = z.object({
  version: z.string().describe("Version of the UTM."),
  policyRoutes: z.array(policyRouteSchema).describe("The policy routes of the redirections."),
  definitions: z.array(z.string()).describe("Names of the network and service definitions of the redirections."),
});

export type SophosUtmStatus = z.infer<typeof sophosUtmStatusSchema>;
