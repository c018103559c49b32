import { readdirSync } from "node:fs";
import { readSiteFileAsWritten } from "../site-file/read";
import { DEFAULT_FILE } from "../site-file/sites";

/** Values that options take whatever the site. A test compares them with what the commands accept. */
export const FIXED_VALUES: Readonly<Record<string, readonly string[]>> = {
  "--protocol": ["http", "ica", "mssql", "rdp", "ssh", "telnet", "vnc"],
  "--sps-backup": ["require", "report", "skip"],
  "--spp-backup": ["take", "require", "report", "skip"],
};

/** The values of an option that can be listed at once: the fixed ones, and names of sites from their file. */
export function valuesOf(option: string, before: readonly string[]): readonly string[] | undefined {
  if (option === "--site") return siteNames(before);
  return option === "--stack" ? stackNames() : FIXED_VALUES[option];
}

/** The stacks that have a configuration file in the folder of the program, where `--stack` is used. */
function stackNames(): string[] {
  const files = readdirSync(process.cwd());
  return files.flatMap((file) => /^Pulumi\.(.+)\.ya?ml$/.exec(file)?.[1] ?? []).sort();
}

/** The names in the file that the command would read. Those of a stack would need a run of Pulumi, which takes too long. */
function siteNames(before: readonly string[]): string[] {
  if (before.includes("--stack")) return [];
  const file = before[before.lastIndexOf("--file") + 1];
  try {
    const path = before.includes("--file") && file !== undefined ? file : DEFAULT_FILE;
    return readSiteFileAsWritten(path).map(({ name }) => name as string);
  } catch {
    // A shell that completes a word has no place for an error; the command itself reports it.
    return [];
  }
}
