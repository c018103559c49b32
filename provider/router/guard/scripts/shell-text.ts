import { quoteWord } from "../../../core/shell-word";

/** A command with its arguments and its standard input. */
export interface Command {
  words: readonly string[];
  /** Lines of standard input; none of them may be the end mark. */
  input?: readonly string[];
}

const END_OF_INPUT = "SPS-END-OF-INPUT";

/** A command as shell text. The shell interprets nothing in its words or input. */
export function commandText(command: Command): string {
  const words = command.words.map(quoteWord).join(" ");
  if (!command.input) return `${words} </dev/null`;
  if (command.input.some((line) => line.includes("\n") || line === END_OF_INPUT)) {
    throw new Error("a line of input holds a line break or the end mark");
  }
  return [`${words} <<'${END_OF_INPUT}'`, ...command.input, END_OF_INPUT].join("\n");
}

/** One change on the router and its rollback for the case that a later change fails. Both are shell text. */
export interface Step {
  /** The change in words, as the step of an error message. */
  title: string;
  run: string;
  undo: string;
}
