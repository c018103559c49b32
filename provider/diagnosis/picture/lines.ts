import { printableLine } from "../../core/printable";

/** Limit of one text of a picture, in characters; the tree of `topology` shows the rest. */
const MAX_CHARACTERS = 240;
/** Characters that XML forbids, and `printable` does not replace. */
const NO_XML = /[\uFFFE\uFFFF]/g;

/** One line of a text with nothing in it that XML or a reader cannot take. */
export function xmlText(text: string): string {
  return printableLine(text, MAX_CHARACTERS).replace(NO_XML, "\ufffd");
}

/** Sizes of text in units of the picture; `em` is larger for bold text, which is wider. */
export const FONTS = {
  title: { size: 14, em: 15.7 },
  detail: { size: 13, em: 13 },
  state: { size: 13, em: 14.6 },
} as const;

/** Widths of characters in wide sans-serif fonts, in parts of an em. The first set that has the character counts. */
const WIDTHS: readonly (readonly [RegExp, number])[] = [
  [/[mwMW@%]/, 1.02],
  [/[ijlrtf.,:;'|!()[\] -]/, 0.42],
  [/[A-Z&#$?"*~+=<>]/, 0.84],
  [/[a-z0-9_/\\]/, 0.64],
];
const OTHERS = 1.3;

/** The most that a text takes on a line. */
function widthOf(text: string, em: number): number {
  const width = (character: string) => WIDTHS.find(([set]) => set.test(character))?.[1] ?? OTHERS;
  return [...text].reduce((sum, character) => sum + width(character), 0) * em;
}

/** A text in lines that are no wider than the limit: broken between words, and within words that are too wide. */
export function linesOf(text: string, font: keyof typeof FONTS, limit: number): string[] {
  const { em } = FONTS[font];
  const lines: string[] = [];
  let line = "";
  for (const word of xmlText(text).split(/\s+/)) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (widthOf(longer, em) <= limit) {
      line = longer;
      continue;
    }
    if (line !== "") lines.push(line);
    line = "";
    for (const character of word) {
      if (line !== "" && widthOf(line + character, em) > limit) {
        lines.push(line);
        line = "";
      }
      line += character;
    }
  }
  return line === "" ? lines : [...lines, line];
}
