import type { Owner } from "../../owner";

/** The comment of an object that records the owner of its redirection. */
export function ownerComment({ id, urn }: Owner): string {
  return `safeguard owner ${id}${urn === undefined ? "" : ` ${urn}`}`;
}

/** The owner that a comment records; undefined when it records none. */
export function ownerOf(comment: string): Owner | undefined {
  const [, id, urn] = /^safeguard owner ([0-9a-f]+)(?: (.+))?$/.exec(comment) ?? [];
  if (id === undefined) return undefined;
  return { id, ...(urn !== undefined && { urn }) };
}
