import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { capabilityPages } from "./capability-pages";
import { generatedFiles } from "./generated";

/*
 * Writes every generated file, and the generated parts of pages: `npm run docs`. With `--check` it only reports the files that are not up to date.
 */
const root = resolve(__dirname, "../..");
const isCheck = process.argv.includes("--check");
let outdated = 0;
for (const [file, text] of Object.entries({ ...generatedFiles(), ...capabilityPages() })) {
  const path = join(root, file);
  if (isCheck) {
    if (textOf(path) === text) continue;
    process.stderr.write(`${file} is not up to date; run: npm run docs\n`);
    outdated += 1;
  } else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}
process.exitCode = outdated === 0 ? 0 : 1;

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // A missing file is not up to date either.
    return undefined;
  }
}
