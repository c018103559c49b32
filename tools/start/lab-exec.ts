import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ROOT } from "./stack";

/** Runs a command on a host of a running lab, as `npm run lab -- exec` does. @returns its standard output. */
export async function runOnLabHost(labName: string, host: string, command: string[]): Promise<string> {
  const args = ["dist/lab/cli/main.js", "exec", "--name", labName, host, ...command];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
  return stdout;
}
