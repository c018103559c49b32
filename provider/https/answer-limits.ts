/** Limits of one answer. The largest that an appliance gives, an object of its configuration, has some hundred kilobytes. */
export const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const MAX_LEVELS = 64;
const MAX_VALUES = 200_000;

/** An answer that is larger or nested deeper than any that an appliance gives. */
export class AnswerTooLarge extends Error {
  constructor(problem: string) {
    super(problem);
    this.name = "AnswerTooLarge";
  }
}

/** An answer that was not complete in time, however much of it arrived. */
export class AnswerTooSlow extends Error {
  constructor(seconds: number) {
    super(`no complete answer within ${seconds} s`);
    this.name = "AnswerTooSlow";
  }
}

/**
 * Reads the body of an answer as text.
 * @throws AnswerTooLarge as soon as a limit is exceeded
 */
export async function readBody(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new AnswerTooLarge(`the answer is larger than ${MAX_ANSWER_BYTES >> 20} MB`);
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString("utf8");
  const problem = jsonProblem(text);
  if (problem) throw new AnswerTooLarge(problem);
  return text;
}

/** Why JSON text is refused before it is parsed: a small text can become objects that fill the memory or the stack. */
function jsonProblem(text: string): string | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  let [level, values, isInString] = [0, 0, false];
  // One pass over the characters: a pattern would take quadratic time for strings that never end.
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (isInString) {
      if (character === "\\") index += 1;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === "]" || character === "}") level -= 1;
    else if (character === "[" || character === "{" || character === ",") {
      values += 1;
      if (character !== ",") level += 1;
      if (level > MAX_LEVELS) return `the answer is nested deeper than ${MAX_LEVELS} levels`;
      if (values > MAX_VALUES) return `the answer has more than ${MAX_VALUES.toLocaleString("en")} values`;
    }
  }
  return undefined;
}
