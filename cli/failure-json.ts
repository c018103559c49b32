/** What is known of a failure besides its message. */
export interface KnownParts {
  code?: string | undefined;
  cause?: string | undefined;
  remedy?: string | undefined;
}

/**
 * A failure as the one JSON object that `--json` prints on the standard output: `{"error": {"code", "cause", "remedy", "message"}}`.
 * `code` and `remedy` are null where there is none. Where only the message is known, its parts are read from its form, `object: step: cause; remedy
 * [code]` or `Sentence with the cause. Sentence with the remedy.`
 */
export function failureJson(message: string, known: KnownParts = {}): string {
  const text = message.replace(/\s+/g, " ").trim();
  const code = known.code ?? /\[(SG\d{4})\]/.exec(text)?.[1] ?? null;
  const bare = text.replace(/ \[SG\d{4}\]$/, "");
  const [, cause = bare, remedy = null] = /^(.+?)(?:; |\. (?=\p{Lu}))(.+)$/u.exec(bare) ?? [];
  const error = { code, cause: known.cause ?? cause, remedy: known.remedy ?? remedy, message: text };
  return `${JSON.stringify({ error }, undefined, 2)}\n`;
}

/** Whether a command line asks for JSON, also one that is refused. */
export function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end < 0 ? undefined : end).includes("--json");
}
