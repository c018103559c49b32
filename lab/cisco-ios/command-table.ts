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
  "<prefix>": /^\/([12]?\d|3[0-2])$/,
  "<ipv4>": /^(\d{1,3}\.){3}\d{1,3}$/,
  "<interface>": /^[A-Za-z-]+ ?[\d/.:]+$/,
};

/** A command that the words so far agree with, and the parameters among them. */
interface Candidate<Entry> {
  entry: Entry;
  words: readonly string[];
  values: string[];
}

/** Finds the command for a line. Each keyword may be abbreviated as long as it stays unique in its place. */
export function selectCommand<Entry extends Pattern>(entries: readonly Entry[], line: string): Selection<Entry> {
  const tokens = tokensOf(line);
  const table = tableOf(entries);
  let candidates: readonly Candidate<Entry>[] = table.all;
  for (const [index, { text, position }] of tokens.entries()) {
    const word = text.toLowerCase();
    const keywords = (index === 0 && table.byFirstWord.get(word)) || keywordsAt(candidates, index, word);
    if (new Set(keywords.map(({ words }) => words[index])).size > 1) return { refusal: "ambiguous" };
    if (keywords.length > 0) {
      candidates = keywords;
      continue;
    }
    const rest = candidates.find(({ words }) => words[index] === "<line>");
    if (rest) return { entry: rest.entry, values: [...rest.values, line.slice(position).trim()] };
    const parameters = candidates.filter(({ words }) => PARAMETERS[words[index] ?? ""]?.test(text));
    const many = candidates.filter(({ words }) => words.at(-1) === "<words>" && words.length <= index + 1);
    const matching = [...new Set([...parameters, ...many])];
    if (matching.length === 0) return { refusal: "invalid", position };
    candidates = matching.map((one) => ({ ...one, values: [...one.values, text] }));
  }
  const complete = candidates.find(
    ({ words }) => words.length === tokens.length || (words.at(-1) === "<words>" && tokens.length >= words.length),
  );
  return complete ?? { refusal: "incomplete" };
}

/** The candidates whose next word is this keyword, else those whose next keyword begins with it. */
function keywordsAt<Entry>(
  candidates: readonly Candidate<Entry>[],
  index: number,
  word: string,
): readonly Candidate<Entry>[] {
  const exact = candidates.filter(({ words }) => words[index] === word);
  if (exact.length > 0) return exact;
  return candidates.filter(({ words }) => isKeyword(words[index]) && words[index]?.startsWith(word));
}

interface Table<Entry> {
  all: readonly Candidate<Entry>[];
  byFirstWord: ReadonlyMap<string, readonly Candidate<Entry>[]>;
}

/** The commands of each mode, taken apart once: configurations have hundreds of lines. */
const tables = new WeakMap<readonly Pattern[], Table<Pattern>>();

function tableOf<Entry extends Pattern>(entries: readonly Entry[]): Table<Entry> {
  const known = tables.get(entries) as Table<Entry> | undefined;
  if (known) return known;
  const all = entries.map((entry) => ({ entry, words: entry.pattern.split(" "), values: [] }));
  const byFirstWord = new Map<string, Candidate<Entry>[]>();
  for (const one of all) {
    const [first = ""] = one.words;
    if (isKeyword(first)) byFirstWord.set(first, [...(byFirstWord.get(first) ?? []), one]);
  }
  const table = { all, byFirstWord };
  tables.set(entries, table);
  return table;
}

/** The words that may come next, for the help key; without a blank at the end, those that the last word begins. */
export function nextWords(entries: readonly Pattern[], line: string): string[] {
  const tokens = tokensOf(line).map(({ text }) => text.toLowerCase());
  const begun = /\S$/.test(line) ? (tokens.pop() ?? "") : "";
  const agrees = (word: string | undefined, text: string) =>
    word !== undefined && (isKeyword(word) ? word.startsWith(text) : (PARAMETERS[word]?.test(text) ?? true));
  const next = entries
    .map(({ pattern }) => pattern.split(" "))
    .filter((words) => tokens.every((text, index) => agrees(words[index], text)))
    .map((words) => words[tokens.length] ?? "<cr>")
    .filter((word) => begun === "" || (isKeyword(word) && word.startsWith(begun)));
  return [...new Set(next)].sort();
}

function isKeyword(word: string | undefined): boolean {
  return word !== undefined && !word.startsWith("<");
}

function tokensOf(line: string): Token[] {
  return [...line.matchAll(/\S+/g)].map(({ 0: text, index }) => ({ text, position: index }));
}
