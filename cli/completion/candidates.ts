import type { Command, Option } from "commander";

/** A word that may come next. */
export interface Candidate {
  word: string;
  /** One line; empty when there is nothing to say. */
  description: string;
}

/** The words that may come next, or the names of files, which only the shell knows. */
export type Candidates = Candidate[] | "files";

/** The values of an option or of an argument such as `<site>`, given the words before; undefined when they cannot be listed. */
export type ValuesOf = (option: string, before: readonly string[]) => readonly string[] | undefined;

/**
 * What may stand in the place of the last word. Reads no file and asks nobody but `valuesOf`.
 * @param words those after the name of the program; the last one is incomplete and may be empty
 */
export function candidatesFor(program: Command, words: readonly string[], valuesOf: ValuesOf): Candidates {
  // Bash gives `--site=vi` as three words.
  const given = words.slice(0, -1).filter((word) => word !== "=");
  const last = words.at(-1) ?? "";
  const joined = /^(--[\w-]+)=(.*)$/s.exec(last);
  const [before, current, begin] = joined
    ? [[...given, joined[1] ?? ""], joined[2] ?? "", `${joined[1]}=`]
    : [given, last === "=" ? "" : last, ""];
  const found = candidatesAfter(program, before, current, valuesOf);
  if (found === "files") return found;
  return found
    .filter(({ word }) => word.startsWith(current))
    .map((candidate) => ({ ...candidate, word: `${begin}${candidate.word}` }));
}

function candidatesAfter(program: Command, before: readonly string[], current: string, valuesOf: ValuesOf): Candidates {
  const command = program.commands.find((one) => one.name() === before[0]) ?? program;
  const pending = pendingOption(command, before);
  if (pending && !(current.startsWith("-") && !isExpected(pending, before))) {
    const values = valueCandidates(pending, before, valuesOf);
    // After the values of an option that takes several, another option may come.
    return values === "files" || isExpected(pending, before) ? values : [...values, ...optionsOf(command, before)];
  }
  const isFirst = command === program && before.length === 0;
  const names = isFirst ? visibleCommands(program) : argumentsOf(command, before, valuesOf);
  return current.startsWith("-") || (!isFirst && names.length === 0) ? optionsOf(command, before) : names;
}

/** The option whose value the next word may be: the last one, while it takes more values. */
function pendingOption(command: Command, before: readonly string[]): Option | undefined {
  const index = before.findLastIndex((word) => word.startsWith("--"));
  const option = command.options.find(({ long }) => long === before[index]);
  if (!option || option.isBoolean()) return undefined;
  return option.variadic || index === before.length - 1 ? option : undefined;
}

/** Whether the next word has to be a value of the option. */
const isExpected = ({ long }: Option, before: readonly string[]) => before.at(-1) === long;

function valueCandidates(option: Option, before: readonly string[], valuesOf: ValuesOf): Candidates {
  if (/[<[](file|folder)\b/.test(option.flags)) return "files";
  const values = valuesOf(option.long ?? "", before) ?? [];
  return values.filter((value) => !before.includes(value)).map((word) => ({ word, description: "" }));
}

function visibleCommands(program: Command): Candidate[] {
  const commands = program.createHelp().visibleCommands(program);
  return commands.map((command) => ({ word: command.name(), description: command.summary() }));
}

/** The values of the first argument of a command, where they can be listed. */
function argumentsOf(command: Command, before: readonly string[], valuesOf: ValuesOf): Candidate[] {
  const [argument] = command.registeredArguments;
  if (before.length !== 1 || !argument) return [];
  const values = argument.argChoices ?? valuesOf(`<${argument.name()}>`, before) ?? [];
  return values.map((word) => ({ word, description: "" }));
}

/** The options that may still come: those that take one value come once. */
function optionsOf(command: Command, before: readonly string[]): Candidate[] {
  const options = command.createHelp().visibleOptions(command);
  return options
    .filter(({ long, variadic }) => long !== undefined && (variadic || !before.includes(long)))
    .map(({ long, description }) => ({ word: long ?? "", description }));
}
