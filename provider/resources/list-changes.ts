import { differingPaths } from "../core/difference";
import { UNKNOWN, type Unknown } from "../core/unknown";

/** Entries of a list as far as they are known. */
type Entries = readonly unknown[] | Unknown | undefined;

/**
 * The changes of a list whose entries have names, one line an entry: `+ member 10.0.0.3`, `~ member 10.0.0.2: searchRole`. Pulumi compares
 * lists by position, so that a removed entry seems to change all that follow. The lines hold no value, because it may be secret.
 * @param nameOf undefined for an entry whose name is not known yet
 */
export function listChanges(
  what: string,
  [before, after]: [before: Entries, after: Entries],
  nameOf: (entry: unknown) => string | undefined,
): string[] {
  if (after === UNKNOWN || before === UNKNOWN) return [];
  const [olds, news] = [byName(before, nameOf), byName(after, nameOf)];
  const changed = [...news].flatMap(([name, entry]) => {
    if (!olds.has(name)) return [`+ ${what} ${name}`];
    const paths = differingPaths(olds.get(name), entry);
    return paths.length > 0 ? [`~ ${what} ${name}: ${paths.join(", ")}`] : [];
  });
  // An entry without a known name may be any of the recorded ones.
  const isSure = (after ?? []).every((entry) => nameOf(entry) !== undefined);
  const gone = isSure ? [...olds.keys()].filter((name) => !news.has(name)) : [];
  return [...gone.map((name) => `- ${what} ${name}`), ...changed];
}

function byName(entries: readonly unknown[] | undefined, nameOf: (entry: unknown) => string | undefined) {
  const named = (entries ?? []).map((entry) => [nameOf(entry), entry] as const);
  return new Map(named.filter((pair): pair is readonly [string, unknown] => pair[0] !== undefined));
}
