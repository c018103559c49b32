import assert from "node:assert/strict";
import type { Effect, Injection, RequestRecord, Traffic } from "../../lab/common/traffic";
import type { LabOptions } from "../../lab/lab";
import type { OperationContext } from "../../provider/core/context";
import { messageOf, PartialFailure } from "../../provider/core/errors";
import { Site } from "../support/site";

/** What befalls one request. */
export const FAULTS = ["cut-before", "cut-after", "503 once", "cancel"] as const;
export type Fault = (typeof FAULTS)[number];

/** A request of a run, and how to meet it again in another run. */
export interface Target {
  appliance: string;
  request: string;
  isChange: boolean;
  find: Pick<Injection, "method" | "path" | "nth">;
}

/** An operation as the engine has it: made, and resumed with what a failure recorded. */
export interface Subject<State> {
  lab: LabOptions;
  /** What must be there before; not part of the sweep. */
  prepare(site: Site): Promise<void>;
  create(site: Site, context: OperationContext): Promise<{ id: string; state: State }>;
  update(site: Site, id: string, state: State, context: OperationContext): Promise<{ state: State }>;
  /** Throws where the end is not the wanted one. */
  verify(site: Site, state: State): void;
}

/** How a run with one fault went. */
export interface Outcome {
  target: Target;
  fault: Fault;
  /** One word for each attempt. */
  attempts: ("done" | "partial" | "error")[];
  /** Why the run is not as it must be; undefined where it is. */
  complaint: string | undefined;
}

/** What one SPS asks of SPP by itself is no request of this program. */
const HANDSHAKE = /^\/service\/(core\/v3|a2a)\//;
const OWN = /^(?!\/service\/(?:core\/v3|a2a)\/)/;

const MOST_ATTEMPTS = 3;

/** The requests of a run without faults, in order for each appliance. */
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
      : { path: OWN, nth: index + 1 };
    return { appliance, request, isChange, find };
  });
}

/** Every change, and of the reads every `stride`-th, beginning where the seed says. */
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
    await untilDone(subject, site, controller, attempts);
    return { target, fault, attempts, complaint: undefined };
  } catch (error) {
    return { target, fault, attempts, complaint: messageOf(error) };
  } finally {
    await site.stop();
  }
}

async function untilDone<State>(
  subject: Subject<State>,
  site: Site,
  controller: AbortController,
  attempts: Outcome["attempts"],
): Promise<void> {
  let record: { id: string; state: State } | undefined;
  for (;;) {
    // Only the first attempt is the one that is cancelled.
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
      assert.ok(attempts.length < MOST_ATTEMPTS, `not done after ${MOST_ATTEMPTS} attempts: ${messageOf(error)}`);
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

/** How many runs went which way, a line for each fault. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const ways = ["done", "partial, done", "error, done", "other"] as const;
  const rows = FAULTS.flatMap((fault) => {
    const own = outcomes.filter((outcome) => outcome.fault === fault);
    if (own.length === 0) return [];
    const counts = ways.map((way) => own.filter(({ attempts }) => wayOf(attempts, ways) === way).length);
    return [[fault, String(own.length), ...counts.map(String)]];
  });
  const lines = [["fault", "runs", "at once", "partial first", "error first", "otherwise"], ...rows];
  return lines
    .map((cells) => cells.map((cell, index) => (index === 0 ? cell.padEnd(12) : cell.padStart(14))).join(""))
    .join("\n");
}

function wayOf(attempts: readonly string[], ways: readonly string[]): string {
  const way = attempts.join(", ");
  return ways.includes(way) ? way : "other";
}
