import { createHash } from "node:crypto";
import { PulumiCommand } from "@pulumi/pulumi/automation";
import { processesWith } from "../engine/process-table";
import { runDetached } from "./detached";

/** The environment variable that names the stack on which a CLI works. Whoever kills its worker leaves it to be found by this. */
const STACK_VARIABLE = "SAFEGUARD_ROLLOUT_STACK";
/** The Automation API runs each command of the CLI with this option, and no child of the CLI has it. */
const CLI_OPTION = "--non-interactive";

/** The value that marks the processes of a stack, the same in all workers of a machine. */
function markOf(programFolder: string, stack: string): string {
  return createHash("sha256").update(`${programFolder}\0${stack}`).digest("hex").slice(0, 32);
}

/** The CLIs that work on a stack now, left by workers that were killed. On Linux; elsewhere, the lock of the stack shows them. */
export function leftoversOf(programFolder: string, stack: string): number[] {
  return processesWith(`${STACK_VARIABLE}=${markOf(programFolder, stack)}`, CLI_OPTION);
}

/** The Pulumi CLI, as the Automation API runs it, but in a session of its own. @throws Error when there is none that fits */
export async function pulumiCli(programFolder: string, stack: string): Promise<PulumiCommand> {
  // Found once; the API would ask it for its version at each site.
  found ??= PulumiCommand.get();
  const cli = await found.catch((error) => {
    found = undefined;
    throw error;
  });
  const mark = { [STACK_VARIABLE]: markOf(programFolder, stack) };
  const run: Run = async (args, cwd, additionalEnv, onOutput, onError, signal) => {
    const all = args.includes(CLI_OPTION) ? args : [...args, CLI_OPTION];
    const env = { ...process.env, ...additionalEnv, PULUMI_AUTOMATION_API: "true", ...mark };
    const ended = await runDetached(cli.command, all, { cwd, env, onOutput, onError, signal });
    const result = new CliResult(ended.stdout.replace(/\r?\n$/, ""), ended.stderr.replace(/\r?\n$/, ""), ended.code);
    if (ended.code !== 0) throw createCommandError(result);
    return result;
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
