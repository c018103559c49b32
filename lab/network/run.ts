import { spawn } from "node:child_process";
import { constants } from "node:os";

/** Result of a command. After a signal, `status` is 128 plus the signal number, as in a shell. */
export interface CommandResult {
  status: number;
  stdout: string;
  stderr: string;
}

/** Options of a command. */
export interface CommandOptions {
  /** Standard input of the command. Default: empty. */
  input?: string;
  /** Time after which the command and its children are killed. Default 10. */
  timeoutSeconds?: number;
}

/**
 * Runs a command and waits until its output is closed: background processes that keep it open are awaited, as ssh does.
 * @throws Error when the command does not start, or not end in time.
 */
export function run(command: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const { input = "", timeoutSeconds = 10 } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command[0] ?? "", command.slice(1), { detached: true, stdio: "pipe" });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.stdin.on("error", () => {
      // The command closed its input without reading all of it.
    });
    child.stdin.end(input);
    const timer = setTimeout(() => {
      if (child.pid !== undefined) killGroup(child.pid);
      reject(new Error(`${command.join(" ")}: still running after ${timeoutSeconds} s`));
    }, timeoutSeconds * 1000);
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const status = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
      resolve({ status, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
    });
  });
}

/** Runs a command and returns its output. @throws Error with its messages when it fails. */
export async function runOrFail(command: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { status, stdout, stderr } = await run(command, options);
  if (status !== 0) throw new Error(`${command.join(" ")}: status ${status}: ${stderr.trim()}`);
  return stdout;
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // The group has already ended.
  }
}
