import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after } from "mocha";

const made: string[] = [];

after(() => {
  for (const folder of made) fs.rmSync(folder, { recursive: true, force: true });
});

/**
 * Makes an empty folder that is removed when all tests are done.
 *
 * @returns its path, links resolved
 */
export function temporaryFolder(): string {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "safeguard-tools-")));
  made.push(folder);
  return folder;
}

/**
 * Writes a file with the folders it needs, as an executable one.
 *
 * @returns its path
 */
export function writeProgram(file: string, text: string): string {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text, { mode: 0o755 });
  return file;
}

/** An output of the set-up that keeps its lines. */
export function recordingOutput(): {
  lines: string[];
  say(step: string, text: string): void;
  write(text: string): void;
} {
  const lines: string[] = [];
  return { lines, say: (step, text) => void lines.push(`${step}: ${text}`), write: (text) => void lines.push(text) };
}
