/** A command with its arguments, and what it reads from its standard input. */
export interface Command {
  words: readonly string[];
  /** Lines for the standard input; none of them may be the end mark. */
  input?: readonly string[];
}

const END_OF_INPUT = "SPS-END-OF-INPUT";

/** A word that any POSIX shell reads back as exactly this text. */
export function quoteWord(word: string): string {
  return /^[A-Za-z0-9_./:,=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** A command as shell text. Nothing in its words or input is interpreted by the shell. */
export function commandText(command: Command): string {
  const words = command.words.map(quoteWord).join(" ");
  if (!command.input) return `${words} </dev/null`;
  if (command.input.some((line) => line.includes("\n") || line === END_OF_INPUT)) {
    throw new Error("a line of input holds a line break or the end mark");
  }
  return [`${words} <<'${END_OF_INPUT}'`, ...command.input, END_OF_INPUT].join("\n");
}
