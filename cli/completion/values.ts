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

/** What was given for an option that takes one value; undefined without it. */
export function givenFor(option: string, before: readonly string[]): string | undefined {
  const at = before.lastIndexOf(option);
  return at < 0 ? undefined : before[at + 1];
}

/** The names in the file that the command would read. Those of a stack would need a run of Pulumi, which takes too long. */
function siteNames(before: readonly string[]): string[] {
  if (before.includes("--stack")) return [];
  try {
    const path = givenFor("--file", before) ?? DEFAULT_FILE;
    return readSiteFileAsWritten(path).map(({ name }) => name as string);
  } catch {
    // A shell that completes a word has no place for an error; the command itself reports it.
    return [];
  }
}
