import { setTimeout as pause } from "node:timers/promises";
import type { ApplianceConnection } from "../../provider/core/connection";
import { type Log, operationContext, silentLog } from "../../provider/core/context";
import { check } from "../../provider/resources/spp-join/check";
import { sppJoin } from "../../provider/resources/spp-join/operations";
import type { SppJoinKnown } from "../../provider/resources/spp-join/schema";
import { LabPair } from "../preflight/lab-pair";

/** How much faster than the wall clock the appliances run. */
export const SPEED = 40;
/** The share of the join time before SPP trusts the node; in the rest SPS creates its objects. */
const HANDSHAKE_SHARE = 0.6;
const PHASE = /: \d+\/\d+ ([a-z ]+): /;

export interface JoinRun {
  /** Wall-clock milliseconds from the moment both sides were done until the join was reported. */
  detectionMilliseconds: number;
  /** Whether the join was reported before both sides were done. */
  isEarly: boolean;
  /** Requests to both sides in total, by phase. */
  requests: Record<string, number>;
}

/** Starts a pair whose join takes this many appliance seconds. */
export function startPair(joinSeconds: number): Promise<LabPair> {
  const handshake = joinSeconds * HANDSHAKE_SHARE;
  return LabPair.start({ speed: SPEED, sps: { joinSeconds: handshake, policySeconds: joinSeconds - handshake } });
}

/** Joins a new pair with the provider and meanwhile watches the internal state of both appliances. */
export async function runJoin(joinSeconds: number): Promise<JoinRun> {
  const pair = await startPair(joinSeconds);
  try {
    const inputs = await inputsOf(pair);
    const counter = new PhaseCounter(() => requestCount(pair));
    let isReported = false;
    const done = untilDone(pair, () => isReported);
    await sppJoin.create(inputs, operationContext({ log: counter.log }));
    const reportedAt = performance.now();
    isReported = true;
    const doneAt = await done;
    return {
      detectionMilliseconds: doneAt === undefined ? 0 : reportedAt - doneAt,
      isEarly: doneAt === undefined,
      requests: counter.end(),
    };
  } finally {
    await pair.stop();
  }
}

/** When both sides were done; undefined when the join was reported earlier. */
async function untilDone(pair: LabPair, isReported: () => boolean): Promise<number | undefined> {
  for (;;) {
    if (isDone(pair)) return performance.now();
    if (isReported()) return undefined;
    await pause(1);
  }
}

/** Whether, by the appliances' internal state, SPP trusts the node and SPS has created its objects. */
export function isDone({ central, spp }: LabPair): boolean {
  return central.sps.joined?.phase === "complete" && spp.sessionModules.some((row) => row.Trusted);
}

async function inputsOf(pair: LabPair): Promise<SppJoinKnown> {
  const { sps, spp } = pair.order();
  const acknowledge = { irreversible: true, sps: sps.address, spp: spp.address };
  const given = {
    sps: sps.connection as ApplianceConnection,
    spp: spp.connection as ApplianceConnection,
    acknowledge,
    preflight: "off",
    backups: { spp: "skip", sps: "skip" },
  };
  const { inputs, failures } = check(given, operationContext());
  if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("; "));
  return inputs as unknown as SppJoinKnown;
}

const requestCount = ({ central, spp }: LabPair) => central.sps.traffic.requests.length + spp.traffic.requests.length;

/** Counts the requests between the log lines that begin a phase. */
class PhaseCounter {
  readonly log: Log = { ...silentLog, info: (line) => this.enter(PHASE.exec(line)?.[1]) };
  private readonly counts: Record<string, number> = {};
  private phase = "log in";
  private before: number;

  constructor(private readonly count: () => number) {
    this.before = count();
  }

  end(): Record<string, number> {
    this.enter("end");
    return this.counts;
  }

  private enter(phase: string | undefined): void {
    if (phase === undefined) return;
    const now = this.count();
    this.counts[this.phase] = (this.counts[this.phase] ?? 0) + now - this.before;
    this.before = now;
    this.phase = phase;
  }
}
