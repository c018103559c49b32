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
const isKnown = names.includes(name);
const options = isKnown ? optionsOf(name) : [];
const strange = args.find((arg) => arg.startsWith("-") && !options.includes(arg));
if (!isKnown) refuse("the benchmark", name || "(none)", names);
// Some benchmarks take half an hour: none is begun by mistake.
else if (strange !== undefined) refuse(`the options of ${name}`, strange, options);
else {
  const program = ["--import", "tsx", path.join(folder, `${name}.ts`), ...args];
  process.exitCode = spawnSync(process.execPath, program, { cwd: root, stdio: "inherit" }).status ?? 1;
}

/**
 * @param {string} what
 * @param {string} value
 * @param {string[]} allowed
 */
function refuse(what, value, allowed) {
  process.stderr.write(
    `Invalid value for ${what}: ${value}. Allowed values are: ${allowed.join(", ") || "none yet"}.\n`,
  );
  process.exitCode = 1;
}
