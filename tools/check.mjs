import { spawnSync } from "node:child_process";
import { root } from "./setup/paths.mjs";
import { checks } from "./testing/checks.mjs";

// All of them, so that one run shows every problem.
for (const [name, args] of Object.entries(checks)) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  process.stdout.write(`${name}: ${status === 0 ? "ok" : "failed"}\n`);
  if (status !== 0) process.exitCode = 1;
}
