import { messageOf } from "../provider/core/errors";
import { filePath } from "../provider/core/file-path";
import { replaceFile } from "./replace-file";
import { UsageError } from "./usage-error";

/**
 * Writes a result to the file that an option names, which is replaced in one step. Links, pipes and devices stay what they are.
 * @throws UsageError when the file cannot be written
 */
export function writeResult(option: string, file: string, text: string): void {
  const path = filePath(file);
  try {
    replaceFile(path, text);
  } catch (error) {
    throw new UsageError(
      `Invalid value for ${option}: ${file} cannot be written (${messageOf(error)}). Name another file.`,
    );
  }
}
