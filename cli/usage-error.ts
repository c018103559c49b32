import type { Command, CommanderError } from "commander";
import { nearest } from "../provider/core/nearest";

/** A mistake in the command line, or in a file that it names. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** A refusal of the command line in this product's words. */
export function usageErrorOf({ code, message }: CommanderError, program: Command, args: readonly string[]): UsageError {
  const [, given = ""] = /'([^']*)'/.exec(message) ?? [];
  const command = program.commands.find((one) => one.name() === args[0]) ?? program;
  if (code === "commander.unknownOption") return new UsageError(unknownOption(given, command));
  if (code === "commander.unknownCommand") {
    const names = program
      .createHelp()
      .visibleCommands(program)
      .map((one) => one.name())
      .join(", ");
    return new UsageError(`Invalid value for the command: ${given}. Allowed values are: ${names}.`);
  }
  if (code === "commander.optionMissingArgument") {
    return new UsageError(`Option ${given.split(" ")[0]}: argument missing.`);
  }
  const [, value, argument, choices] =
    /'(.*)' is invalid for argument '(\w+)'\. Allowed choices are (.*)\.$/s.exec(message) ?? [];
  if (argument !== undefined) {
    return new UsageError(`Invalid value for the ${argument}: ${value}. Allowed values are: ${choices}.`);
  }
  return new UsageError(`${message.replace(/^error: /, "")}. Run it with --help.`);
}

function unknownOption(given: string, command: Command): string {
  const names = command.options.flatMap(({ long }) => long ?? []);
  const [name = given] = given.split("=");
  if (names.includes(name)) return `Option ${name}: does not take an argument.`;
  const meant = nearest(
    name.replace(/^-+/, ""),
    names.map((known) => known.slice(2)),
  );
  const remedy = meant === undefined ? "Run it with --help for its options." : `Did you mean --${meant}?`;
  return `Unknown option ${name}. ${remedy}`;
}
