import { differingPaths } from "../core/difference";
import { UNKNOWN, type Unknown } from "../core/unknown";

/** Entries of a list as far as they are known. */
type Entries = readonly unknown[] | Unknown | undefined;

/** An added, removed or changed entry; `paths` are those of its changed members. Values are left out, because they may be secret. */
export interface ListChange {
  kind: "+" | "-" | "~";
  name: string;
  paths: readonly string[];
}

/**
 * The changes of a list whose entries have names. Pulumi compares lists by position, so that a removed entry seems to change all that follow.
 * @param nameOf undefined for an entry whose name is not known yet
 */
export function listChanges(
  [before, after]: [before: Entries, after: Entries],
  nameOf: (entry: unknown) => string | undefined,
): ListChange[] {
  if (after === UNKNOWN || before === UNKNOWN) return [];
  const [olds, news] = [byName(before, nameOf), byName(after, nameOf)];
  const changed = [...news].flatMap(([name, entry]): ListChange[] => {
    if (!olds.has(name)) return [{ kind: "+", name, paths: [] }];
    const paths = differingPaths(olds.get(name), entry);
    return paths.length > 0 ? [{ kind: "~", name, paths }] : [];
  });
  // An entry without a known name may be any of the recorded ones.
  const isSure = (after ?? []).every((entry) => nameOf(entry) !== undefined);
  const gone = isSure ? [...olds.keys()].filter((name) => !news.has(name)) : [];
  return [...gone.map((name): ListChange => ({ kind: "-", name, paths: [] })), ...changed];
}

/** A change in one line, such as `+ member 10.0.0.3` or `~ member 10.0.0.2: searchRole`. */
export function changeText(what: string, { kind, name, paths }: ListChange): string {
  return `${kind} ${what} ${name}${paths.length > 0 ? `: ${paths.join(", ")}` : ""}`;
}

function byName(entries: readonly unknown[] | undefined, nameOf: (entry: unknown) => string | undefined) {
  const named = (entries ?? []).map((entry) => [nameOf(entry), entry] as const);
  return new Map(named.filter((pair): pair is readonly [string, unknown] => pair[0] !== undefined));
}
