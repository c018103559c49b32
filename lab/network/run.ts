import { spawn } from "node:child_process";
import { constants } from "node:os";

/** How a command ended. `status` is 128 plus the signal's number when a signal ended it, as a shell reports it. */
export interface CommandResult {
  status: number;
  stdout: string;
  stderr: string;
}

export interface CommandOptions {
  /** Text for the command's standard input; empty when not given. */
  input?: string;
  /** Limit after which the command and its children are killed; 10 s when not given. */
  timeoutSeconds?: number;
}

/**
 * Runs a command to its end, also until background processes that kept its output open have ended, as ssh does.
 * @throws Error when the command cannot be started or does not end in time.
 */
export function run(command: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const { input = "", timeoutSeconds = 10 } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command[0] ?? "", command.slice(1), { detached: true, stdio: "pipe" });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    // A command that does not read its input closes the pipe early; that is no failure.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    const timer = setTimeout(() => {
      if (child.pid !== undefined) killGroup(child.pid);
      reject(new Error(`${command.join(" ")}: no end within ${timeoutSeconds} s`));
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

/** Runs a command that must succeed and returns what it printed. @throws Error with its messages when it fails. */
export async function must(command: readonly string[], options: CommandOptions = {}): Promise<string> {
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
