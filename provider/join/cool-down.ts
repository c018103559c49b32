import type { OperationContext } from "../core/context";
import { SafeguardError } from "../core/errors";
import { poll } from "../core/poll";
import type { SppClient } from "../spp/client";
import { findSessionModule, isLinked, linkState } from "../spp/session-modules";
import { readNow } from "../spp/status";

/** Time for which an unfinished attempt blocks the next one (SPS Administration Guide, join error resolution). */
export const COOL_DOWN_SECONDS = 300;

/**
 * Waits until five minutes have passed since the last attempt, by SPP's own clock, or until SPP lists the node, because the attempt of another
 * program succeeded.
 * @param lastAttemptAt by SPP's clock, in milliseconds since 1970
 * @throws SafeguardError SG2215 at once when the remaining wait exceeds `limitSeconds`
 */
export async function coolDown(
  spp: SppClient,
  nodeId: string,
  lastAttemptAt: number,
  limitSeconds: number,
  context: OperationContext,
): Promise<void> {
  const restSeconds = async () => Math.ceil(COOL_DOWN_SECONDS - ((await readNow(spp)) - lastAttemptAt) / 1000);
  const rest = await restSeconds();
  if (rest <= 0) return;
  if (rest > limitSeconds) {
    throw new SafeguardError({
      code: "SG2215",
      object: spp.object,
      step: "cool down",
      cause: `an unfinished attempt was made less than five minutes ago; ${rest} s remain, and timeouts.trustSeconds is ${limitSeconds}`,
      remedy: `wait ${rest} s, then run pulumi up again; nothing was sent`,
    });
  }
  await poll(
    context,
    {
      object: spp.object,
      awaiting: "five minutes since the last attempt",
      limitSeconds,
      firstMilliseconds: 500,
      maximumMilliseconds: 5000,
      code: "SG2215",
    },
    async () => {
      const [now, entry] = await Promise.all([restSeconds(), findSessionModule(spp, nodeId)]);
      // In steps of half a minute, because each new text is a line of the log.
      const text = `${Math.ceil(now / 30) * 30} s remain`;
      return now <= 0 || isLinked(linkState(entry)) ? { done: undefined } : { seen: text };
    },
  );
}
