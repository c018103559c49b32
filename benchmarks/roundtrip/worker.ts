import { messageOf } from "../../provider/core/errors";
import * as checkPoint from "../../provider/router/check-point/simulated/roundtrip-bench.test";
import * as cisco from "../../provider/router/cisco-ios/simulated/roundtrip-bench.test";
import type { BackendName } from "../../provider/router/linux/model/backend-names";
import { roundTrips } from "../../provider/router/linux/simulated/roundtrip-bench.test";
import * as sophos from "../../provider/router/sophos-utm/simulated/roundtrip-bench.test";

/** What is checked: a backend of Linux routers, or another platform. */
export type Subject = BackendName | "cisco-ios" | "check-point" | "sophos-utm";

/** Generated cases of one subject; the same seed generates the same cases. */
export interface Batch {
  subject: Subject;
  runs: number;
  seed: number;
}

/** The result of a batch. */
export interface BatchResult {
  batch: Batch;
  /** Processor time, in seconds. */
  seconds: number;
  /** The smallest case with a difference, as text; undefined when there is none. */
  difference?: string;
}

async function check({ subject, runs, seed }: Batch): Promise<void> {
  // Half of the cases for each of the properties of a platform.
  const cases = { numRuns: Math.ceil(runs / 2), seed };
  if (subject === "cisco-ios") {
    cisco.reachesEveryState(cases);
    cisco.undoesInterruptedChanges(cases);
  } else if (subject === "check-point") {
    checkPoint.reachesEveryState(cases);
    checkPoint.undoesInterruptedChanges(cases);
  } else if (subject === "sophos-utm") {
    await sophos.reachesEveryState(cases);
    await sophos.keepsTrafficThatStays(cases);
  } else roundTrips(subject, runs, seed);
}

// Answers each batch and ends with its parent process.
process.on("message", async (batch: Batch) => {
  const before = process.cpuUsage();
  let difference: string | undefined;
  try {
    await check(batch);
  } catch (error) {
    difference = messageOf(error);
  }
  const { user, system } = process.cpuUsage(before);
  const result: BatchResult = {
    batch,
    seconds: (user + system) / 1e6,
    ...(difference !== undefined && { difference }),
  };
  process.send?.(result);
});
process.once("disconnect", () => process.exit());
