import type { RouterConnection } from "../../../core/connection";
import { messageOf, SafeguardError } from "../../../core/errors";
import { withSession } from "../../guard/session/connect";
import { routerObject } from "../../guard/session/ssh-target";
import { applyWithRetry } from "../../guard/session/transaction";
import { type Applied, PartiallyApplied, type PlatformContext } from "../../platform";
import type { LinuxStatus } from "../model/status";
import { readingOf } from "../plan/outputs";
import { type AppliedOnce, applyOnce, type LinuxChange } from "./apply-once";
import { awaitSessions } from "./await-sessions";
import { linuxSession } from "./linux-session";

/**
 * Brings a router to the wanted state. When sessions have to end first, a second transaction removes the next hops that
 * were kept for them.
 * @throws SafeguardError when the router is unchanged; PartiallyApplied otherwise
 */
export async function apply(
  router: RouterConnection,
  change: LinuxChange,
  context: PlatformContext,
): Promise<Applied<LinuxStatus>> {
  const first = await connectAndApply(router, change, context);
  const { draining, confirmation } = first;
  const { left } = first.context;
  if (draining.length === 0) return { reading: readingOf(first.context), confirmation, left: [...left] };
  const object = routerObject(router);
  const { probe, removal } = change.applyOptions;
  try {
    await awaitSessions(router, draining, removal, object, context);
    const rest: LinuxChange = {
      ...change,
      applyOptions: {
        ...change.applyOptions,
        // The first transaction has already proved the remaining redirections.
        probe: { ...probe, path: "off", traffic: "off" },
        removal: { ...removal, connections: "cut" },
      },
    };
    const last = await connectAndApply(router, rest, context);
    return { reading: readingOf(last.context), confirmation: confirmation ?? last.confirmation, left: [...left] };
  } catch (error) {
    const why = messageOf(error instanceof PartiallyApplied ? error.failure : error);
    const cause = `new connections are no longer redirected to SPS ${draining.map(({ gateway }) => gateway).join(", ")}, but its sessions still are: ${why}`;
    const failure = new SafeguardError(
      { code: "SG3310", object, step: "wait for the end of sessions", cause },
      { cause: error },
    );
    throw new PartiallyApplied(failure, { reading: readingOf(first.context), confirmation });
  }
}

function connectAndApply(
  router: RouterConnection,
  change: LinuxChange,
  context: PlatformContext,
): Promise<AppliedOnce> {
  return applyWithRetry(
    change.applyOptions.windowSeconds,
    (protection, lost) =>
      withSession(router, context, (shell) => applyOnce(linuxSession(shell), change, { protection, lost }, context)),
    context,
  );
}
