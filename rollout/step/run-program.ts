import { type ChildProcess, spawn } from "node:child_process";
import { OutputFile } from "./output-file";

/**
 * How a program is bound to this process. `foreground`: a terminal sends Ctrl-C to both. `detached`: it has a session of its own, so that
 * Ctrl-C does not reach it; when this process is killed, it ends at its next line of output. `surviving`: it also finishes then.
 */
export type Binding = "foreground" | "detached" | "surviving";

export interface RunOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  binding: Binding;
  onOutput?: ((text: string) => void) | undefined;
  onError?: ((text: string) => void) | undefined;
  /** Sends SIGINT to the program when it aborts, once. */
  signal?: AbortSignal | undefined;
  /** Ends the program after this long, in milliseconds. */
  limitMs?: number;
}

/** What a program printed, and how it ended. */
export interface ProgramResult {
  stdout: string;
  stderr: string;
  /** The exit code; undefined when a signal ended it. */
  code: number | undefined;
  /** The signal that ended it, such as SIGKILL. */
  signal?: NodeJS.Signals;
}

/** How a program ended by itself or by a signal. */
type End = Pick<ProgramResult, "code" | "signal">;

/** How often the output of a surviving program is read. */
const READ_MS = 100;

/**
 * By these, runners of GitHub Actions, Azure Pipelines and Jenkins find what a job leaves, and kill it. Jenkins kills processes that have all
 * marks of a build, to which its server's cookie belongs; an aborted step is found by that, and what a node leaves by the other one.
 */
const RUNNER_MARKS: readonly string[] = [
  "RUNNER_TRACKING_ID",
  "VSTS_PROCESS_LOOKUP_ID",
  "JENKINS_NODE_COOKIE",
  "JENKINS_SERVER_COOKIE",
];

const withoutMarks = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !RUNNER_MARKS.includes(name)));

/** Runs a program to its end. @throws Error when it cannot start */
export async function runProgram(
  command: string,
  args: readonly string[],
  { cwd, env, binding, onOutput, onError, signal, limitMs }: RunOptions,
): Promise<ProgramResult> {
  const result = { stdout: "", stderr: "" };
  const collect = {
    stdout: (text: string) => {
      result.stdout += text;
      onOutput?.(text);
    },
    stderr: (text: string) => {
      result.stderr += text;
      onError?.(text);
    },
  };
  // On Windows, where no terminal signals a group, a session would open a window.
  const settings = {
    cwd,
    env: binding === "surviving" ? withoutMarks(env) : env,
    windowsHide: true,
    detached: binding !== "foreground" && process.platform !== "win32",
  };
  const started = binding === "surviving" ? withFiles : withPipes;
  const { child, ended } = started(command, args, settings, collect);
  const cancel = () => void child.kill("SIGINT");
  signal?.addEventListener("abort", cancel, { once: true });
  if (signal?.aborted) cancel();
  const timer = limitMs === undefined ? undefined : setTimeout(() => void child.kill("SIGKILL"), limitMs);
  try {
    return { ...(await ended), ...result };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", cancel);
  }
}

interface Started {
  child: ChildProcess;
  /** After all output. */
  ended: Promise<End>;
}

type Settings = { cwd: string; env: NodeJS.ProcessEnv; windowsHide: boolean; detached: boolean };
type Collect = Record<"stdout" | "stderr", (text: string) => void>;

function withPipes(command: string, args: readonly string[], settings: Settings, collect: Collect): Started {
  const child = spawn(command, args, { ...settings, stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.setEncoding("utf8").on("data", collect.stdout);
  child.stderr.setEncoding("utf8").on("data", collect.stderr);
  return { child, ended: endOf(child, "close") };
}

function withFiles(command: string, args: readonly string[], settings: Settings, collect: Collect): Started {
  const files: { name: keyof Collect; file: OutputFile }[] = [];
  const read = () => {
    for (const { name, file } of files) {
      const text = file.read();
      if (text !== "") collect[name](text);
    }
  };
  const close = () => {
    for (const { file } of files) file.close();
  };
  try {
    for (const name of ["stdout", "stderr"] as const) files.push({ name, file: new OutputFile() });
    const descriptors = files.map(({ file }) => file.descriptor);
    const child = spawn(command, args, { ...settings, stdio: ["ignore", ...descriptors] });
    const timer = setInterval(() => {
      try {
        read();
      } catch {
        // The last read fails too then, and reports it.
        clearInterval(timer);
      }
    }, READ_MS);
    const ended = endOf(child, "exit").finally(() => {
      clearInterval(timer);
      try {
        read();
      } finally {
        close();
      }
    });
    return { child, ended };
  } catch (error) {
    close();
    throw error;
  }
}

function endOf(child: ChildProcess, event: "close" | "exit"): Promise<End> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once(event, (code: number | null, signal: NodeJS.Signals | null) =>
      resolve(signal === null ? { code: code ?? undefined } : { code: undefined, signal }),
    );
  });
}
