import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after } from "mocha";

const created: string[] = [];

after(() => {
  for (const folder of created) fs.rmSync(folder, { recursive: true, force: true });
});

/**
 * Creates an empty folder, which is removed after all tests.
 *
 * @returns its real path
 */
export function temporaryFolder(): string {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "safeguard-tools-")));
  created.push(folder);
  return folder;
}

/**
 * Writes an executable file and its missing parent folders.
 *
 * @returns its path
 */
export function writeProgram(file: string, text: string): string {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text, { mode: 0o755 });
  return file;
}

/** An output of the set-up that records its lines. */
export function recordingOutput(): {
  lines: string[];
  say(step: string, text: string): void;
  write(text: string): void;
} {
  const lines: string[] = [];
  return { lines, say: (step, text) => void lines.push(`${step}: ${text}`), write: (text) => void lines.push(text) };
}
