import { messageOf } from "../../provider/core/errors";
import type { BackendName } from "../../provider/router/linux/model/backend-names";
import { roundTrips } from "../../provider/router/linux/simulated/roundtrip-bench.test";

/** Generated cases of one backend; the same seed generates the same cases. */
export interface Batch {
  backend: BackendName;
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

// Answers each batch and ends with its parent process.
process.on("message", (batch: Batch) => {
  const before = process.cpuUsage();
  let difference: string | undefined;
  try {
    roundTrips(batch.backend, batch.runs, batch.seed);
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
