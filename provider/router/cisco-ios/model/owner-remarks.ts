import type { Owner } from "../../owner";

/** The longest remark is 100 characters. */
const CHUNK_CHARACTERS = 80;

/** The remarks of an access list that record the owner of its redirection. */
export function ownerRemarks({ id, urn = "" }: Owner): string[] {
  const text = encoded(urn);
  const chunks = Array.from({ length: Math.ceil(text.length / CHUNK_CHARACTERS) }, (_, index) =>
    text.slice(index * CHUNK_CHARACTERS, (index + 1) * CHUNK_CHARACTERS),
  );
  return [`safeguard owner ${id}`, ...chunks.map((chunk) => `safeguard urn ${chunk}`)];
}

/** The owner that the remarks of an access list record; undefined when they record none. */
export function ownerOf(remarks: readonly string[]): Owner | undefined {
  const texts = (key: string) =>
    remarks.flatMap((remark) => new RegExp(`^safeguard ${key} (\\S+)$`).exec(remark)?.[1] ?? []);
  const [id] = texts("owner");
  if (id === undefined) return undefined;
  const urn = decoded(texts("urn").join(""));
  return { id, ...(urn !== "" && { urn }) };
}

/** A terminal would take a question mark as a request for help. */
function encoded(urn: string): string {
  return encodeURIComponent(urn).replaceAll("%3A", ":").replaceAll("%2F", "/").replaceAll("%24", "$");
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Edited by hand; the id alone decides then.
    return "";
  }
}
