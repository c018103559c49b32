import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { root } from "./setup/paths.mjs";

const folder = path.join(root, "benchmarks");
const names = (fs.existsSync(folder) ? fs.readdirSync(folder) : [])
  .filter((file) => /^[^_].*(?<!\.test|\.d)\.ts$/.test(file))
  .map((file) => file.replace(/\.ts$/, ""))
  .sort();

/** @param {string} benchmark its options stand in its source, in quotes */
function optionsOf(benchmark) {
  const source = fs.readFileSync(path.join(folder, `${benchmark}.ts`), "utf8");
  return [...new Set(source.match(/(?<=")--[a-z-]+(?=")/g) ?? [])].sort();
}

const [name = "", ...args] = process.argv.slice(2);
const known = names.includes(name) ? optionsOf(name) : [];
const strange = args.find((arg) => arg.startsWith("-") && !known.includes(arg));
if (names.includes(name) && strange !== undefined) {
  // Some benchmarks take half an hour: none is begun by mistake.
  process.stderr.write(
    `Invalid value for the options of ${name}: ${strange}. Allowed values are: ${known.join(", ")}.\n`,
  );
  process.exitCode = 1;
} else if (names.includes(name)) {
  const program = ["--import", "tsx", path.join(folder, `${name}.ts`), ...args];
  process.exitCode = spawnSync(process.execPath, program, { cwd: root, stdio: "inherit" }).status ?? 1;
} else {
  const list = names.join(", ") || "none yet";
  process.stderr.write(`Invalid value for the benchmark: ${name || "(none)"}. Allowed values are: ${list}.\n`);
  process.exitCode = 1;
}
