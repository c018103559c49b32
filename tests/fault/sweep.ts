import assert from "node:assert/strict";
import type { Effect, Injection, RequestRecord, Traffic } from "../../lab/common/traffic";
import type { LabOptions } from "../../lab/lab";
import type { OperationContext } from "../../provider/core/context";
import { messageOf, PartialFailure } from "../../provider/core/errors";
import { Site } from "../support/site";

/** The faults, each applied to one request. */
export const FAULTS = ["cut-before", "cut-after", "503 once", "cancel"] as const;
export type Fault = (typeof FAULTS)[number];

/** A request of a run, and how to find it in another run. */
export interface Target {
  appliance: string;
  request: string;
  isChange: boolean;
  find: Pick<Injection, "method" | "path" | "nth">;
}

/** An operation as the engine calls it: create, or update with the state that a failed create recorded. */
export interface Subject<State> {
  lab: LabOptions;
  /** Runs before the operation; not part of the sweep. */
  prepare(site: Site): Promise<void>;
  create(site: Site, context: OperationContext): Promise<{ id: string; state: State }>;
  update(site: Site, id: string, state: State, context: OperationContext): Promise<{ state: State }>;
  /** @throws AssertionError when the appliances or the state differ from the inputs */
  verify(site: Site, state: State): void;
}

/** The result of a run with one fault. */
export interface Outcome {
  target: Target;
  fault: Fault;
  /** How each attempt ended. */
  attempts: ("done" | "partial" | "error")[];
  /** Why the run failed; undefined when it succeeded. */
  complaint: string | undefined;
}

/** Requests that SPS itself sends to SPP. */
const HANDSHAKE = /^\/service\/(core\/v3|a2a)\//;
const OWN_REQUEST = /^(?!\/service\/(?:core\/v3|a2a)\/)/;

const MAX_ATTEMPTS = 3;

/** Records the requests of a run without faults, in order for each appliance. */
export async function targetsOf<State>(subject: Subject<State>): Promise<Target[]> {
  const site = await Site.start(subject.lab);
  try {
    await subject.prepare(site);
    site.clearTraffic();
    const { state } = await subject.create(site, site.context());
    subject.verify(site, state);
    return appliancesOf(site).flatMap(([name, traffic]) => targetsIn(name, traffic.requests));
  } finally {
    await site.stop();
  }
}

function targetsIn(appliance: string, requests: readonly RequestRecord[]): Target[] {
  const own = requests.filter(({ path }) => !HANDSHAKE.test(path));
  const seen = new Map<string, number>();
  return own.map(({ method, path }, index) => {
    const request = `${method} ${path}`;
    const occurrence = (seen.get(request) ?? 0) + 1;
    seen.set(request, occurrence);
    // Node ids differ from lab to lab.
    const pattern = path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, "[0-9a-f-]{36}");
    const isChange = method !== "GET";
    const find = isChange
      ? { method, path: new RegExp(`^${pattern}$`), nth: occurrence }
      : { path: OWN_REQUEST, nth: index + 1 };
    return { appliance, request, isChange, find };
  });
}

/** Every change, and every `stride`-th read from an offset of `seed`. */
export function sample(targets: readonly Target[], stride: number, seed: number): Target[] {
  let reads = seed;
  return targets.filter(({ isChange }) => isChange || reads++ % stride === 0);
}

/** Runs an operation with one fault until it succeeds, as repeated `pulumi up` would. */
export async function runWith<State>(subject: Subject<State>, target: Target, fault: Fault): Promise<Outcome> {
  const site = await Site.start(subject.lab);
  const attempts: Outcome["attempts"] = [];
  try {
    await subject.prepare(site);
    site.clearTraffic();
    const controller = new AbortController();
    const traffic = appliancesOf(site).find(([name]) => name === target.appliance)?.[1];
    assert.ok(traffic);
    traffic.inject({ ...target.find, effect: effectOf(fault, controller) });
    await repeatUntilDone(subject, site, controller, attempts);
    return { target, fault, attempts, complaint: undefined };
  } catch (error) {
    return { target, fault, attempts, complaint: messageOf(error) };
  } finally {
    await site.stop();
  }
}

async function repeatUntilDone<State>(
  subject: Subject<State>,
  site: Site,
  controller: AbortController,
  attempts: Outcome["attempts"],
): Promise<void> {
  let record: { id: string; state: State } | undefined;
  for (;;) {
    // Only the first attempt is cancelled.
    const context = site.context(attempts.length === 0 ? controller.signal : undefined);
    try {
      const { state } = record
        ? await subject.update(site, record.id, record.state, context)
        : await subject.create(site, context);
      attempts.push("done");
      assert.equal(site.openTransactions, 0, "a transaction is open at the end");
      subject.verify(site, JSON.parse(JSON.stringify(state)));
      site.assertNoSecret(...site.log.all);
      return;
    } catch (error) {
      if (attempts.at(-1) === "done") throw error;
      const isPartial = error instanceof PartialFailure;
      attempts.push(isPartial ? "partial" : "error");
      site.assertNoSecret(messageOf(error), ...(isPartial ? error.reasons : []));
      assert.equal(site.openTransactions, 0, `a transaction is open after: ${messageOf(error)}`);
      if (isPartial) record = { id: error.id, state: JSON.parse(JSON.stringify(error.state)) };
      assert.ok(attempts.length < MAX_ATTEMPTS, `not done after ${MAX_ATTEMPTS} attempts: ${messageOf(error)}`);
    }
  }
}

function effectOf(fault: Fault, controller: AbortController): Effect {
  if (fault === "503 once") return { kind: "status", status: 503 };
  if (fault === "cancel") return { kind: "call", when: "before", run: () => controller.abort() };
  return { kind: fault };
}

function appliancesOf(site: Site): [name: string, traffic: Traffic][] {
  const nodes = site.lab.sps.map((node, index): [string, Traffic] => [`sps${index + 1}`, node.traffic]);
  return [...nodes, ["spp", site.lab.spp.traffic]];
}

/** Counts the runs by their attempts, one line for each fault. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const patterns = ["done", "partial, done", "error, done", "other"] as const;
  const rows = FAULTS.flatMap((fault) => {
    const own = outcomes.filter((outcome) => outcome.fault === fault);
    if (own.length === 0) return [];
    const counts = patterns.map(
      (pattern) => own.filter(({ attempts }) => patternOf(attempts, patterns) === pattern).length,
    );
    return [[fault, String(own.length), ...counts.map(String)]];
  });
  const lines = [["fault", "runs", "at once", "partial first", "error first", "otherwise"], ...rows];
  return lines
    .map((cells) => cells.map((cell, index) => (index === 0 ? cell.padEnd(12) : cell.padStart(14))).join(""))
    .join("\n");
}

function patternOf(attempts: readonly string[], patterns: readonly string[]): string {
  const pattern = attempts.join(", ");
  return patterns.includes(pattern) ? pattern : "other";
}
