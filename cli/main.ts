import { Command, CommanderError } from "commander";
import { messageOf, SafeguardError } from "../provider/core/errors";
import { addCommands, addCompleteIfCalled } from "./commands";
import { EXIT, EXIT_CODES_HELP, type ExitCode } from "./exit-codes";
import { failureJson, wantsJson } from "./failure-json";
import { packageVersion } from "./package-version";
import type { Output, Session } from "./session";
import { UsageError, usageErrorOf } from "./usage-error";

/**
 * Runs the command `pulumi-safeguard` with its arguments, and gives its exit code. Never throws. Passwords come from the
 * environment or from files only, because every user of the machine can read a command line.
 */
export async function main(args: readonly string[], output: Output, signal?: AbortSignal): Promise<ExitCode> {
  const session: Session = { output, signal, exitCode: EXIT.fine };
  const program = programFor(session, args);
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
    const message = messageOf(shown);
    output.error(`error: ${message}\n`);
    if (wantsJson(args)) output.out(failureJson(message, shown instanceof SafeguardError ? shown.text : {}));
    return shown instanceof UsageError ? EXIT.usage : EXIT.notRun;
  }
}

/** The commands, and the options of the one that the arguments name. */
function programFor(session: Session, args: readonly string[]): Command {
  const { output } = session;
  const program = new Command("pulumi-safeguard")
    .description("Checks and diagnoses sites of One Identity Safeguard.")
    .version(packageVersion(), "--version", "prints the version of this package")
    .helpOption("-h, --help", "prints this help")
    .helpCommand(false)
    .configureHelp({ subcommandTerm: (command) => command.name() })
    // Everything after the command belongs to it.
    .enablePositionalOptions()
    // Commands inherit these settings, so they come before the commands.
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput({ writeOut: (text) => output.out(text), writeErr: () => {} })
    .addHelpText("after", `\n${EXIT_CODES_HELP}\n\nRun a command with --help for its options and an example.`);
  const isCompleting = addCompleteIfCalled(program, session, args);
  // The words that a shell completes follow on `complete --`.
  const used = args.slice(isCompleting ? 2 : 0).find((arg) => !arg.startsWith("-"));
  addCommands(program, session, (name) => name === used);
  return program;
}
