import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { root } from "./setup/paths.mjs";

const folder = path.join(root, "benchmarks");
const names = (fs.existsSync(folder) ? fs.readdirSync(folder) : [])
  .filter((file) => /^[^_].*(?<!\.test|\.d)\.ts$/.test(file))
  .map((file) => file.replace(/\.ts$/, ""))
  .sort();

const [name = "", ...args] = process.argv.slice(2);
if (names.includes(name)) {
  const program = ["--import", "tsx", path.join(folder, `${name}.ts`), ...args];
  process.exitCode = spawnSync(process.execPath, program, { cwd: root, stdio: "inherit" }).status ?? 1;
} else {
  const list = names.join(", ") || "none yet";
  process.stderr.write(`Invalid value for the benchmark: ${name || "(none)"}. Allowed values are: ${list}.\n`);
  process.exitCode = 1;
}
