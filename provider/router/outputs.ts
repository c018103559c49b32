import { z } from "zod";

/** An interface of the router that a redirection uses. */
export const interfaceOutputSchema = z.object({
  name: z.string().describe("Name on the router."),
  addresses: z.array(z.string()).describe("IPv4 addresses with prefix length."),
  selectedBy: z
    .array(z.string())
    .optional()
    .describe(
      "The inputs that select it by address or route, such as `towards:10.0.0.0/24`; absent when there are none.",
    ),
});

/** The traffic that a redirection has matched. */
export const counterOutputSchema = z.object({
  redirection: z.string().describe("Name of the redirection."),
  selectedPackets: z
    .number()
    .int()
    .describe(
      "Packets that matched the selection since the rules were last written; with `existingConnections: leave` one for each connection.",
    ),
  divertedPackets: z.number().int().describe("Packets sent to SPS since the rules were last written."),
});

export type InterfaceOutput = z.infer<typeof interfaceOutputSchema>;
export type CounterOutput = z.infer<typeof counterOutputSchema>;

/** How far the last changes were proved. */
export interface Confirmation {
  /** When they were confirmed over a new login, in ISO 8601. */
  confirmedAt: string;
  /** The checks that could not prove anything, one phrase each. */
  confirmedUnproven: string[];
  /** The redirections for which SPS answered a connection of a client. */
  confirmedTraffic: string[];
}
