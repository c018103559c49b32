import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { CATALOGUE } from "../provider/core/errors";
import { printable } from "../provider/core/printable";
import { withColours } from "./colour";
import { packageFolder } from "./package-folder";
import type { Output } from "./session";

/** Values of TERM_PROGRAM of terminals that show links. */
const PROGRAMS = /^(?:iTerm\.app|WezTerm|vscode|ghostty|Hyper|Tabby|rio)$/;
/** Values of TERM of terminals that show links. */
const TERMINALS = /kitty|alacritty|foot|ghostty|wezterm|konsole/;
/** The first release of VTE, the terminal of GNOME and others, that shows links without faults. */
const FIRST_VTE = 5000;

/**
 * Whether what is written to a stream may hold links (OSC 8). Terminals that do not know them may print them as text, so
 * only known ones get any; FORCE_HYPERLINK=1 or 0 overrides that. What Pulumi prints is no terminal of ours: it gets none.
 */
export function showsLinks(stream: { isTTY?: boolean }, environment: NodeJS.ProcessEnv): boolean {
  const { FORCE_HYPERLINK: forced, TERM = "", TERM_PROGRAM = "", VTE_VERSION, WT_SESSION, CI } = environment;
  if (forced) return forced !== "0";
  if (!stream.isTTY || TERM === "dumb" || CI) return false;
  return (
    PROGRAMS.test(TERM_PROGRAM) || TERMINALS.test(TERM) || Number(VTE_VERSION) >= FIRST_VTE || WT_SESSION !== undefined
  );
}

/** The text with each code, such as `[SG1203]`, as a link to its page, which comes with the package. */
export function withErrorLinks(text: string): string {
  return text.replace(/\[(SG\d{4})\]/g, (shown, code: string) =>
    Object.hasOwn(CATALOGUE, code) ? `\u001b]8;;${pageOf(code)}\u001b\\${shown}\u001b]8;;\u001b\\` : shown,
  );
}

function pageOf(code: string): string {
  return pathToFileURL(join(packageFolder(), "docs", "errors", `${code}.md`)).href;
}

/** Prints a result: safe for a terminal, and in text with links and colours where there may be any. */
export function printResult(output: Output, text: string, isJson = false): void {
  const safe = printable(text, Number.POSITIVE_INFINITY);
  const coloured = output.hasColours && !isJson ? withColours(safe) : safe;
  output.out(`${output.hasLinks && !isJson ? withErrorLinks(coloured) : coloured}\n`);
}
