import type { CheckPointConnection } from "../../../core/connection";
import type { Note } from "../../../core/note";
import { withRecordedId } from "../../planning/ownership";
import type { Looked, PlatformContext, PreviewDepth } from "../../platform";
import { spsProbes } from "../../terminal/probes";
import { spsAnswers } from "../../terminal/session/verify";
import type { CommandStep } from "../../terminal/steps";
import { redirectionNames } from "../model/desired";
import { refusals, warnings } from "../plan/conflicts";
import { type PlanContext, planContext, recordedOwner } from "../plan/decision";
import { interfacesOf } from "../plan/outputs";
import { planChanges } from "../plan/plan";
import type { CheckPointChange } from "./apply";
import type { ClishSession } from "./clish-session";
import { withClish } from "./connect";
import { protectionText } from "./gateway-guard";
import { hasPorts, PROBE_TOOLS, portRefusals } from "./probes";
import { readFacts, readIsSaved, readRunning } from "./router-state";

/** Time limit of the login in seconds; previews check one router after the other. */
const DIAL_LIMIT_SECONDS = 10;

/**
 * Reads the router and reports what a change would do there. Changes nothing.
 * @throws SafeguardError when the router cannot be reached or read
 */
export async function preview(
  router: CheckPointConnection,
  change: CheckPointChange,
  depth: PreviewDepth,
  context: PlatformContext,
): Promise<Looked> {
  const work = async (session: ClishSession): Promise<Looked> => {
    const { object } = session;
    const { found } = await readRunning(session);
    const facts = await readFacts(session);
    const recorded = redirectionNames(change.wanted).map((name) => recordedOwner(name, found, change.wanted.owner));
    const wanted = { ...change.wanted, owner: withRecordedId(change.wanted.owner, recorded) };
    const plan = planContext(found, { ...change, wanted }, object);
    const { probe } = change.applyOptions;
    const refused = [
      ...refusals(plan, facts),
      ...(hasPorts(probe) ? portRefusals(probe, await session.shell(), object) : []),
    ];
    if (refused.length > 0) return { refusals: refused, notes: [] };
    const steps = planChanges(plan);
    if (depth === "refusals") return { refusals: [], notes: [] };
    const isUnsaved = wanted.isPersistent && !(await readIsSaved(session));
    const isSaving = wanted.isPersistent && (steps.length > 0 || isUnsaved);
    const sps = spsProbes(wanted.routes.map(({ redirection }) => redirection));
    const { answers, unproven } = await spsAnswers(session, sps, PROBE_TOOLS);
    const attention = [
      ...warnings(plan, facts),
      ...(isUnsaved ? ["persist: `save config` also saves changes of others that are not saved yet"] : []),
    ];
    const note = (severity: Note["severity"]) => (text: string) => ({ severity, text: `${object}: ${text}` });
    const protection = steps.length === 0 ? [] : [protectionText(await session.shell())];
    const checks = { steps, isSaving, protection, answers };
    const lines = depth === "full" ? details(plan, checks) : [summary(checks)];
    return { refusals: [], notes: [...attention.map(note("warning")), ...unproven, ...lines.map(note("info"))] };
  };
  return await withClish(router, context, work, DIAL_LIMIT_SECONDS);
}

/** What a preview found besides warnings. */
interface Checks {
  steps: readonly CommandStep[];
  isSaving: boolean;
  protection: readonly string[];
  answers: readonly string[];
}

/** The result in one line. */
function summary({ steps, isSaving, protection, answers }: Checks): string {
  if (steps.length === 0 && !isSaving) return ["checked: in sync, nothing to change", ...answers].join(", ");
  const count = `${steps.length} ${steps.length === 1 ? "change" : "changes"}`;
  return [`checked: ${count}${isSaving ? " and `save config`" : ""}`, ...protection, ...answers].join(", ");
}

/** Everything that was checked, one line each. */
function details({ wanted, found }: PlanContext, { steps, isSaving, protection, answers }: Checks): string[] {
  return [
    ...interfacesOf(wanted, found).map(({ name, addresses }) => `interface ${name} (${addresses.join(", ")}) exists`),
    ...protection,
    ...steps.map(({ title }) => `would ${title}`),
    ...(isSaving ? ["would save the configuration"] : []),
    ...(steps.length === 0 && !isSaving ? ["in sync, nothing to change"] : []),
    ...answers,
  ];
}
