/** A command of a running configuration with the commands below it. */
export interface Block {
  header: string;
  /** Without indentation. */
  lines: string[];
}

/**
 * The beginning of a text of several lines, such as a banner, with its delimiter: one character, or `^C`, which is printed as
 * two.
 */
const TEXT =
  /^(?:banner \S+|aaa authentication (?:banner|fail-message)|menu \S+ (?:title|prompt|clear-screen)) (\^C|\S)(.*)$/;

/** The beginning of a macro, which ends with a line that is just the delimiter. */
const MACRO = /^macro name /;
const MACRO_END = "@";

/**
 * Splits the output of `show running-config` into blocks by indentation. Texts of banners and macros are left out, because
 * their lines may look like commands.
 */
export function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let isEnd: ((line: string) => boolean) | undefined;
  for (const line of text.split(/\r*\n/)) {
    const words = line.trimEnd();
    if (isEnd) {
      if (isEnd(words)) isEnd = undefined;
      continue;
    }
    if (words === "" || words.startsWith("!")) continue;
    if (words.startsWith(" ")) {
      blocks.at(-1)?.lines.push(words.trim());
      continue;
    }
    const [, opening, rest = ""] = TEXT.exec(words) ?? [];
    if (opening !== undefined && !rest.includes(opening)) isEnd = (line) => line.includes(opening);
    if (MACRO.test(words)) isEnd = (line) => line === MACRO_END;
    blocks.push({ header: words, lines: [] });
  }
  return blocks;
}
