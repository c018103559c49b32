import type { Desired } from "../../router/linux/desired";
import type { Found } from "../../router/linux/found";
import type { Claim } from "../../router/linux/in-the-way";
import { otherRedirections } from "../../router/linux/others";
import { requirePreconditions } from "../../router/linux/preconditions";
import { requireResolved } from "../../router/linux/resolve";

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
