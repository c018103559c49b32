import { fork } from "node:child_process";
import { join } from "node:path";
import type { Batch, BatchResult } from "./worker";

/** Runs batches in several processes, one at a time each, and reports every result until one has a difference. */
export async function runBatches(
  batches: readonly Batch[],
  processes: number,
  each: (result: BatchResult) => void,
): Promise<void> {
  const waiting = [...batches];
  await Promise.all(Array.from({ length: Math.min(processes, batches.length) }, () => work(waiting, each)));
}

/** Runs batches in one process until none is left. @throws Error when the process ends earlier */
async function work(waiting: Batch[], each: (result: BatchResult) => void): Promise<void> {
  const child = fork(join(__dirname, "worker.ts"), { execArgv: ["--require", "tsx/cjs"] });
  const ended = new Promise<never>((_, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => reject(new Error(`a process of the benchmark ended: ${signal ?? code}`)));
  });
  ended.catch(() => {
    // Reported by the awaiting caller.
  });
  try {
    for (let batch = waiting.shift(); batch; batch = waiting.shift()) {
      const answer = new Promise<BatchResult>((resolve) => child.once("message", resolve));
      child.send(batch);
      const result = await Promise.race([answer, ended]);
      each(result);
      if (result.difference !== undefined) waiting.length = 0;
    }
  } finally {
    if (child.connected) child.disconnect();
  }
}
