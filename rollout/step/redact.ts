const SECRET_NAME = /pass(word|phrase)|token|secret|credential|private|api_?key|access_?key/i;
/** Shorter values occur in messages by accident. */
const SHORTEST = 6;

/** Replaces secrets in a text. */
export type Redactor = (text: string) => string;

/**
 * Replaces secrets in a text: values of environment variables and of configuration whose names say that they are secret. Messages of the
 * product have none; those of programs and of other providers may.
 */
export function redactor(...sources: Readonly<Record<string, string | undefined>>[]): Redactor {
  const values = sources
    .flatMap((source) => Object.entries(source))
    .filter(([name, value]) => SECRET_NAME.test(name) && (value ?? "").length >= SHORTEST)
    .map(([, value = ""]) => value)
    // A value that contains another one goes first.
    .sort((left, right) => right.length - left.length);
  return (text) => values.reduce((rest, value) => rest.replaceAll(value, "[secret]"), text);
}
