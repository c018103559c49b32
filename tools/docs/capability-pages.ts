import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { UNKNOWN } from "../../provider/core/unknown";
import { PLATFORMS } from "../../provider/router/platforms";
import { capabilityTable } from "./capability-table";

const ROOT = resolve(__dirname, "../..");

/** The page about each platform. */
const PAGES: Readonly<Record<string, string>> = {
  linux: "docs/router-linux/reference.md",
  "cisco-ios": "docs/router-cisco-ios.md",
  "check-point": "docs/router-check-point.md",
  "sophos-utm": "docs/router-sophos-utm.md",
};

/** What stands around the table that is written. */
const TABLE = /(?<=^<!-- capabilities -->\n)[\s\S]*?(?=^<!-- end of capabilities -->$)/m;

/** The pages about routers with their tables of capabilities as the code has them, by path from the root. */
export function capabilityPages(): Record<string, string> {
  return Object.fromEntries(
    [...PLATFORMS].map(([name, { capabilities }]) => {
      const page = PAGES[name];
      if (page === undefined) throw new Error(`platform ${name} has no page`);
      const text = readFileSync(join(ROOT, page), "utf8");
      if (!TABLE.test(text)) throw new Error(`${page} has no place for the table of capabilities`);
      const table = `\n| feature | support |\n| --- | --- |\n${capabilityTable(capabilities(UNKNOWN))}\n\n`;
      return [page, text.replace(TABLE, () => table)];
    }),
  );
}
