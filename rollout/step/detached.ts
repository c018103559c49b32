import { spawn } from "node:child_process";

export interface DetachedOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  onOutput?: ((text: string) => void) | undefined;
  onError?: ((text: string) => void) | undefined;
  /** Sends SIGINT to the program when it aborts, once. */
  signal?: AbortSignal | undefined;
  /** Ends the program after this long, in milliseconds. */
  limitMs?: number;
}

/** What a program printed, and how it ended. */
export interface DetachedResult {
  stdout: string;
  stderr: string;
  /** The exit code; undefined when a signal ended it. */
  code: number | undefined;
}

/**
 * Runs a program in a session of its own. A terminal sends Ctrl-C to all processes of its foreground group; one of this session does
 * not get it, so that it can finish what it does. @throws Error when it cannot start
 */
export function runDetached(
  command: string,
  args: readonly string[],
  { cwd, env, onOutput, onError, signal, limitMs }: DetachedOptions,
): Promise<DetachedResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env,
      // On Windows, where no terminal does this, it would open a window.
      detached: process.platform !== "win32",
      windowsHide: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const cancel = () => void child.kill("SIGINT");
    signal?.addEventListener("abort", cancel, { once: true });
    const timer = limitMs === undefined ? undefined : setTimeout(() => void child.kill("SIGKILL"), limitMs);
    const result: DetachedResult = { stdout: "", stderr: "", code: undefined };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      result.stdout += text;
      onOutput?.(text);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      result.stderr += text;
      onError?.(text);
    });
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", cancel);
    };
    child.once("error", (error) => {
      end();
      reject(error);
    });
    child.once("close", (code) => {
      end();
      resolve({ ...result, code: code ?? undefined });
    });
    if (signal?.aborted) cancel();
  });
}
