/** Control sequences of terminals: colours, cursor movements and titles. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const CONTROL_SEQUENCE = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\^_=>()][0-9A-Z]?)/g;

/** Characters that print nothing, except line breaks, tabs and backspaces. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const UNPRINTED = /[\u0000-\u0007\u000b\u000c\u000e-\u001f\u007f]/g;

/** The text that a terminal shows: without control sequences, with erased characters erased and plain line breaks. */
export function screenText(raw: string): string {
  const text = raw.replace(CONTROL_SEQUENCE, "").replace(UNPRINTED, "").replace(/\r+\n/g, "\n").replace(/\r/g, "");
  return text.includes("\b") ? withoutErased(text) : text;
}

function withoutErased(text: string): string {
  const shown: string[] = [];
  for (const character of text) {
    if (character !== "\b") shown.push(character);
    else if (shown.at(-1) !== "\n") shown.pop();
  }
  return shown.join("");
}

/** A text without the echo of a command at its beginning. The terminal may have wrapped the echo. */
export function withoutEcho(text: string, command: string): string {
  const wanted = command.replace(/\s/g, "");
  let echoed = "";
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf("\n", start);
    const line = end < 0 ? text.slice(start) : text.slice(start, end);
    echoed += line.replace(/\s/g, "");
    if (!wanted.startsWith(echoed)) return text;
    if (echoed.length === wanted.length) return end < 0 ? "" : text.slice(end + 1);
    if (end < 0) return text;
    start = end + 1;
  }
  return text;
}
