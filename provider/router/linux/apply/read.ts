import type { RouterConnection } from "../../../core/connection";
import { withSession } from "../../guard/session/connect";
import type { ShellSession } from "../../guard/session/shell-session";
import { ownerText } from "../../owner";
import type { PlatformContext, RouterReading } from "../../platform";
import type { Chain, Desired } from "../model/desired";
import type { NextHop } from "../model/next-hops";
import type { LinuxStatus } from "../model/status";
import { decide, otherOwner } from "../plan/decision";
import { isGone } from "../plan/gone";
import { readingOf } from "../plan/outputs";
import { requireReadable } from "../plan/preconditions";
import { readWarnings } from "../plan/warnings";
import { answersText, parseAnswers, unansweredWarnings } from "../proof/answers";
import { readScope } from "../read/read-script";
import { linuxSession } from "./linux-session";

/**
 * Reads what is left of the owned redirections on a router; undefined when nothing is left. Redirections that
 * belong to another resource by now are reported and count as missing.
 * @throws SafeguardError when the router cannot be read
 */
export async function read(
  router: RouterConnection,
  wanted: Desired,
  owned: Desired,
  context: PlatformContext,
): Promise<RouterReading<LinuxStatus> | undefined> {
  return await withSession(router, context, async (shell) => {
    const session = linuxSession(shell);
    const { object } = session;
    const found = await session.read(readScope(owned, wanted));
    requireReadable({ owned, found, object });
    const otherOwnerOf = (chain: Chain) => otherOwner(chain, owned.owner, found);
    const isOwn = (chain: Chain) => otherOwnerOf(chain) === undefined;
    for (const chain of owned.chains) {
      const other = otherOwnerOf(chain);
      if (other) context.log.warn(`${object}: redirection ${chain.redirection.name} belongs to ${ownerText(other)}`);
    }
    const own = owned.chains.filter(isOwn);
    if (isGone({ ...owned, chains: own }, found)) return undefined;
    const decision = decide({ ...wanted, chains: wanted.chains.filter(isOwn) }, found);
    const unanswered = await unansweredBy(decision.desired.hops, shell);
    for (const text of [...readWarnings(decision), ...unanswered]) context.log.warn(`${object}: ${text}`);
    return readingOf(decision);
  });
}

/** What clients meet now, which rules in sync do not show. */
async function unansweredBy(hops: readonly NextHop[], shell: ShellSession): Promise<string[]> {
  const marked = hops.filter((hop) => hop.isMarked);
  if (marked.length === 0) return [];
  const { stdout } = await shell.run(answersText(marked.map(({ mark }) => mark)), "count the connections of clients");
  return unansweredWarnings(marked, parseAnswers(stdout));
}
