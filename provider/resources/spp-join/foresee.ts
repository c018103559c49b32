import type { OperationContext } from "../../core/context";
import { entryOf, SafeguardError } from "../../core/errors";
import { hasUnknown } from "../../core/unknown";
import { diff, isRecordOnly } from "./diff";
import { addressesOf, movementOf } from "./movement";
import { notProved, type Obstacles, proveRequest, reasonsOf } from "./preflight";
import type { SppJoinKnown, SppJoinState } from "./schema";
import { outputsOf } from "./state";

/**
 * Proves the update of a recorded join that is not whole; the check has no state and takes it for one.
 * @throws SafeguardError SG2119 when a login is refused, which no update can pass
 */
export async function foresee(
  id: string,
  olds: SppJoinState,
  news: SppJoinKnown,
  context: OperationContext,
): Promise<void> {
  const { paths } = await diff(id, olds, news);
  const isWhole = !paths.includes("health") && !paths.includes("phase");
  if (isWhole || isRecordOnly(paths, news)) return;
  // What is not known yet the update proves; of a join that moves the check has told already.
  if (hasUnknown(news) || movementOf({ ...olds }, addressesOf(news))) return;
  const { unacknowledged, failures } = await proveIfPossible(news, context);
  // Each further attempt counts towards the lock of the account.
  const refused = failures.filter(({ code }) => code !== undefined && entryOf(code).kind === "login");
  if (refused.length > 0) throw notProved(news, `the update would fail: ${reasonsOf(refused)}`);
  const failed = failures.length === 1 ? "the check shown fails" : `the ${failures.length} checks shown fail`;
  const obstacles = [...(failures.length > 0 ? [failed] : []), ...(unacknowledged ? [unacknowledged] : [])];
  if (obstacles.length === 0) return;
  const { sps, spp } = olds;
  const found = `sps ${sps.address}: the recorded join to spp ${spp.address} is ${outputsOf(olds).health}`;
  // Not refused: where both sides go on by themselves, the update has only to wait for them.
  context.log.warn(`${found}; a new join request of the update would be refused: ${obstacles.join("; ")}`);
}

/** A look that failed may do better in the update, which takes another. */
async function proveIfPossible(news: SppJoinKnown, context: OperationContext): Promise<Obstacles> {
  try {
    return await proveRequest(news, undefined, false, context);
  } catch (error) {
    if (!(error instanceof SafeguardError)) throw error;
    return { unacknowledged: error.text.cause, failures: [] };
  }
}
