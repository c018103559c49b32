/** The words of a command: `ip address <ipv4> <ipv4>`; `<line>` takes the rest, and `<words>` one or more words. */
export interface Pattern {
  pattern: string;
}

/** How IOS refuses a line. */
export type Refusal = { refusal: "incomplete" | "ambiguous" } | { refusal: "invalid"; position: number };

/** The command that a line selects, or its refusal. */
export type Selection<Entry> = { entry: Entry; values: string[] } | Refusal;

interface Token {
  text: string;
  position: number;
}

const PARAMETERS: Record<string, RegExp> = {
  "<name>": /^[!-~]+$/,
  "<number>": /^\d+$/,
  "<ipv4>": /^(\d{1,3}\.){3}\d{1,3}$/,
  "<interface>": /^[A-Za-z-]+ ?[\d/.:]+$/,
};

/** Finds the command for a line. Each keyword may be abbreviated as long as it stays unique in its place. */
export function selectCommand<Entry extends Pattern>(entries: readonly Entry[], line: string): Selection<Entry> {
  const tokens = tokensOf(line);
  let candidates = entries.map((entry) => ({ entry, words: entry.pattern.split(" "), values: [] as string[] }));
  for (const [index, { text, position }] of tokens.entries()) {
    const open = candidates.filter(({ words }) => words.length > index);
    const rest = open.find(({ words }) => words[index] === "<line>");
    const many = candidates.filter(({ words }) => words.at(-1) === "<words>" && words.length <= index + 1);
    const exact = open.filter(({ words }) => words[index] === text.toLowerCase());
    const partial = open.filter(({ words }) => isKeyword(words[index]) && words[index]?.startsWith(text.toLowerCase()));
    const keywords = exact.length > 0 ? exact : partial;
    if (new Set(keywords.map(({ words }) => words[index])).size > 1) return { refusal: "ambiguous" };
    if (keywords.length > 0) {
      candidates = keywords;
      continue;
    }
    if (rest) return { entry: rest.entry, values: [...rest.values, line.slice(position).trim()] };
    const parameters = open.filter(({ words }) => PARAMETERS[words[index] ?? ""]?.test(text));
    const matching = [...new Set([...parameters, ...many])];
    if (matching.length === 0) return { refusal: "invalid", position };
    candidates = matching.map((one) => ({ ...one, values: [...one.values, text] }));
  }
  const complete = candidates.find(
    ({ words }) => words.length === tokens.length || (words.at(-1) === "<words>" && tokens.length >= words.length),
  );
  return complete ?? { refusal: "incomplete" };
}

/** The words that may come next, for the help key. */
export function nextWords(entries: readonly Pattern[], line: string): string[] {
  const depth = tokensOf(line).length;
  const begins = entries.filter(({ pattern }) => {
    const words = pattern.split(" ");
    return tokensOf(line).every(({ text }, index) => words[index]?.startsWith(text.toLowerCase()) ?? false);
  });
  return [...new Set(begins.map(({ pattern }) => pattern.split(" ")[depth] ?? "<cr>"))].sort();
}

function isKeyword(word: string | undefined): boolean {
  return word !== undefined && !word.startsWith("<");
}

function tokensOf(line: string): Token[] {
  return [...line.matchAll(/\S+/g)].map(({ 0: text, index }) => ({ text, position: index }));
}
