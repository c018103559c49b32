import type { Desired } from "../model/desired";
import type { Found } from "../model/found";
import { type NextHop, PROTOCOL } from "../model/next-hops";
import { isOwnPolicyRule } from "../model/routing";
import { otherRedirections, usersOf } from "../neighbours/others";
import { isPersisted } from "../persistence/found-files";
import { isAbsent } from "./lines";

/**
 * Whether nothing of a resource is left on the router: neither classification, policy rule, routing table and loosened
 * source check, nor files. A flushed firewall leaves the other parts. Parts that redirections of other resources use
 * count as theirs.
 */
export function isGone(owned: Desired, found: Found): boolean {
  const isChainGone = owned.chains.every(
    (chain) => isAbsent(chain, found) && !isPersisted(chain.redirection.name, found),
  );
  if (!isChainGone) return false;
  const others = otherRedirections(found, owned);
  const isDeviceShared = (device: string) => others.some((other) => other.device === device);
  return owned.hops.every(
    (hop) =>
      (usersOf(others, hop).length > 0 || !isHopLeft(hop, found)) &&
      (isDeviceShared(hop.device) || !found.sourceChecks.noted.has(hop.device)),
  );
}

function isHopLeft(hop: NextHop, found: Found): boolean {
  const routes = found.routes.get(hop.table) ?? [];
  return (
    found.policyRules.some((rule) => isOwnPolicyRule(rule, hop)) ||
    routes.some((route) => route.protocol === PROTOCOL && route.isPlain)
  );
}
