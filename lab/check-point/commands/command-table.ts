/** The words of a command: `set pbr table <value> off`; `<rest>` takes one or more words. */
export interface Pattern {
  pattern: string;
}

/** The command that a line selects, or how Clish refuses the line. */
export type Selection<Entry> = { entry: Entry; values: string[] } | { refusal: string };

/** Finds the command for a line. Clish executes whole words only; its completion of words needs a keyboard. */
export function selectCommand<Entry extends Pattern>(entries: readonly Entry[], line: string): Selection<Entry> {
  const words = wordsOf(line);
  let isBegun = false;
  for (const { entry, fixed, hasRest } of tableOf(entries)) {
    const isAgreeing = fixed.every(
      (word, index) => index >= words.length || word === "<value>" || word === words[index],
    );
    if (!isAgreeing) continue;
    const isWhole = hasRest ? words.length > fixed.length : words.length === fixed.length;
    if (isWhole) {
      const values = fixed.flatMap((word, index) => (word === "<value>" ? [words[index] ?? ""] : []));
      return { entry, values: hasRest ? [...values, ...words.slice(fixed.length)] : values };
    }
    isBegun ||= words.length <= fixed.length;
  }
  if (isBegun) return { refusal: "CLINFR0349  Incomplete command." };
  return { refusal: `CLINFR0329  Invalid command:'${line}'.` };
}

/** A command whose pattern was taken apart. */
interface Prepared<Entry> {
  entry: Entry;
  /** Its words before `<rest>`. */
  fixed: readonly string[];
  hasRest: boolean;
}

/** The commands of each list, taken apart once: configurations have hundreds of lines. */
const tables = new WeakMap<readonly Pattern[], readonly Prepared<Pattern>[]>();

function tableOf<Entry extends Pattern>(entries: readonly Entry[]): readonly Prepared<Entry>[] {
  const known = tables.get(entries) as readonly Prepared<Entry>[] | undefined;
  if (known) return known;
  const table = entries.map((entry) => {
    const pattern = entry.pattern.split(" ");
    const hasRest = pattern.at(-1) === "<rest>";
    return { entry, fixed: hasRest ? pattern.slice(0, -1) : pattern, hasRest };
  });
  tables.set(entries, table);
  return table;
}

/** The words that may come next, for the help key. */
export function nextWords(entries: readonly Pattern[], line: string): string[] {
  const words = wordsOf(line);
  const begun = entries
    .map(({ pattern }) => pattern.split(" "))
    .filter((pattern) => words.every((word, index) => pattern[index] === word || pattern[index] === "<value>"));
  return [...new Set(begun.map((pattern) => pattern[words.length] ?? "<Enter>"))].sort();
}

/** The words of a line; quotes hold words together. */
export function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? "",
  );
}
