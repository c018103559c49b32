import { setTimeout as pause } from "node:timers/promises";
import type { SophosUtmConnection } from "../../../core/connection";
import { causeOf, SafeguardError } from "../../../core/errors";
import { warnAbout } from "../../attention";
import type { Confirmation } from "../../outputs";
import { type Applied, type ApplyOptions, PartiallyApplied, type PlatformContext } from "../../platform";
import type { Found } from "../model/found";
import type { SophosUtmStatus } from "../model/status";
import { requirePreconditions, warnings } from "../plan/conflicts";
import { type ChangeScope, type PlanContext, planContext, withFound } from "../plan/decision";
import { readingOf } from "../plan/outputs";
import { planChanges } from "../plan/plan";
import { isEmpty } from "../plan/steps";
import { type WithNewConnection, withUtm } from "./connect";
import { StepExecutor } from "./execute";
import { readRouter, readRouterWithFilter } from "./router-state";
import { runTransaction } from "./transaction";
import type { UtmClient } from "./utm-client";

/** The wanted redirections on the router and those that the resource owns there. */
export interface SophosChange extends ChangeScope {
  applyOptions: ApplyOptions;
}

/** Connections for the removal of old parts before it is left to the next run. */
const CLEAN_ATTEMPTS = 4;

/**
 * Brings a router to the wanted state and verifies it. It reads first and changes only differences, so it may be repeated
 * after any interruption.
 * @throws SafeguardError when nothing was changed or everything was rolled back; PartiallyApplied otherwise
 */
export async function apply(
  router: SophosUtmConnection,
  change: SophosChange,
  context: PlatformContext,
): Promise<Applied<SophosUtmStatus>> {
  return await withUtm(router, context, async (client, withNewConnection) => {
    const { object } = client;
    const { wanted } = change;
    context.log.status(`${object}: reading the configuration`);
    const before = await (wanted.legs.length > 0 ? readRouterWithFilter : readRouter)(client);
    const plan = planContext(before, change, object);
    requirePreconditions(plan);
    warnAbout(warnings(plan), object, context);
    const steps = planChanges(plan);
    const left = [...plan.left];
    if (isEmpty(steps)) {
      context.log.result(`${object}: in sync, nothing to change`);
      return { reading: readingOf(wanted, before), left };
    }
    const { prepare, activate } = steps;
    const count = prepare.length + activate.length;
    if (count === 0) return { reading: readingOf(wanted, await clean(client, withNewConnection, plan, context)), left };
    context.log.status(`${object}: making ${count} changes`);
    const { isOverridingLocks, isOurs, adopted } = plan;
    const { windowSeconds } = change.applyOptions;
    const planAgain = (found: Found) => planChanges(withFound(plan, found));
    const transaction = { client, withNewConnection, context, before, plan: steps, adopted, isOurs, windowSeconds };
    const confirmed = await runTransaction({ ...transaction, isOverridingLocks, planAgain });
    const confirmation = confirmationOf(change, object, context);
    context.log.info(`${object}: made and verified ${count} ${count === 1 ? "change" : "changes"}`);
    try {
      const after = await clean(client, withNewConnection, withFound(plan, confirmed), context);
      return { reading: readingOf(wanted, after), confirmation, left };
    } catch (error) {
      if (!(error instanceof SafeguardError)) throw error;
      throw new PartiallyApplied(error, { reading: readingOf(wanted, confirmed), confirmation });
    }
  });
}

/**
 * Deletes what is no longer needed, and reads the router again. Definitions that others use stay.
 * @throws SafeguardError SG3311 when something could not be deleted
 */
async function clean(
  first: UtmClient,
  withNewConnection: WithNewConnection,
  plan: PlanContext,
  context: PlatformContext,
): Promise<Found> {
  if (planChanges(plan).clean.length === 0) return plan.found;
  const { object } = first;
  let cause = "";
  for (let attempt = 0; attempt < CLEAN_ATTEMPTS; attempt += 1) {
    try {
      const over = (client: UtmClient) => cleanOver(client, plan, context);
      return await (attempt === 0 ? over(first) : withNewConnection(over));
    } catch (error) {
      cause = causeOf(error);
      if (context.signal.aborted) break;
      await pause(200 * attempt);
    }
  }
  throw new SafeguardError({ code: "SG3311", object, step: "delete old parts", cause });
}

async function cleanOver(client: UtmClient, plan: PlanContext, context: PlatformContext): Promise<Found> {
  const found = await readRouter(client);
  const executor = new StepExecutor(client, found, plan.isOverridingLocks);
  const deletions = planChanges(withFound(plan, found)).clean.filter((step) => step.kind === "delete");
  for (const { key, users } of await executor.deleteAll(deletions))
    context.log.warn(`${client.object}: ${key.name} is kept, because it is used by ${users.join(", ")}`);
  return await readRouter(client);
}

function confirmationOf(
  { wanted, applyOptions }: SophosChange,
  object: string,
  { log }: PlatformContext,
): Confirmation {
  const proved = ["a new connection to WebAdmin works", "the configuration reads back as planned"];
  const isRemoval = wanted.legs.length === 0;
  const notProved = isRemoval ? "" : "; not proved: that clients reach SPS, and that SPS records a session";
  log.result(`${object}: confirmed; proved: ${proved.join(", ")}${notProved}`);
  const addresses = [...new Set(wanted.legs.map(({ redirection }) => redirection.spsAddress))];
  const isProbing = applyOptions.probe.path !== "off";
  const confirmedUnproven = isProbing ? addresses.map((one) => `SPS ${one}: the API of the router has no probe`) : [];
  return { confirmedAt: new Date().toISOString(), confirmedUnproven, confirmedTraffic: [] };
}
