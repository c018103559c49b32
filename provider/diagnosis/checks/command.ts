import { quoteWord } from "../../core/shell-word";
import type { Finding } from "../graph/finding";

/** Commands of this package, for one site. */
const CONNECT = "npx pulumi-safeguard connect";
const DOCTOR = "npx pulumi-safeguard doctor";
const PUT_BACK = "npx pulumi-safeguard logs --put-back";
/** The command of Pulumi that writes again what is recorded. */
const UPDATE = "pulumi up --refresh";

/** What a command does for a finding. */
const PURPOSE = {
  [CONNECT]: "tries the way between the appliances and the routers",
  [PUT_BACK]: "puts the log settings back",
  [UPDATE]: "writes what is missing",
  [DOCTOR]: "tells whether the remedy has helped",
} as const;

type Typed = keyof typeof PURPOSE;

/** The checks for which another command than the diagnosis itself is of use. */
const OF_CHECK: Readonly<Record<string, Typed>> = {
  "sps-reachable": CONNECT,
  "spp-reachable": CONNECT,
  "sps-certificate": CONNECT,
  "spp-certificate": CONNECT,
  "join-trusted": CONNECT,
  "router-login": CONNECT,
  "router-path": CONNECT,
  "sps-logs": PUT_BACK,
  "router-rules": UPDATE,
  traffic: UPDATE,
};

/** Whether a command does something that the diagnosis, run again, does not. Pure. */
export const isOwnCommand = (id: Finding["id"]) => typedFor(id).command !== DOCTOR;

/** The id of a check without the name of its router. */
export const kindOf = (id: string) => id.replace(/:.*/s, "");

/** What to type for a check that failed or warned, and what that does. Pure. */
export function typedFor(id: Finding["id"]): { command: Typed; purpose: string } {
  const command = OF_CHECK[kindOf(id)] ?? DOCTOR;
  return { command, purpose: PURPOSE[command] };
}

/**
 * The command for a site. Those of Pulumi run in the folder of the site's program. Pure.
 * @param siteOptions what leads the commands of this package to the site
 * @param stack the stack of the site, where it is known; otherwise those of Pulumi are for the selected stack
 */
export function commandFor(id: Finding["id"], siteOptions: string, stack?: string): string {
  const { command } = typedFor(id);
  if (command.startsWith("npx ")) return `${command} ${siteOptions}`;
  return stack === undefined ? command : `${command} --stack ${quoteWord(stack)}`;
}
