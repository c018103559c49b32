import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = resolve(__dirname, "../..");
const PAGE = join(ROOT, "docs/troubleshooting.md");

/** A block of docs/troubleshooting.md that shows real output. */
export interface ShownBlock {
  /** What prints it, such as `lab fault`. */
  kind: string;
  /** Which one, such as the name of the fault. */
  name: string;
  shown: string;
}

const BLOCK = /(<!-- ([\w ]+): ([^\n]+) -->\n```\n)([\s\S]*?)(```\n)/g;

/** All blocks of the page with real output, in their order. */
export function shownBlocks(): ShownBlock[] {
  const page = readFileSync(PAGE, "utf8");
  return [...page.matchAll(BLOCK)].map(([, , kind = "", name = "", shown = ""]) => ({ kind, name, shown }));
}

/** Writes what is printed now in the place of what a block shows. */
export function updateBlock({ kind, name }: ShownBlock, printed: string): void {
  const page = readFileSync(PAGE, "utf8");
  const updated = page.replace(BLOCK, (block, begin, ofKind, ofName, _shown, end) =>
    ofKind === kind && ofName === name ? begin + printed + end : block,
  );
  writeFileSync(PAGE, updated);
}

/** Lines without what differs between runs. */
export async function normalizedLines(lines: readonly string[]): Promise<string> {
  const { normalized } = await import(join(ROOT, "tools/testing/error-examples.mjs"));
  return lines.map((line) => `${normalized(line)}\n`).join("");
}

/** The recorded message of each error code, which tests against the lab provoke. */
export function recordedMessages(): Record<string, string> {
  return JSON.parse(readFileSync(join(ROOT, "tools/docs/error-examples.json"), "utf8"));
}
