import type { FileSystem } from "../files";

/** What follows `|`: a filter of lines, or a file that takes the output. */
export type Pipe =
  | { kind: "begin" | "count" | "exclude" | "include" | "section" | "section exclude"; expression: RegExp }
  | { kind: "append" | "redirect" | "tee" | "tee /append"; path: string };

/** Why no output comes: the words after `|` are none, not all of them are there, or their regular expression is none. */
export type PipeRefusal = { refusal: "invalid" | "incomplete" | "expression" };

/** What is printed for an expression that cannot be compiled. Assumed: no document shows the text for a filter of outputs. */
export const BAD_EXPRESSION = "% Failed to compile regular expression.";

const KEYWORDS = ["append", "begin", "count", "exclude", "include", "redirect", "section", "tee"] as const;

/** Reads what follows `|`; keywords may be abbreviated. */
export function parsePipe(text: string): Pipe | PipeRefusal {
  const [, word = "", rest = ""] = /^\s*(\S*)\s*(.*)$/.exec(text) ?? [];
  const kind = KEYWORDS.find((one) => one.startsWith(word.toLowerCase()));
  if (word === "") return { refusal: "incomplete" };
  if (kind === undefined) return { refusal: "invalid" };
  if (rest === "") return { refusal: "incomplete" };
  if (kind === "append" || kind === "redirect") return { kind, path: rest };
  if (kind === "tee") {
    const [, path] = /^\/append\s+(\S+)$/.exec(rest) ?? [];
    return path === undefined ? { kind, path: rest } : { kind: "tee /append", path };
  }
  const [, selection, pattern] = (kind === "section" && /^(include|exclude)\s+(.+)$/.exec(rest)) || [];
  const expression = compiled(pattern ?? rest);
  if (!expression) return { refusal: "expression" };
  return { kind: selection === "exclude" ? "section exclude" : kind, expression };
}

/** The output of a command after its pipe. A file takes it before anything is printed. */
export function piped(text: string, pipe: Pipe, files: FileSystem): string {
  const lines = text.split("\n");
  if (!("path" in pipe)) {
    const { kind, expression } = pipe;
    if (kind === "include") return lines.filter((line) => expression.test(line)).join("\n");
    if (kind === "exclude") return lines.filter((line) => !expression.test(line)).join("\n");
    if (kind === "section") return sectionOf(text, expression);
    if (kind === "section exclude") return sectionOf(text, expression, true);
    const start = lines.findIndex((line) => expression.test(line));
    if (kind === "begin") return start < 0 ? "" : lines.slice(start).join("\n");
    return `Number of lines which match regexp = ${lines.filter((line) => expression.test(line)).length}`;
  }
  const { kind, path } = pipe;
  const before = kind === "append" || kind === "tee /append" ? (files.read(path) ?? "") : "";
  if (!files.write(path, `${before}${text}\n`)) return `%Error opening ${path} (No such device)`;
  return kind === "tee" || kind === "tee /append" ? text : "";
}

/** The lines that match, each with the indented lines below it; all others when `isExcluding`. */
export function sectionOf(text: string, expression: RegExp, isExcluding = false): string {
  let isInside = false;
  const kept = text.split("\n").filter((line) => {
    if (!line.startsWith(" ")) isInside = expression.test(line);
    return (isInside || expression.test(line)) !== isExcluding;
  });
  return kept.join("\n");
}

function compiled(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern.trim());
  } catch {
    // The answer of the device says so.
    return undefined;
  }
}
