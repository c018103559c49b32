import type { Desired } from "../model/desired";
import type { Found } from "../model/found";
import { requireResolved } from "../model/resolve";
import { otherRedirections } from "../neighbours/others";
import type { Claim } from "./in-the-way";
import { requirePreconditions } from "./preconditions";

/**
 * Finds everything that can be known to fail of what was read: the wanted state with names of interfaces, and what
 * planning goes by.
 * @throws SafeguardError SG3103 to SG3301
 */
export function examine(
  found: Found,
  { desired: wanted, owned, isAdopting }: Pick<Claim, "owned" | "isAdopting"> & { desired: Desired },
  object: string,
): { desired: Desired; claim: Claim } {
  const desired = requireResolved(wanted, found, object);
  const claim: Claim = { object, found, owned, isAdopting, others: otherRedirections(found, desired, owned) };
  requirePreconditions(desired, claim);
  return { desired, claim };
}
