import { type SpawnOptions, spawn } from "node:child_process";

/** One thing that a client was asked for, and whether it found what it looks for. */
export interface Check {
  check: string;
  passed: boolean;
  detail: string;
}

/** A public client and the emulated router it is run against. */
export interface PublicClient {
  client: string;
  router: string;
  run(): Promise<Check[]>;
}

/** Limit of one client, in milliseconds. */
const LIMIT = 300_000;

/** Runs a program to its end. @returns its standard output and errors */
export async function outputOf(command: string, args: readonly string[], options: SpawnOptions): Promise<string> {
  const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"], timeout: LIMIT });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (data: Buffer) => {
      text += data.toString();
    });
  }
  await new Promise((resolve, reject) => child.once("close", resolve).once("error", reject));
  return text;
}

/** The checks that a script printed, one JSON object a line, and one more that fails for a script that printed this failure. */
export function checksOf(output: string, failure: string): Check[] {
  const checks = output
    .split("\n")
    .filter((line) => line.startsWith('{"check"'))
    .map((line) => JSON.parse(line) as Check);
  const hasEnded = checks.length > 0 && !output.includes(failure);
  const end = { check: "the script runs to its end", passed: false, detail: output.trim().slice(-400) };
  return hasEnded ? checks : [...checks, end];
}

/** A client cannot be installed here, so that nothing was checked. */
export class NotRun extends Error {}
