/** A secret that turned up where it must not. */
export interface Hit {
  kind: string;
  /** In which form it stands there. */
  form: string;
}

/** How a secret may stand in a text. */
const FORMS: Record<string, (value: string) => string> = {
  "as it is": (value) => value,
  "as JSON text": (value) => JSON.stringify(value).slice(1, -1),
  "as base64": (value) => Buffer.from(value).toString("base64").replace(/=+$/, ""),
  "as base64url": (value) => Buffer.from(value).toString("base64url"),
  "as part of a URL": encodeURIComponent,
  "as hexadecimal digits": (value) => Buffer.from(value).toString("hex"),
};

/** Shorter ones turn up by chance. */
const SHORTEST = 8;

/** Values that nobody may record or show, each with what kind of secret it is. */
export class PlantedSecrets {
  private readonly kinds = new Map<string, string>();

  /** Adds a value. @throws Error when it is too short to be told from chance */
  add<Value extends string>(kind: string, value: Value): Value {
    if (value.length < SHORTEST)
      throw new Error(`a secret of ${value.length} characters cannot be looked for: ${kind}`);
    this.kinds.set(value, kind);
    return value;
  }

  /** Adds the lines of a PEM text that differ from key to key; the first line tells only which kind of key it is. */
  addKey(kind: string, pem: string): string {
    const lines = pem.split("\n").filter((line) => line !== "" && !line.startsWith("-----"));
    for (const line of lines.length > 1 ? lines.slice(1) : lines) if (line.length >= SHORTEST) this.add(kind, line);
    return pem;
  }

  /** How many values there are of each kind. */
  get counts(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const kind of this.kinds.values()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    return counts;
  }

  /** Every secret that stands in a text, in any form; each kind and form once. */
  find(text: string): Hit[] {
    const hits = new Map<string, Hit>();
    for (const [value, kind] of this.kinds) {
      for (const [form, dress] of Object.entries(FORMS)) {
        if (!hits.has(kind) && text.includes(dress(value))) hits.set(kind, { kind, form });
      }
    }
    return [...hits.values()];
  }
}
