import type { LineEditor } from "./line-editor";

/** How a command line prints long outputs. */
export interface Paging {
  editor: LineEditor;
  /** Lines of a page with its last one; 0 prints without pages. */
  length: number;
  /** What waits for a key at the end of a page. */
  more: string;
  /** The keys that end the output. */
  quits: readonly string[];
  print(text: string): void;
}

/** Prints a text in pages: space shows the next page, any other key the next line. */
export async function printPages(text: string, { editor, length, more, quits, print }: Paging): Promise<void> {
  const lines = text.replace(/\n$/, "").split("\n");
  if (length === 0) return print(`${lines.join("\n")}\n`);
  for (let start = 0, size = length - 1; start < lines.length; ) {
    print(`${lines.slice(start, start + size).join("\n")}\n`);
    start += size;
    if (start >= lines.length) return;
    const key = await editor.readKey(more);
    if (key === undefined || quits.includes(key)) return;
    size = key === " " ? length - 1 : 1;
  }
}
