const SECRET_NAME =
  /pass(word|phrase|wd)|(?<!by|com)pass$|[_:.-]pwd?$|token|secret|credential|private|(api|access|ssh|account|storage)_?key|_auth$|cookie|connection_?string/i;
/** Shorter values occur in messages by accident. */
const SHORTEST = 6;
/** A URL with a password, which may hold characters that should be encoded. */
const URL_VALUE = /^[a-z][a-z0-9+.-]*:\/\/[^:/?#@]*:(.+)@/i;
/** The same within a message, where other text follows. */
const URL_IN_TEXT = /([a-z][a-z0-9+.-]*:\/\/[^\s:/?#@]*):[^\s/]+@/gi;

/** Replaces secrets in a text. */
export type Redactor = (text: string) => string;

/**
 * Replaces secrets in a text: values of environment variables and of configuration whose names say that they are secret, and the
 * passwords of all URLs. Messages of the product have none; those of programs, of other providers and of Pulumi may.
 */
export function redactor(...sources: Readonly<Record<string, string | undefined>>[]): Redactor {
  const values = sources
    .flatMap((source) => Object.entries(source))
    .flatMap(([name, value = ""]) => [...(SECRET_NAME.test(name) ? [value] : []), ...passwordsIn(value)])
    .filter((value) => value.length >= SHORTEST)
    // A value that contains another one goes first.
    .sort((left, right) => right.length - left.length);
  return (text) =>
    values.reduce((rest, value) => rest.replaceAll(value, "[secret]"), text).replace(URL_IN_TEXT, "$1:[secret]@");
}

/** The passwords in a value that is a URL, as written and decoded. */
function passwordsIn(value: string): string[] {
  const written = URL_VALUE.exec(value)?.[1];
  const named = [...(URL.canParse(value) ? new URL(value).searchParams : [])];
  const found = [
    ...(written === undefined ? [] : [written, decoded(written)]),
    ...named.filter(([name]) => SECRET_NAME.test(name)).map(([, parameter]) => parameter),
  ];
  return [...new Set(found.flatMap((password) => [password, encodeURIComponent(password)]))];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // It is not encoded.
    return text;
  }
}
