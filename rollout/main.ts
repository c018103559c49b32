import { Command, CommanderError } from "commander";
import { addControlCommands } from "./commands/control";
import { EXIT, EXIT_CODES_HELP, type Output, type Session } from "./commands/session";
import { addShowCommands } from "./commands/show";
import { addSurveyCommands } from "./commands/survey";
import { addWorkCommands } from "./commands/work";
import { DefinitionError } from "./plan/load";

/** Runs `pulumi-safeguard-rollout` with its arguments, and gives its exit code. Never throws. */
export async function main(args: readonly string[], output: Output, signal: AbortSignal): Promise<number> {
  const session: Session = { output, signal, exitCode: EXIT.fine };
  const program = commandsFor(session);
  if (args.length === 0) {
    output.out(program.helpInformation());
    return EXIT.usage;
  }
  try {
    await program.parseAsync(args, { from: "user" });
    return session.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.fine;
      output.error(`${error.message}. Run it with --help.\n`);
      return EXIT.usage;
    }
    output.error(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof DefinitionError ? EXIT.usage : EXIT.notRun;
  }
}

/** The commands with their options. */
export function commandsFor(session: Session): Command {
  const { output } = session;
  const program = new Command("pulumi-safeguard-rollout")
    .description("Rolls a Pulumi program out to many sites: in waves, with gates, one change at a time per SPP.")
    .helpOption("-h, --help", "print this help")
    .helpCommand(false)
    // Commands inherit these settings, so they come before the commands.
    .exitOverride()
    .configureOutput({ writeOut: (text) => output.out(text), writeErr: () => {} })
    .addHelpText("after", `\n${EXIT_CODES_HELP}`);
  addSurveyCommands(program, session);
  addWorkCommands(program, session);
  addShowCommands(program, session);
  addControlCommands(program, session);
  return program;
}
