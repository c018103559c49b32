import type { Step } from "../../guard/scripts/step";
import type { Redirection } from "../../redirection";
import type { BackendName } from "../model/backend-names";
import type { Chain } from "../model/desired";
import type { Found } from "../model/found";

/** Why a backend cannot keep a redirection, and the property to change. */
export interface Limit {
  property: "addressMode" | "existingConnections" | "serverInterfaces" | "clientCidrs" | "ports";
  reason: string;
}

/**
 * One way to classify packets on a Linux router. Everything else is the same for all of them: the ways to SPS, source
 * checks, protection, probes. All of it is pure: what was found goes in, lines and steps come out.
 */
export interface ClassificationBackend {
  readonly name: BackendName;
  /** What keeps this backend from expressing a redirection; empty when it can. */
  limits(redirection: Redirection): Limit[];
  /** The wanted rules of a redirection, one canonical line each. */
  wantedLines(chain: Chain): string[];
  /** What the router has of a redirection, in the same form and order. */
  foundLines(chain: Chain, found: Found): string[];
  /** Tells whether the router has anything of a redirection in this backend. */
  holds(chain: Chain, found: Found): boolean;
  /** Tells whether there are rules under the name of a redirection that are not its rules. */
  isNameTaken(chain: Chain, found: Found): boolean;
  /**
   * The changes that make the wanted redirections as wanted and take away what the resource held besides. Nothing is
   * taken away before what replaces it is there.
   */
  change(wanted: readonly Chain[], owned: readonly Chain[], found: Found): Step[];
  /**
   * Shell text that brings one redirection whatever the router has of it, without a gap, for restarts. It may use the
   * functions of the program that runs then.
   */
  bringingText(chain: Chain): string;
}
