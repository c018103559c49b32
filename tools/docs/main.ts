import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { errorPages } from "./error-pages";
import { resourcePages } from "./resource-pages";

/*
 * Writes docs/resources/*.md from the schemas and docs/errors/*.md from the catalogue: `npm run docs`. With `--check` it only tells whether they are as they
 * should be.
 */
const folder = resolve(__dirname, "../../docs");
const isCheck = process.argv.includes("--check");
let outdated = 0;
for (const [file, text] of Object.entries({ ...resourcePages(), ...errorPages() })) {
  const path = join(folder, file);
  if (!isCheck) writeFileSync(path, text);
  else if (readFileSync(path, "utf8") !== text) {
    process.stderr.write(`docs/${file} is not what the schema says; run: npm run docs\n`);
    outdated += 1;
  }
}
process.exitCode = outdated === 0 ? 0 : 1;
