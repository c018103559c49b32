import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pages } from "./pages";

/*
 * Writes docs/resources/*.md from the schemas: `npm run docs`. With `--check` it only tells whether they are as they
 * should be.
 */
const folder = resolve(__dirname, "../../docs/resources");
const isCheck = process.argv.includes("--check");
let outdated = 0;
for (const [file, text] of Object.entries(pages())) {
  const path = join(folder, file);
  if (!isCheck) writeFileSync(path, text);
  else if (readFileSync(path, "utf8") !== text) {
    process.stderr.write(`docs/resources/${file} is not what the schema says; run: npm run docs\n`);
    outdated += 1;
  }
}
process.exitCode = outdated === 0 ? 0 : 1;
