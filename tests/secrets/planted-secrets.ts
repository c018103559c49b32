/** A secret that was found in a text. */
export interface Hit {
  kind: string;
  /** The encoding in which it was found. */
  form: string;
}

/** The encodings in which secrets are searched. */
const FORMS: Record<string, (value: string) => string> = {
  plain: (value) => value,
  JSON: (value) => JSON.stringify(value).slice(1, -1),
  base64: (value) => Buffer.from(value).toString("base64").replace(/=+$/, ""),
  base64url: (value) => Buffer.from(value).toString("base64url"),
  "URL-encoded": encodeURIComponent,
  hexadecimal: (value) => Buffer.from(value).toString("hex"),
};

/** Shorter values occur in texts by chance. */
const SHORTEST = 8;

/** Secrets of known kinds that no state, output or process list may contain. */
export class PlantedSecrets {
  private readonly kinds = new Map<string, string>();

  /** Adds a secret. @throws Error when it is so short that texts contain it by chance */
  add<Value extends string>(kind: string, value: Value): Value {
    if (value.length < SHORTEST)
      throw new Error(`${kind}: ${value.length} characters are too short to search for; use ${SHORTEST} or more`);
    this.kinds.set(value, kind);
    return value;
  }

  /** Adds the lines of a PEM text that differ from key to key; the first line is the same for all keys of a kind. */
  addKey(kind: string, pem: string): string {
    const lines = pem.split("\n").filter((line) => line !== "" && !line.startsWith("-----"));
    for (const line of lines.length > 1 ? lines.slice(1) : lines) if (line.length >= SHORTEST) this.add(kind, line);
    return pem;
  }

  /** Number of secrets of each kind. */
  get counts(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const kind of this.kinds.values()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    return counts;
  }

  /** The secrets that a text contains, at most one for each kind. */
  find(text: string): Hit[] {
    const hits = new Map<string, Hit>();
    for (const [value, kind] of this.kinds) {
      for (const [form, encode] of Object.entries(FORMS)) {
        if (!hits.has(kind) && text.includes(encode(value))) hits.set(kind, { kind, form });
      }
    }
    return [...hits.values()];
  }
}
