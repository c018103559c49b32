import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Lab } from "../lab";
import { type RunningLab, runningFile } from "../registry";
import { serveCommands } from "./control";
import type { StartOptions, StartResult } from "./running";

/** The process of a lab started from the command line: starts the lab, serves commands, stops the lab on a signal. */
async function run(options: StartOptions): Promise<void> {
  const lab = await Lab.start({
    name: options.name,
    speed: options.speed,
    spsCount: options.spsCount,
    network: options.network,
    router: options.router,
  });
  const { directory } = lab.description;
  const controlSocket =
    process.platform === "win32" ? `\\\\.\\pipe\\safeguard-lab-${options.name}` : join(directory, "control");
  let isStopping = false;
  const stop = () => {
    if (isStopping) return;
    isStopping = true;
    server.close();
    lab.stop().then(
      () => process.exit(),
      () => process.exit(1),
    );
  };
  const server = await serveCommands(controlSocket, lab, stop);
  const running: RunningLab = {
    description: lab.description,
    pid: process.pid,
    keeperPid: lab.network?.keeperPid ?? 0,
    controlSocket,
  };
  writeFileSync(runningFile(directory), JSON.stringify(running), { mode: 0o600 });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  if (options.isForeground) process.on("disconnect", stop);
  report({ description: lab.description });
}

function report(message: StartResult): void {
  process.send?.(message);
}

run(JSON.parse(process.argv[2] ?? "{}") as StartOptions).catch((error: unknown) => {
  report({ failure: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
  process.disconnect?.();
});
