import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Command, CommanderError } from "commander";
import { addControlCommands } from "./commands/control";
import { EXAMPLES } from "./commands/examples";
import { EXIT, EXIT_CODES_HELP, type Output, type Session, UsageError } from "./commands/session";
import { addShowCommands } from "./commands/show";
import { addSurveyCommands } from "./commands/survey";
import { addWorkCommands } from "./commands/work";
import { wantsJson } from "./generated/failure-json";
import { DefinitionError } from "./plan/load";
import { reportFailure } from "./report/failure";

/** Runs `pulumi-safeguard-rollout` with its arguments, and gives its exit code. Never throws. */
export async function main(args: readonly string[], output: Output, signal: AbortSignal): Promise<number> {
  const session: Session = { output, signal, isJson: wantsJson(args), exitCode: EXIT.fine };
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
      const text = error.message.replace(/^error: /, "").replace(/\.$/, "");
      reportFailure(session, `${text}. Run it with --help.`);
      return EXIT.usage;
    }
    reportFailure(session, error);
    return error instanceof DefinitionError || error instanceof UsageError ? EXIT.usage : EXIT.notRun;
  }
}

/** The commands with their options. */
export function commandsFor(session: Session): Command {
  const { output } = session;
  const program = new Command("pulumi-safeguard-rollout")
    .description("Rolls a Pulumi program out to many sites: in waves, with gates, one change at a time per SPP.")
    .version(version(), "--version", "print the version of this package")
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
  for (const command of program.commands) {
    command.option("--json", "print the result as JSON, also a failure; progress goes to the standard error");
    command.addHelpText("after", `\nExample:\n  $ pulumi-safeguard rollout ${EXAMPLES[command.name()]}`);
  }
  return program;
}

/** The version of this package. The sources and the compiled files lie at different depths below its folder. */
function version(): string {
  const folder = [__dirname, dirname(__dirname)].find((one) => existsSync(join(one, "package.json"))) ?? __dirname;
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version;
}
