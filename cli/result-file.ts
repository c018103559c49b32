import { lstatSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { messageOf } from "../provider/core/errors";
import { filePath } from "../provider/core/file-path";
import { UsageError } from "./usage-error";

/**
 * Writes a result to the file that an option names, which is replaced in one step. Links, pipes and devices stay what they are.
 * @throws UsageError when the file cannot be written
 */
export function writeResult(option: string, file: string, text: string): void {
  const path = filePath(file);
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isFile()) replace(realpathSync(path), text, found.mode & 0o777);
    else if (lstatSync(path, { throwIfNoEntry: false })) writeFileSync(path, text);
    else replace(path, text);
  } catch (error) {
    throw new UsageError(
      `Invalid value for ${option}: ${file} cannot be written (${messageOf(error)}). Name another file.`,
    );
  }
}

/** Writes under another name first, so that no half of a result lies under its own. */
function replace(path: string, text: string, mode?: number): void {
  const part = `${path}.${process.pid}.part`;
  try {
    writeFileSync(part, text, { mode });
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}
