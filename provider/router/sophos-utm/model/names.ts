import type { PortRange } from "../../ports";
import { portOf } from "../../ports";

/** Direction of the traffic that a policy route selects: of clients, or of the answers of servers. */
export type Direction = "in" | "out";

/** Redirections have names without colons, so the second colon ends the name. */
const OWN_NAME = /^sps:([a-z][a-z0-9-]{0,19}):/;

/** The redirection that an object of the UTM belongs to, by its name; undefined for objects of others. */
export function redirectionOf(name: string): string | undefined {
  return OWN_NAME.exec(name)?.[1];
}

/** Name of a definition, which says its content: `sps:rdp:net:10.0.0.0/24`. */
export const definitionNames = {
  gateway: (redirection: string, address: string) => `sps:${redirection}:gateway:${address}`,
  network: (redirection: string, network: string) => `sps:${redirection}:net:${network}`,
  service: (redirection: string, direction: Direction, range: PortRange) =>
    `sps:${redirection}:${direction === "in" ? "tcp" : "tcp-source"}:${portOf(range)}`,
};

/** Name of a group or a policy route. Counts up with each change, because the new one exists beside the old one for a moment. */
export function generationName(redirection: string, role: string, generation: number): string {
  return `sps:${redirection}:${role}${generation === 1 ? "" : `:${generation}`}`;
}
