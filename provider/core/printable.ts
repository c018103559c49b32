/** Controls, invisible and bidirectional formatting, separators and half characters: a terminal obeys or hides them. */
const UNPRINTABLE = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Room for the note about a cut, in characters. */
const NOTE_CHARACTERS = 60;

/**
 * A text that is safe to show, whoever wrote it: characters that a terminal obeys or hides become escapes such as `\u001b`, and what is
 * longer than the limit is cut, with a note of how much. Line breaks and tabs stay. The escapes are those of JSON, so that JSON text
 * keeps its meaning.
 */
export function printable(text: string, maximumCharacters: number): string {
  return shown(text, maximumCharacters, (part) => part.replaceAll("\r\n", "\n"));
}

/** The same in one line. */
export function printableLine(text: string, maximumCharacters: number): string {
  return shown(text, maximumCharacters, (part) => part.replace(/\s*[\r\n]\s*/g, " ").trim());
}

/** A sentence of others without its final stop, for the middle of a message; an ellipsis stays. */
export function withoutStop(sentence: string): string {
  return sentence.replace(/(?<!\.)\.$/, "");
}

function shown(text: string, maximum: number, layOut: (part: string) => string): string {
  const escaped = layOut(text.slice(0, maximum)).replace(UNPRINTABLE, escapeOf);
  if (text.length <= maximum && escaped.length <= maximum) return escaped;
  // A cut within a pair would leave half a character.
  const kept = escaped.slice(0, Math.max(maximum - NOTE_CHARACTERS, 0)).replace(/\p{Cs}$/u, "");
  const [left, all] = [Math.max(text.length - kept.length, 0), text.length].map((count) => count.toLocaleString("en"));
  return `${kept}… (${left} of ${all} characters cut)`;
}

function escapeOf(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}
