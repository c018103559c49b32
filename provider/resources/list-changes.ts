import type { z } from "zod";
import { differingPaths } from "../core/difference";
import { secretPaths } from "../core/json-schema";
import { isRecord } from "../core/record";
import { UNKNOWN, type Unknown } from "../core/unknown";

/** Entries of a list as far as they are known. */
type Entries = readonly unknown[] | Unknown | undefined;

/** An added, removed or changed entry. */
export interface ListChange {
  kind: "+" | "-" | "~";
  name: string;
  /** Its changed members, such as `ports 3389 -> 22, 3389`; a member that is secret or has members of its own has no values. */
  members: readonly string[];
}

/** What is known of the entries of a list. */
export interface Entry {
  schema: z.ZodType;
  /** The name of an entry; undefined when it is not known yet. */
  nameOf(entry: unknown): string | undefined;
}

/** The longest value that is shown. */
const MOST_CHARACTERS = 60;

/**
 * The changes of a list whose entries have names. Pulumi compares lists by position, so that a removed entry seems to change all that follow.
 */
export function listChanges(
  [before, after]: [before: Entries, after: Entries],
  { schema, nameOf }: Entry,
): ListChange[] {
  if (after === UNKNOWN || before === UNKNOWN) return [];
  const [olds, news] = [byName(before, nameOf), byName(after, nameOf)];
  const secrets = secretPaths(schema);
  const changed = [...news].flatMap(([name, entry]): ListChange[] => {
    if (!olds.has(name)) return [{ kind: "+", name, members: [] }];
    const members = changedMembers(olds.get(name), entry, secrets);
    return members.length > 0 ? [{ kind: "~", name, members }] : [];
  });
  // An entry without a known name may be any of the recorded ones.
  const isSure = (after ?? []).every((entry) => nameOf(entry) !== undefined);
  const gone = isSure ? [...olds.keys()].filter((name) => !news.has(name)) : [];
  return [...gone.map((name): ListChange => ({ kind: "-", name, members: [] })), ...changed];
}

/** A change in one line, such as `+ member 10.0.0.3` or `~ member 10.0.0.2: searchRole default -> search-local`. */
export function changeText(what: string, { kind, name, members }: ListChange): string {
  return `${kind} ${what} ${name}${members.length > 0 ? `: ${members.join("; ")}` : ""}`;
}

function changedMembers(before: unknown, after: unknown, secrets: ReadonlySet<string>): string[] {
  const paths = differingPaths(before, after);
  const memberOf = (path: string) => path.split(/[.[]/)[0] ?? "";
  return [...new Set(paths.map(memberOf))].flatMap((member) => {
    const isSecret = [...secrets].some((path) => memberOf(path) === member);
    const [old, fresh] = [before, after].map((entry) => (isRecord(entry) ? valueText(entry[member]) : undefined));
    if (isSecret || old === undefined || fresh === undefined) return paths.filter((path) => memberOf(path) === member);
    return [`${member} ${old} -> ${fresh}`];
  });
}

/** A short plain value, or a list of some; undefined for anything else. */
function valueText(value: unknown): string | undefined {
  const values = Array.isArray(value) ? value : [value];
  if (value === UNKNOWN || values.some((one) => one === UNKNOWN || (one !== null && typeof one === "object")))
    return undefined;
  const text = value === undefined ? "(none)" : values.length === 0 ? "(empty)" : values.map(String).join(", ");
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}

function byName(entries: readonly unknown[] | undefined, nameOf: (entry: unknown) => string | undefined) {
  const named = (entries ?? []).map((entry) => [nameOf(entry), entry] as const);
  return new Map(named.filter((pair): pair is readonly [string, unknown] => pair[0] !== undefined));
}
