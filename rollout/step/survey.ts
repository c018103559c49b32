import type { SurveyedSite } from "../machine/survey";
import type { LoadedRollout } from "../plan/load";
import type { PlannedSite } from "../plan/plan";
import { type EngineRun, runEngine } from "./engine-run";
import { otherSppProblem } from "./named-spps";
import { foundDrift, plannedChange } from "./planned-changes";
import { type Redactor, redactor } from "./redact";
import { codeIn, failureLines, outcomeOf } from "./result";
import { lockMessage } from "./state-lock";
import { type UnwrittenStack, UnwrittenStacks } from "./unwritten-stacks";

export interface SurveyOptions {
  /** `preview` finds what `up` would change, `refresh` what differs from the recorded state. */
  kind: "preview" | "refresh";
  /** How many sites are read at a time. */
  parallelism: number;
  signal: AbortSignal;
  /** Called for each site as soon as it is read. */
  onSite: (surveyed: SurveyedSite) => void;
}

/** Reads sites, and changes nothing: no stack, no settings, no appliance. The result is in the order of the sites. */
export async function surveySites(
  { programFolder, config }: LoadedRollout,
  sites: readonly PlannedSite[],
  { kind, parallelism, signal, onSite }: SurveyOptions,
): Promise<SurveyedSite[]> {
  const stacks = new UnwrittenStacks(programFolder, signal);
  const found: SurveyedSite[] = [];
  let next = 0;
  const work = async () => {
    for (let index = next++; index < sites.length && !signal.aborted; index = next++) {
      const site = sites[index] as PlannedSite;
      const one = await surveyed(stacks, site, config[site.name] ?? {}, kind, signal);
      if (signal.aborted) return;
      found[index] = one;
      onSite(one);
    }
  };
  try {
    await Promise.all(Array.from({ length: parallelism }, work));
  } finally {
    stacks.close();
  }
  return found.filter(Boolean);
}

async function surveyed(
  stacks: UnwrittenStacks,
  site: PlannedSite,
  config: Readonly<Record<string, string>>,
  kind: SurveyOptions["kind"],
  signal: AbortSignal,
): Promise<SurveyedSite> {
  const redact = redactor(process.env, config);
  try {
    const opened = await stacks.open(site.stack, config);
    const { isNew } = opened;
    if (kind === "refresh" && isNew) return { site, outcome: "absent", isNew, changes: [], messages: [] };
    const { errors, changes, spps, output } = await read(opened, kind, signal);
    const problem = otherSppProblem(site, spps);
    if (errors.length === 0 && problem !== undefined) return failed(site, isNew, [problem], redact);
    if (errors.length === 0) return { site, outcome: "done", isNew, changes, messages: [] };
    const lock = lockMessage(site.stack, output);
    return failed(site, isNew, lock ? [lock] : errors, redact);
  } catch (error) {
    return failed(site, false, [error instanceof Error ? error.message : String(error)], redact);
  }
}

function read(
  { stack, configFile }: UnwrittenStack,
  kind: SurveyOptions["kind"],
  signal: AbortSignal,
): Promise<EngineRun> {
  if (kind === "refresh")
    return runEngine(signal, foundDrift, (options) => stack.previewRefresh({ ...options, configFile }));
  return runEngine(signal, plannedChange, (options) => stack.preview({ ...options, configFile }));
}

function failed(site: PlannedSite, isNew: boolean, errors: readonly string[], redact: Redactor): SurveyedSite {
  const messages = failureLines(errors, redact);
  return { site, outcome: outcomeOf(codeIn(messages.join(" "))), isNew, changes: [], messages };
}
