import { renameSync, rmSync, writeFileSync } from "node:fs";
import { messageOf } from "../provider/core/errors";
import { filePath } from "../provider/core/file-path";
import { UsageError } from "./usage-error";

/**
 * Writes a result to the file that an option names: under another name first, so that no half of it lies under its own.
 * @throws UsageError when the file cannot be written
 */
export function writeResult(option: string, file: string, text: string): void {
  const path = filePath(file);
  const part = `${path}.${process.pid}.part`;
  try {
    writeFileSync(part, text);
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    throw new UsageError(
      `Invalid value for ${option}: ${file} cannot be written (${messageOf(error)}). Name another file.`,
    );
  }
}
