/** The options of a command that may stand in any order, by their keywords; a number is the range of its value. */
export type OptionSyntax = Readonly<Record<string, readonly [number, number] | "flag" | "word" | "range">>;

/** The values of options by keyword; undefined for a line that has another word, or a value out of its range. */
export function optionsOf(words: readonly string[], syntax: OptionSyntax): Map<string, string[]> | undefined {
  const found = new Map<string, string[]>();
  const rest = [...words];
  for (let typed = rest.shift(); typed !== undefined; typed = rest.shift()) {
    const keyword = keywordFor(typed, Object.keys(syntax));
    const kind = keyword === undefined ? undefined : syntax[keyword];
    if (keyword === undefined || kind === undefined || found.has(keyword)) return undefined;
    const values = rest.splice(0, kind === "flag" ? 0 : kind === "range" ? 2 : 1);
    if (values.length < (kind === "flag" ? 0 : kind === "range" ? 2 : 1)) return undefined;
    const [first, last] = kind === "range" ? [0, 255] : typeof kind === "string" ? [0, 0] : kind;
    const isNumeric = kind === "range" || typeof kind !== "string";
    if (isNumeric && !values.every((value) => /^\d+$/.test(value) && Number(value) >= first && Number(value) <= last))
      return undefined;
    found.set(keyword, values);
  }
  return found;
}

function keywordFor(typed: string, keywords: readonly string[]): string | undefined {
  const exact = keywords.find((keyword) => keyword === typed.toLowerCase());
  const partial = keywords.filter((keyword) => keyword.startsWith(typed.toLowerCase()));
  return exact ?? (partial.length === 1 ? partial[0] : undefined);
}
