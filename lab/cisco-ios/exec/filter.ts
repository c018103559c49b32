/** Applies what follows `|` to a text. @returns undefined when it is no valid filter */
export function filtered(text: string, filter: string): string | undefined {
  const [, word = "", pattern] = /^(\S+)\s+(.+)$/.exec(filter.trim()) ?? [];
  if (pattern === undefined || word === "") return undefined;
  const expression = new RegExp(pattern.trim());
  const lines = text.split("\n");
  const kind = ["begin", "exclude", "include", "section"].find((one) => one.startsWith(word));
  if (kind === "include") return lines.filter((line) => expression.test(line)).join("\n");
  if (kind === "exclude") return lines.filter((line) => !expression.test(line)).join("\n");
  if (kind === "section") return sectionOf(text, expression);
  if (kind !== "begin") return undefined;
  const start = lines.findIndex((line) => expression.test(line));
  return start < 0 ? "" : lines.slice(start).join("\n");
}

/** The lines that match, each with the indented lines below it. */
export function sectionOf(text: string, expression: RegExp): string {
  let isInside = false;
  const kept = text.split("\n").filter((line) => {
    if (!line.startsWith(" ")) isInside = expression.test(line);
    return isInside || expression.test(line);
  });
  return kept.join("\n");
}
