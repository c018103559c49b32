import { replaceFile } from "../generated/replace-file";

/** Writes a report, and replaces an earlier one in one step, as all commands do. @throws Error that names the file */
export function writeReport(file: string, page: string): void {
  try {
    replaceFile(file, page);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new Error(`report ${file}: write: ${cause}; name another file with --html`);
  }
}
