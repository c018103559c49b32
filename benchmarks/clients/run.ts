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
