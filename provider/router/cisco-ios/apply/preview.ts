import type { CiscoRouterConnection } from "../../../core/connection";
import type { Note } from "../../../core/note";
import { brokenAnswers } from "../../gaps";
import { withRecordedId } from "../../planning/ownership";
import type { Looked, PlatformContext, PreviewDepth } from "../../platform";
import { spsProbes } from "../../terminal/probes";
import { spsAnswers } from "../../terminal/session/verify";
import type { CommandStep } from "../../terminal/steps";
import { type Desired, redirectionNames } from "../model/desired";
import type { ProtectionKind } from "../model/status";
import { refusals, warnings } from "../plan/conflicts";
import {
  accessListsOf,
  type ChangeScope,
  type PlanContext,
  planContext,
  recordedOwner,
  withFound,
} from "../plan/decision";
import { interfaceOutputs } from "../plan/outputs";
import { isInSync, planChanges } from "../plan/plan";
import { needsFacts, supportRefusals } from "../plan/support";
import { silenceWarnings } from "../plan/watch-states";
import { withIosSession } from "./connect";
import type { IosSession } from "./ios-session";
import { PROBE_TOOLS } from "./probes";
import { protectionOf, readFacts, readProtection, readRunning, readStartup, readWatches } from "./router-state";

/** Time limit of the login in seconds; previews check one router after the other. */
const DIAL_LIMIT_SECONDS = 10;

const PROTECTION_TEXTS: Record<ProtectionKind, string> = {
  "revert-timer": "the router's revert timer rolls back unconfirmed changes",
  reload: "a scheduled reload of the router undoes unconfirmed changes",
  provider: "only this program rolls back unconfirmed changes",
};

/**
 * Reads the router and reports what a change would do there: interfaces, protection, changes, functions that may interfere,
 * and whether SPS answers. Changes nothing.
 * @throws SafeguardError when the router cannot be reached or read
 */
export async function preview(
  router: CiscoRouterConnection,
  change: ChangeScope,
  depth: PreviewDepth,
  context: PlatformContext,
): Promise<Looked> {
  const work = async (session: IosSession): Promise<Looked> => {
    const { object } = session;
    const running = await readRunning(session);
    const { found } = running;
    const recorded = redirectionNames(change.wanted).map((name) => recordedOwner(accessListsOf(name, found)));
    const wanted = { ...change.wanted, owner: withRecordedId(change.wanted.owner, recorded) };
    const plan = planContext(found, { ...change, wanted }, object);
    const refused = refusals(plan);
    if (refused.length > 0) return { refusals: refused, notes: [] };
    const { changes, cleanup } = planChanges(plan);
    const steps = [...changes, ...cleanup];
    if (steps.length > 0 && needsFacts(wanted)) {
      const unsupported = supportRefusals(wanted, await readFacts(session, wanted), object);
      if (unsupported.length > 0) return { refusals: unsupported, notes: [] };
    }
    if (depth === "refusals") return { refusals: [], notes: [] };
    const protection = protectionOf(await readProtection(session), wanted.isReloadAllowed);
    const startup = wanted.isPersistent ? await readStartup(session) : undefined;
    const isSaved = startup !== undefined && isInSync(withFound(plan, startup.found));
    const sps = spsProbes(wanted.legs.map(({ redirection }) => redirection));
    const { answers, unproven } = await spsAnswers(session, sps, PROBE_TOOLS);
    const isSaving = wanted.isPersistent && !isSaved;
    const silent = silenceWarnings(wanted, await readWatches(session, wanted, found));
    const attention = [
      ...warnings(plan),
      ...new Set(brokenAnswers(redirectionsOf(change.owned), redirectionsOf(wanted))),
      ...(steps.length > 0 ? protectionWarnings(protection) : []),
      ...(isSaving && startup?.text !== running.text
        ? ["persist: `write memory` also saves changes of others that are not saved yet"]
        : []),
    ];
    const checks = { steps, isSaving, answers, protection: PROTECTION_TEXTS[protection] };
    const note = (severity: Note["severity"]) => (text: string) => ({ severity, text: `${object}: ${text}` });
    const lines = depth === "full" ? details(plan, checks) : [summary(checks)];
    return {
      refusals: [],
      notes: [
        ...attention.map(note("warning")),
        ...silent.map((text): Note => ({ ...note("warning")(text), topic: "bypass" })),
        ...unproven,
        ...lines.map(note("info")),
      ],
    };
  };
  return await withIosSession(router, context, work, DIAL_LIMIT_SECONDS);
}

const redirectionsOf = ({ legs }: Desired) => legs.map(({ redirection }) => redirection);

/** What a preview found besides warnings. */
interface Checks {
  steps: readonly CommandStep[];
  isSaving: boolean;
  answers: readonly string[];
  protection: string;
}

/** The result in one line. */
function summary({ steps, isSaving, answers, protection }: Checks): string {
  if (steps.length === 0 && !isSaving) return ["checked: in sync, nothing to change", ...answers].join(", ");
  const count = `${steps.length} ${steps.length === 1 ? "change" : "changes"}`;
  return [`checked: ${count}${isSaving ? " and `write memory`" : ""}`, protection, ...answers].join(", ");
}

/** Everything that was checked, one line each. */
function details({ wanted, found }: PlanContext, { steps, isSaving, answers, protection }: Checks): string[] {
  return [
    ...interfaceOutputs(wanted, found).map(
      ({ name, addresses }) => `interface ${name} (${addresses.join(", ")}) exists`,
    ),
    protection,
    ...steps.map(({ title }) => `would ${title}`),
    ...(isSaving ? ["would save the configuration"] : []),
    ...(steps.length === 0 && !isSaving ? ["in sync, nothing to change"] : []),
    ...answers,
  ];
}

function protectionWarnings(protection: ProtectionKind): string[] {
  if (protection === "revert-timer") return [];
  const why = "the configuration archive of the router is off, so it has no revert timer";
  const remedy = "enter `archive` and `path flash:archive` on the router";
  return protection === "reload"
    ? [`${why}: changes that are not confirmed in time are undone by a reload of the router; ${remedy}`]
    : [`${why}: changes are rolled back only while this program runs and reaches the router; ${remedy}`];
}
