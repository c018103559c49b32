import { Command, CommanderError } from "commander";
import { messageOf } from "../provider/core/errors";
import { addConnect } from "./connect/command";
import { addDoctor } from "./doctor/command";
import { EXIT, EXIT_CODES_HELP, type ExitCode } from "./exit-codes";
import { addLogs } from "./logs/command";
import { packageVersion } from "./package-version";
import { addPreflight } from "./preflight/command";
import { addRollout } from "./rollout/command";
import type { Output, Session } from "./session";
import { addSupportBundle } from "./support-bundle/command";
import { addTopology } from "./topology/command";
import { UsageError, usageErrorOf } from "./usage-error";

/**
 * Runs the command `pulumi-safeguard` with its arguments, and gives its exit code. Never throws. Passwords come from the
 * environment or from files only, because every user of the machine can read a command line.
 */
export async function main(args: readonly string[], output: Output, signal?: AbortSignal): Promise<ExitCode> {
  const session: Session = { output, signal, exitCode: EXIT.fine };
  const program = programFor(session);
  if (args.length === 0) {
    output.out(program.helpInformation());
    return EXIT.usage;
  }
  try {
    await program.parseAsync(args, { from: "user" });
    return session.exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.fine;
    const shown = error instanceof CommanderError ? usageErrorOf(error, program, args) : error;
    output.error(`error: ${messageOf(shown)}\n`);
    return shown instanceof UsageError ? EXIT.usage : EXIT.notRun;
  }
}

/** The commands and their options. */
function programFor(session: Session): Command {
  const { output } = session;
  const program = new Command("pulumi-safeguard")
    .description("Checks and diagnoses sites of One Identity Safeguard.")
    .version(packageVersion(), "--version", "prints the version of this package")
    .helpOption("-h, --help", "prints this help")
    .helpCommand(false)
    // Everything after the command belongs to it.
    .enablePositionalOptions()
    // Commands inherit these settings, so they come before the commands.
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput({ writeOut: (text) => output.out(text), writeErr: () => {} })
    .addHelpText("after", `\n${EXIT_CODES_HELP}\n\nRun a command with --help for its options and an example.`);
  addConnect(program, session);
  addDoctor(program, session);
  addLogs(program, session);
  addPreflight(program, session);
  addRollout(program, session);
  addSupportBundle(program, session);
  addTopology(program, session);
  return program;
}
