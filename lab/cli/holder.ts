import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Lab } from "../lab";
import { type RunningLab, runningFile } from "../registry";
import { listenForOrders } from "./control";
import type { StartOrder, StartReport } from "./running";

/** The process that holds a lab started from the command line: starts it, takes orders, ends it on a signal. */
async function hold(order: StartOrder): Promise<void> {
  const lab = await Lab.start({
    name: order.name,
    speed: order.speed,
    spsCount: order.spsCount,
    network: order.network,
  });
  const { directory } = lab.description;
  const controlSocket =
    process.platform === "win32" ? `\\\\.\\pipe\\safeguard-lab-${order.name}` : join(directory, "control");
  let isEnding = false;
  const end = () => {
    if (isEnding) return;
    isEnding = true;
    server.close();
    lab.stop().then(
      () => process.exit(),
      () => process.exit(1),
    );
  };
  const server = await listenForOrders(controlSocket, lab, end);
  const running: RunningLab = {
    description: lab.description,
    pid: process.pid,
    keeperPid: lab.network?.keeperPid ?? 0,
    controlSocket,
  };
  writeFileSync(runningFile(directory), JSON.stringify(running), { mode: 0o600 });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, end);
  if (order.isForeground) process.on("disconnect", end);
  report({ description: lab.description });
}

function report(message: StartReport): void {
  process.send?.(message);
}

hold(JSON.parse(process.argv[2] ?? "{}") as StartOrder).catch((error: unknown) => {
  report({ problem: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
  process.disconnect?.();
});
