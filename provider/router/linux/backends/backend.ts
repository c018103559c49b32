import type { Step } from "../../guard/scripts/shell-text";
import type { Redirection } from "../../redirection";
import type { BackendName } from "../model/backend-names";
import type { Chain } from "../model/desired";
import type { Found } from "../model/found";

/** Why a backend cannot express a redirection, and the property to change. */
export interface Limit {
  property: "addressMode" | "existingConnections" | "serverInterfaces" | "serverCidrs" | "clientCidrs" | "ports";
  reason: string;
}

/**
 * One way to classify packets on a Linux router. Next hops, source checks, protection and probes are the same for all
 * backends. Everything is pure: the found state goes in, lines and steps come out.
 */
export interface ClassificationBackend {
  readonly name: BackendName;
  /** Why this backend cannot express a redirection; empty when it can. */
  limits(redirection: Redirection): Limit[];
  /** The wanted rules of a redirection, one canonical line each. */
  wantedLines(chain: Chain): string[];
  /** The found rules of a redirection, in the same form and order. */
  foundLines(chain: Chain, found: Found): string[];
  /** Whether this backend has any rule of a redirection on the router. */
  holds(chain: Chain, found: Found): boolean;
  /**
   * The changes that create the wanted redirections and then remove all others that the resource owned. A rule is
   * removed only after its replacement is in place.
   */
  change(wanted: readonly Chain[], owned: readonly Chain[], found: Found): Step[];
  /**
   * Shell text that restores one redirection at boot, without a gap, whatever part of it exists. It may use the
   * functions of the runner.
   */
  restoreText(chain: Chain): string;
}

/** The most rules of one redirection; more make a change slower than its commit window allows. */
const MOST_RULES = 5000;

/** The limit of rules, when a redirection needs more. */
export function countLimits(count: number): Limit[] {
  if (count <= MOST_RULES) return [];
  const reason = `the redirection would need ${count} rules, one for each combination of interface, networks and group of ports; the limit is ${MOST_RULES}: name wider networks or ranges of ports`;
  return [{ property: "serverCidrs", reason }];
}
