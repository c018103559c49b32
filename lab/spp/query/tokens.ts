import { refusals } from "../api-error";

/** A token of a filter: a word, a string without its quotes, or one of `( ) [ ] ,`. */
export interface Token {
  kind: "word" | "string" | "symbol";
  text: string;
}

/**
 * Splits a filter into tokens. Strings have single or double quotes; a backslash escapes the next character.
 * @throws ApiError 70009 when a string is not closed.
 */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let position = 0;
  while (position < text.length) {
    const character = text.charAt(position);
    if (/\s/.test(character)) {
      position += 1;
    } else if ("()[],".includes(character)) {
      tokens.push({ kind: "symbol", text: character });
      position += 1;
    } else if (character === "'" || character === '"') {
      const string = quoted(text, position);
      tokens.push({ kind: "string", text: string.text });
      position = string.end;
    } else {
      const word = /^[^\s()[\],'"]+/.exec(text.slice(position))?.[0] ?? character;
      tokens.push({ kind: "word", text: word });
      position += word.length;
    }
  }
  return tokens;
}

function quoted(text: string, start: number): { text: string; end: number } {
  const quote = text.charAt(start);
  let content = "";
  for (let position = start + 1; position < text.length; position++) {
    const character = text.charAt(position);
    if (character === quote) return { text: content, end: position + 1 };
    if (character === "\\") position += 1;
    content += text.charAt(position);
  }
  throw refusals.filterInvalid("a string has no end");
}
