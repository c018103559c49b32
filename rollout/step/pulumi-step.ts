import { hostname } from "node:os";
import type { Stack } from "@pulumi/pulumi/automation";
import { StepLeft, waitUnlessLeft } from "../engine/runs-in-work";
import type { SiteStep, SiteStepContext } from "../engine/workflows";
import { changeText, countsText, type PlannedChange, unannounced } from "../machine/changes";
import type { SiteResult } from "../machine/events";
import { type LoadedRollout, loadRollout } from "../plan/load";
import { settingsFingerprint } from "../plan/stack-settings";
import { verifySite } from "./doctor";
import { type EngineRun, runEngine } from "./engine-run";
import { otherSppProblem } from "./named-spps";
import { plannedChange } from "./planned-changes";
import { leftoversOf, markOf } from "./pulumi-cli";
import { type Redactor, redactor } from "./redact";
import { failureResult } from "./result";
import { openSiteStack } from "./site-stack";
import { areDead, lockHolder, lockMessage, locksIn } from "./state-lock";

/** How long a run waits for the lock of its stack, which a killed worker's CLI holds until it has finished. */
const LOCK_LIMIT_MS = 30 * 60_000;
/** Each look at a lock starts the CLI, so that the waits between them grow. */
const FIRST_LOCK_POLL_MS = 1000;
const LONGEST_LOCK_POLL_MS = 10_000;
/** How often it is looked for processes, which costs little. */
const LEFTOVER_POLL_MS = 1000;
/** How long the check of a site stands for it. A change that comes later, after a gate or a window, previews the site again. */
const GOOD_FOR_MS = 300_000;
/** How long a loaded definition is good; a rollout of many sites would read it once for each. */
const LOADED_FOR_MS = 2000;

export interface StepOptions {
  /** Where a machine has the rollout.yaml of a run; default: where it was started. */
  fileOf?: (context: SiteStepContext) => string;
  /** Called with what a site waits for, once for each wait. */
  onWait?: (text: string) => void;
}

/**
 * The step of real rollouts: `pulumi preview` of the site's stack as its check, `pulumi up` as its change, `doctor` as its verification.
 * All may be repeated: Pulumi and the provider bring a site to the state of the program, whatever an interrupted run has left.
 */
export function pulumiStep({ fileOf = ({ file }) => file, onWait = () => {} }: StepOptions = {}): SiteStep {
  const load = cachedLoad();
  return async (context) => {
    let redact = redactor(process.env);
    try {
      // First of all, because whatever follows may say that nothing is done at the site, also a definition that cannot be read.
      const begunAt = context.interrupted?.mark;
      if (begunAt) await leftoverAfterWait(context, begunAt, onWait);
      const found = load(fileOf(context));
      redact = redactor(process.env, found.config[context.site.name] ?? {});
      if (context.phase === "verify")
        return await verifySite(context.site, found.programFolder, context.gates, redact, context.signal);
      // Other runs and rollouts may have left some too.
      const mark = markOf(found.programFolder, context.site.stack);
      const leftover = await leftoverAfterWait(context, mark, onWait);
      if (leftover !== undefined) return { outcome: "unknown", message: leftover };
      // The definition may have been edited during a wait.
      const loaded = () => load(fileOf(context));
      const rollout = loaded();
      const config = rollout.config[context.site.name] ?? {};
      redact = redactor(process.env, config);
      const { fingerprint } = rollout.plan;
      if (fingerprint !== context.fingerprint) return { outcome: "changed", fingerprint };
      const settings = () => settingsFingerprint(rollout.programFolder, context.site.stack);
      const previewed = { settings: "" };
      const readSettings = () => {
        previewed.settings = settings();
      };
      const stack = await openSiteStack(rollout.programFolder, context.site.stack, config, readSettings);
      const program = () => loaded().plan.fingerprint;
      return await runUnlocked({ stack, mark, program, settings, readSettings, previewed, redact, onWait }, context);
    } catch (error) {
      if (error instanceof StepLeft) throw error;
      return failureResult([error instanceof Error ? error.message : String(error)], redact);
    }
  };
}

function cachedLoad(): (file: string) => LoadedRollout {
  const loaded = new Map<string, { rollout: LoadedRollout; at: number }>();
  return (file) => {
    const known = loaded.get(file);
    if (known && Date.now() - known.at < LOADED_FOR_MS) return known.rollout;
    const rollout = loadRollout(file);
    loaded.set(file, { rollout, at: Date.now() });
    return rollout;
  };
}

/**
 * Waits for processes that a killed worker or CLI has left at work on a stack. A change waits for as long as they live, because its SPP is
 * free afterwards; a check gives what still runs after the limit.
 */
async function leftoverAfterWait(
  context: SiteStepContext,
  mark: string,
  onWait: (text: string) => void,
): Promise<string | undefined> {
  const { name, stack } = context.site;
  const limit = context.phase === "apply" ? Number.POSITIVE_INFINITY : Date.now() + LOCK_LIMIT_MS;
  let shown: number | undefined;
  for (;;) {
    const [leftover] = await leftoversOf(mark);
    if (leftover === undefined) return undefined;
    const { pid, program } = leftover;
    if (Date.now() > limit)
      return `stack ${stack}: start: Pulumi process ${pid} (${program}) of an earlier run still works on it; wait for its end, then retry the site`;
    if (pid !== shown) {
      const text = `Pulumi process ${pid} (${program}) of an earlier run on ${hostname()}`;
      onWait(`${name}: waiting for ${text}`);
      await context.waitsFor?.(text);
    }
    shown = pid;
    await waitUnlessLeft(LEFTOVER_POLL_MS, context.leave, context.signal);
  }
}

