import type { ChildProcess } from "node:child_process";
import { killQuietly, killWithDescendants } from "../../tests/engine/processes";

/** Sends SIGKILL to the process group of a worker, or to it and all that it has started, as when its machine dies, and waits for its end. */
export async function killAt(worker: ChildProcess, what: "group" | "machine"): Promise<void> {
  const { pid } = worker;
  if (pid === undefined || worker.exitCode !== null || worker.signalCode !== null) return;
  const gone = new Promise((resolve) => worker.once("exit", resolve));
  if (what === "group") killQuietly(-pid);
  else killWithDescendants(pid);
  await gone;
}
