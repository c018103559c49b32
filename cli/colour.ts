import { styleText } from "node:util";

/** The states in the column of a list of checks, and the totals below it stay as they are. */
const STATES = /^( *)(FAIL|fail|warn|pass|not checked)(?= {2,})/gm;

const STYLES = { fail: "red", warn: "yellow", pass: "green", "not checked": "dim" } as const;

/** The first line on a site, with what it comes to. */
const HEADLINES = /^(site .*: )(does not work|works, but needs attention)$/gm;

/** The text with the states of checks in colours, which only repeat what the words say. */
export function withColours(text: string): string {
  const plain = { validateStream: false };
  return text
    .replace(STATES, (_all, indent: string, state: string) => {
      const style = STYLES[state.toLowerCase() as keyof typeof STYLES];
      return `${indent}${styleText(style, state, plain)}`;
    })
    .replace(
      HEADLINES,
      (_all, site: string, result: string) =>
        `${site}${styleText(result === "does not work" ? "red" : "yellow", result, plain)}`,
    );
}
