import { lstatSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";

/** Writes a file, which is replaced in one step when it exists. Links, pipes and devices stay what they are. */
export function replaceFile(path: string, text: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile()) replace(realpathSync(path), text, found.mode & 0o777);
  else if (lstatSync(path, { throwIfNoEntry: false })) writeFileSync(path, text);
  else replace(path, text);
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
