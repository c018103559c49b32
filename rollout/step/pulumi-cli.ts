import { createHash } from "node:crypto";
import { basename } from "node:path";
import { PulumiCommand, StackNotFoundError } from "@pulumi/pulumi/automation";
import { argumentsOf, processesByVariable } from "../engine/process-table";
import { EndedBySignal } from "./engine-run";
import { type Binding, runProgram } from "./run-program";

/**
 * The environment variable that names the stack that a CLI changes. Its language host and its providers inherit it. When a worker is killed,
 * or the CLI, what is left of them is found by this.
 */
const STACK_VARIABLE = "SAFEGUARD_ROLLOUT_STACK";
const CLI_OPTION = "--non-interactive";
/** Commands that only read: what is left of them when their worker is killed does no harm, and nobody waits for it. */
const READING: readonly string[] = ["preview", "refresh"];

/** The value that marks the processes of a stack, the same in all workers of a machine. */
export function markOf(programFolder: string, stack: string): string {
  return createHash("sha256").update(`${programFolder}\0${stack}`).digest("hex").slice(0, 32);
}

/** The processes of Pulumi that change the stack of a mark now, left by workers or CLIs that were killed. On Linux; none elsewhere. */
export async function leftoversOf(mark: string): Promise<{ pid: number; program: string }[]> {
  const marked = (await processesByVariable(STACK_VARIABLE)).get(mark) ?? [];
  return marked.flatMap((pid) => {
    const program = argumentsOf(pid).find((argument) => PULUMI.test(argument));
    return program === undefined ? [] : [{ pid, program: basename(program) }];
  });
}

/**
 * An argument that shows a program of Pulumi: the CLI, a language host, a provider, or an interpreter that runs a program or a provider. Daemons
 * that a program leaves inherit the mark too, and never end.
 */
const PULUMI =
  /(^|\/)pulumi(-(language|resource|analyzer)-[^/]*)?$|@pulumi\/pulumi\/cmd\/[^/]+|^pulumi\.dynamic\b|(^|\/)pulumi\/dynamic\//;

export interface CliOptions {
  /** Ends every command when it aborts. The CLI is only used for reading then, and a terminal interrupts it too. */
  reading?: AbortSignal;
  /** Creates the stack when a command does not find it, calls this, and repeats the command. */
  onCreated?: () => void;
}

/**
 * The Pulumi CLI, as the Automation API runs it, but in a session of its own, in which it finishes a change also when its worker is killed.
 * @throws Error when there is none that fits
 */
export async function pulumiCli(
  programFolder: string,
  stack: string,
  { reading, onCreated }: CliOptions,
): Promise<PulumiCommand> {
  // Found once; the API would ask it for its version at each site.
  found ??= PulumiCommand.get();
  const cli = await found.catch((error) => {
    found = undefined;
    throw error;
  });
  const mark = { [STACK_VARIABLE]: markOf(programFolder, stack) };
  const run: Run = async (args, cwd, additionalEnv, onOutput, onError, signal = reading) => {
    const [name = ""] = args;
    const all = args.includes(CLI_OPTION) ? args : [...args, CLI_OPTION];
    const binding: Binding = reading ? "foreground" : READING.includes(name) ? "detached" : "surviving";
    const env = {
      ...process.env,
      ...additionalEnv,
      PULUMI_AUTOMATION_API: "true",
      ...(name === "up" ? mark : {}),
    };
    const ended = await runProgram(cli.command, all, { cwd, env, binding, onOutput, onError, signal });
    const result = new CliResult(ended.stdout.replace(/\r?\n$/, ""), ended.stderr.replace(/\r?\n$/, ""), ended.code);
    if (ended.code === 0) return result;
    if (ended.signal !== undefined) throw new EndedBySignal(name, ended.signal);
    const error = createCommandError(result);
    if (!onCreated || name === "stack" || !(error instanceof StackNotFoundError)) throw error;
    await run(["stack", "init", stack, "--no-select"], cwd, additionalEnv);
    onCreated();
    return run(args, cwd, additionalEnv, onOutput, onError, signal);
  };
  return Object.create(cli, { run: { value: run } });
}

let found: Promise<PulumiCommand> | undefined;

/** How the Automation API calls the CLI. It publishes the class, and not this method. */
type Run = (
  args: string[],
  cwd: string,
  additionalEnv: NodeJS.ProcessEnv,
  onOutput?: (text: string) => void,
  onError?: (text: string) => void,
  signal?: AbortSignal,
) => Promise<CliResult>;

class CliResult {
  constructor(
    readonly stdout: string,
    readonly stderr: string,
    readonly code: number | undefined,
  ) {}

  toString(): string {
    return `code: ${this.code}\nstdout:\n${this.stdout}\nstderr:\n${this.stderr}\n`;
  }
}

/** Makes the error of the class by which the Automation API knows its kind. */
const { createCommandError } = require("@pulumi/pulumi/automation/errors") as {
  createCommandError: (result: CliResult) => Error;
};
