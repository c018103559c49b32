import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { root } from "./setup/paths.mjs";

const folder = path.join(root, "benchmarks");
const names = (fs.existsSync(folder) ? fs.readdirSync(folder) : [])
  .filter((file) => /^[^_].*(?<!\.test|\.d)\.ts$/.test(file))
  .map((file) => file.replace(/\.ts$/, ""))
  .sort();

/**
 * The options of a benchmark: the quoted ones in its source.
 *
 * @param {string} benchmark
 */
function optionsOf(benchmark) {
  const source = fs.readFileSync(path.join(folder, `${benchmark}.ts`), "utf8");
  return [...new Set(source.match(/(?<=")--[a-z-]+(?=")/g) ?? [])].sort();
}

const isHelp = process.argv.slice(2).some((arg) => arg === "--help" || arg === "-h");
const [name = "", ...args] = process.argv.slice(2);
const isKnown = names.includes(name);
const options = isKnown ? optionsOf(name) : [];
const unknownOption = args.find((arg) => arg.startsWith("-") && !options.includes(arg));
if (isHelp) printHelp();
else if (!isKnown) refuse("the benchmark", name || "(none)", names);
// Some benchmarks take half an hour, so a typing error must not start one.
else if (unknownOption !== undefined) refuse(`the options of ${name}`, unknownOption, options);
else {
  const program = ["--import", "tsx", path.join(folder, `${name}.ts`), ...args];
  process.exitCode = spawnSync(process.execPath, program, { cwd: root, stdio: "inherit" }).status ?? 1;
}

/** Prints all benchmarks with their options. */
function printHelp() {
  const lines = names.map((benchmark) => `  ${benchmark.padEnd(12)} ${optionsOf(benchmark).join(" ")}`);
  process.stdout.write(
    `Usage: npm run bench -- BENCHMARK [OPTIONS]\n\n${lines.join("\n")}\n\nThe source of each, benchmarks/BENCHMARK.ts, describes it.\n`,
  );
}

/**
 * @param {string} subject
 * @param {string} value
 * @param {string[]} allowed
 */
function refuse(subject, value, allowed) {
  process.stderr.write(
    `Invalid value for ${subject}: ${value}. Allowed values are: ${allowed.join(", ") || "none"}.\n`,
  );
  process.exitCode = 1;
}