interface OpenedStack {
  stack: Stack;
  /** What marks the processes of its changes. */
  mark: string;
  /** The fingerprint of program and definition now. */
  program: () => string;
  /** The fingerprint of its settings now. */
  settings: () => string;
  /** Notes the fingerprint of its settings right before a preview. */
  readSettings: () => void;
  previewed: { readonly settings: string };
  redact: Redactor;
  onWait: (text: string) => void;
}

/** Runs as soon as the stack is not locked. Clears locks once, and only when all of their processes are known to be dead. */
async function runUnlocked(opened: OpenedStack, context: SiteStepContext): Promise<SiteResult> {
  const limit = Date.now() + LOCK_LIMIT_MS;
  let isCleared = false;
  let shown = "";
  let wait = FIRST_LOCK_POLL_MS;
  for (;;) {
    const { result, output } = await runOnce(opened, context);
    const locks = result.outcome === "done" ? undefined : locksIn(output);
    if (locks === undefined) return result;
    await context.isLocked?.(lockHolder(context.site.stack, locks));
    if (!isCleared && areDead(locks)) {
      await opened.stack.cancel();
      isCleared = true;
      continue;
    }
    if (Date.now() > limit) return { outcome: "unknown", message: lockMessage(context.site.stack, output) };
    const held = `${context.site.name}: waiting: ${lockMessage(context.site.stack, output)}`;
    if (held !== shown) opened.onWait(held);
    shown = held;
    await waitUnlessLeft(wait, context.leave, context.signal);
    wait = Math.min(1.5 * wait, LONGEST_LOCK_POLL_MS);
  }
}

async function runOnce(opened: OpenedStack, context: SiteStepContext): Promise<Ended> {
  const { phase, announced, signal } = context;
  const { stack, redact } = opened;
  // The clocks of machines differ, and one may be set back.
  if (phase === "apply" && announced && Math.abs(Date.now() - announced.at) < GOOD_FOR_MS)
    return update(opened, context);
  // Settings that are edited while the preview reads them differ from these.
  opened.readSettings();
  const preview = await runEngine(signal, plannedChange, (options) => stack.preview(options));
  const { errors, changes } = preview;
  if (errors.length > 0) return ended(preview, redact);
  const problem = otherSppProblem(context.site, preview.spps);
  if (problem !== undefined) return { result: failureResult([problem], redact), output: "" };
  if (phase === "check") {
    const { result, output } = ended(preview, redact);
    return { result: { ...result, changes, settings: opened.previewed.settings }, output };
  }
  const more = unannounced(announced?.changes ?? [], changes);
  if (more.length > 0) return { result: { outcome: "outdated", message: outdatedText(more) }, output: "" };
  return update(opened, context);
}

/** Asks everything again that may have changed while the change waited, and then makes it. */
async function update(opened: OpenedStack, { announced, ...context }: SiteStepContext): Promise<Ended> {
  const { stack, mark, program, settings, redact, onWait } = opened;
  const fingerprint = program();
  if (fingerprint !== context.fingerprint) return { result: { outcome: "changed", fingerprint }, output: "" };
  if (announced?.settings !== settings()) {
    const message = `stack ${stack.name}: its settings file has changed since its check; look at it with rollout preview, then retry the site to check it again`;
    return { result: { outcome: "outdated", message }, output: "" };
  }
  const refusal = await context.mayStart(mark);
  if (refusal !== undefined) return { result: { outcome: "deferred", message: refusal }, output: "" };
  const run = await runEngine(context.signal, plannedChange, (options) => stack.up(options));
  // Its provider goes on alone, and the change has not ended before. A worker that stops waits for it, too.
  if (run.signal !== undefined)
    await leftoverAfterWait({ ...context, leave: new AbortController().signal }, mark, onWait);
  const { result, output } = ended(run, redact);
  return { result: { ...result, ...(run.joins.length > 0 && { joins: run.joins }) }, output };
}

interface Ended {
  result: SiteResult;
  output: string;
}

function ended({ errors, changes, output, signal }: EngineRun, redact: Redactor): Ended {
  if (signal !== undefined)
    return { result: { outcome: "unknown", message: `${errors.join(" ")}, then retry the site` }, output: "" };
  if (errors.length > 0) return { result: failureResult(errors, redact), output };
  return { result: { outcome: "done", message: countsText(changes) }, output };
}

/** Changes that are named in a message. */
const NAMED = 3;

function outdatedText(changes: readonly PlannedChange[]): string {
  const rest = changes.length > NAMED ? ` and ${changes.length - NAMED} more` : "";
  const text = changes.slice(0, NAMED).map(changeText).join(", ");
  return `it would now also ${text}${rest}, which its check did not show; look at it with rollout preview, then retry the site to check it again`;
}
