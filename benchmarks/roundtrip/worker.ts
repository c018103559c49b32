import { messageOf } from "../../provider/core/errors";
import type { BackendName } from "../../provider/router/linux/backends/names";
import { roundTrips } from "../../provider/router/linux/roundtrip-bench.test";

/** So many generated cases of one backend; the same seed generates the same ones. */
export interface Batch {
  backend: BackendName;
  runs: number;
  seed: number;
}

/** What became of a batch. */
export interface BatchResult {
  batch: Batch;
  /** Processor time, in seconds. */
  seconds: number;
  /** The smallest case with a difference, in words; undefined when there is none. */
  difference?: string;
}

// Answers each batch that it is sent; ends with the process that has started it.
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
