import type { SophosUtmConnection } from "../../../core/connection";
import type { Note } from "../../../core/note";
import { withRecordedId } from "../../planning/ownership";
import type { Looked, PlatformContext, PreviewDepth } from "../../platform";
import { redirectionNames } from "../model/desired";
import { refusals, warnings } from "../plan/conflicts";
import { type ChangeScope, type PlanContext, planContext, recordedOwner } from "../plan/decision";
import { readingOf } from "../plan/outputs";
import { planChanges } from "../plan/plan";
import { type Step, titleOf } from "../plan/steps";
import { withUtm } from "./connect";
import { readRouter, readRouterWithFilter } from "./router-state";

const PROTECTION = "only this program rolls back unconfirmed changes";

/**
 * Reads the router and reports what a change would do there. Changes nothing.
 * @throws SafeguardError when the router cannot be reached or read
 */
export async function preview(
  router: SophosUtmConnection,
  change: ChangeScope,
  depth: PreviewDepth,
  context: PlatformContext,
): Promise<Looked> {
  return await withUtm(router, context, async (client): Promise<Looked> => {
    const { object } = client;
    const found = await (change.wanted.legs.length > 0 ? readRouterWithFilter : readRouter)(client);
    const recorded = redirectionNames(change.wanted).map((name) => recordedOwner(name, found, change.wanted.owner));
    const wanted = { ...change.wanted, owner: withRecordedId(change.wanted.owner, recorded) };
    const plan = planContext(found, { ...change, wanted }, object);
    const refused = refusals(plan);
    if (refused.length > 0 || depth === "refusals") return { refusals: refused, notes: [] };
    const { prepare, activate, clean } = planChanges(plan);
    const steps = [...prepare, ...activate, ...clean];
    const note = (severity: Note["severity"]) => (text: string) => ({ severity, text: `${object}: ${text}` });
    const lines = depth === "full" ? details(plan, steps) : [summary(steps)];
    return { refusals: [], notes: [...warnings(plan).map(note("warning")), ...lines.map(note("info"))] };
  });
}

/** The result in one line. */
function summary(steps: readonly Step[]): string {
  if (steps.length === 0) return "checked: in sync, nothing to change";
  return `checked: ${steps.length} ${steps.length === 1 ? "change" : "changes"}, ${PROTECTION}`;
}

/** Everything that was checked, one line each. */
function details({ wanted, found }: PlanContext, steps: readonly Step[]): string[] {
  return [
    ...readingOf(wanted, found).interfaces.map(
      ({ name, addresses }) => `interface ${name} (${addresses.join(", ")}) exists`,
    ),
    PROTECTION,
    ...steps.map((step) => `would ${titleOf(step)}`),
    ...(steps.length === 0 ? ["in sync, nothing to change"] : []),
  ];
}
