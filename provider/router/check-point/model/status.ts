import { z } from "zod";

const ruleSchema = z.object({
  redirection: z.string().describe("Name of the redirection."),
  priority: z.number().int().describe("Priority; lower ones are evaluated first."),
  table: z.string().describe("Name of the PBR table that its packets are routed by."),
});

/** Outputs that only a Check Point gateway has. */
export const checkPointStatusSchema = z.object({
  hostname: z.string().describe("Host name of the gateway."),
  version: z.string().describe("Version of Gaia."),
  isClusterMember: z.boolean().describe("Whether the gateway is a member of a cluster; PBR is set on each member."),
  rules: z.array(ruleSchema).describe("The PBR rules of the redirections, by priority."),
});

export type CheckPointStatus = z.infer<typeof checkPointStatusSchema>;
