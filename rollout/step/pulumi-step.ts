import { setTimeout as sleep } from "node:timers/promises";
import { type EngineEvent, LocalWorkspace, type OpMap, type Stack } from "@pulumi/pulumi/automation";
import type { SiteStep, SiteStepContext } from "../engine/workflows";
import type { SiteResult } from "../machine/events";
import { type LoadedRollout, loadRollout } from "../plan/load";
import { redactor } from "./redact";
import { failureResult } from "./result";
import { isDead, locksIn, lockText } from "./state-lock";

/** How long a run waits for the lock of its stack, which a killed worker's CLI holds until it has finished. */
const LOCK_LIMIT_MS = 30 * 60_000;
const LOCK_POLL_MS = 1000;
/** How long a loaded definition is good; a rollout of many sites would read it once for each. */
const LOADED_FOR_MS = 2000;

/**
 * The step of real rollouts: `pulumi preview` of the site's stack as its check, `pulumi up` as its change. Both may be repeated: Pulumi
 * and the provider bring a site to the state of the program, whatever an interrupted run has left.
 */
export function pulumiStep(fileOf: (context: SiteStepContext) => string = ({ file }) => file): SiteStep {
  const load = cachedLoad();
  return async (context) => {
    let redact = redactor(process.env);
    try {
      const rollout = load(fileOf(context));
      const { fingerprint } = rollout.plan;
      if (fingerprint !== context.fingerprint) return { outcome: "changed", fingerprint };
      const config = rollout.config[context.site.name] ?? {};
      redact = redactor(process.env, config);
      const stack = await stackOf(context, rollout, config);
      return await runUnlocked(stack, context, redact);
    } catch (error) {
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

async function stackOf(
  { site }: SiteStepContext,
  { programFolder: workDir }: LoadedRollout,
  config: Record<string, string>,
): Promise<Stack> {
  const stack = await LocalWorkspace.createOrSelectStack({ stackName: site.stack, workDir });
  const values = Object.entries(config).map(([key, value]) => [key, { value }]);
  if (values.length > 0) await stack.setAllConfig(Object.fromEntries(values));
  return stack;
}

/** Runs as soon as the stack is not locked. Clears locks only when all of their processes are known to be dead. */
async function runUnlocked(
  stack: Stack,
  context: SiteStepContext,
  redact: (text: string) => string,
): Promise<SiteResult> {
  const limit = Date.now() + LOCK_LIMIT_MS;
  for (;;) {
    const { result, output } = await runOnce(stack, context, redact);
    const locks = result.outcome === "done" ? undefined : locksIn(output);
    if (locks === undefined) return result;
    const living = locks.filter((lock) => !isDead(lock));
    const [holder] = living;
    if (holder === undefined) {
      await stack.cancel();
      continue;
    }
    if (Date.now() > limit) {
      const message = `stack ${context.site.stack}: lock: it is locked by ${lockText(holder)}; wait for its end, or run pulumi cancel if it is dead`;
      return { outcome: "unknown", message };
    }
    await sleep(LOCK_POLL_MS, undefined, { signal: context.signal });
  }
}

async function runOnce(
  stack: Stack,
  { phase, signal }: SiteStepContext,
  redact: (text: string) => string,
): Promise<{ result: SiteResult; output: string }> {
  const errors: string[] = [];
  let output = "";
  const collect = (text: string) => {
    output += text;
  };
  const options = {
    signal,
    color: "never" as const,
    onOutput: collect,
    onError: collect,
    onEvent: ({ diagnosticEvent }: EngineEvent) => {
      if (diagnosticEvent?.severity === "error") errors.push(diagnosticEvent.message);
    },
  };
  try {
    const changes =
      phase === "check"
        ? (await stack.preview(options)).changeSummary
        : (await stack.up(options)).summary.resourceChanges;
    return { result: { outcome: "done", message: changesText(changes), changes: plainChanges(changes) }, output };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const found = errors.length > 0 ? errors : [lastErrorLine(message)];
    return { result: failureResult(found, redact), output: `${output}\n${message}` };
  }
}

/** The Automation API puts the whole output of the CLI into its message. */
function lastErrorLine(message: string): string {
  return (
    message
      .split("\n")
      .findLast((line) => /^\s*error: /.test(line))
      ?.trim() ??
    message.split("\n")[0] ??
    message
  );
}

function plainChanges(changes: OpMap | undefined): Record<string, number> {
  return Object.fromEntries(Object.entries(changes ?? {}).filter(([, count]) => count));
}

/** For example `3 create, 1 update`; `no changes` when everything stays. */
function changesText(changes: OpMap | undefined): string {
  const parts = Object.entries(plainChanges(changes))
    .filter(([operation]) => operation !== "same")
    .map(([operation, count]) => `${count} ${operation}`);
  return parts.length > 0 ? parts.join(", ") : "no changes";
}
