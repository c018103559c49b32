import { accessSync, constants, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The system programs that the network needs, with their Debian packages. tools/setup installs the packages. */
const PACKAGES: Record<string, string> = JSON.parse(readFileSync(join(__dirname, "debian-packages.json"), "utf8"));

/** Absolute path of a program on a search path; undefined when it is not there. */
export function findTool(name: string, path: string): string | undefined {
  for (const folder of path.split(delimiter)) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

/** Programs missing from a search path and their Debian packages; undefined when none is missing. */
export function missingTools(path: string): { programs: string[]; packages: string[] } | undefined {
  const missing = Object.entries(PACKAGES).filter(([name]) => findTool(name, path) === undefined);
  if (missing.length === 0) return undefined;
  return { programs: missing.map(([name]) => name), packages: [...new Set(missing.map(([, from]) => from))].sort() };
}
