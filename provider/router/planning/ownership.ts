import { isSameResource, isSameStack, type Owner, ownerText } from "../owner";

/** What decides whose the redirections of a change are. */
export interface OwnershipFacts {
  /** The resource; absent for a reader, which owns nothing. */
  owner: Owner | undefined;
  /** Names of the wanted redirections, and of those in the state of the resource. */
  wanted: readonly string[];
  owned: readonly string[];
  isAdopting: boolean;
  /** Whether the router has any part of a redirection. */
  isThere(name: string): boolean;
  /** The owner that the router records for a redirection; undefined when it records none. */
  recordedOwner(name: string): Owner | undefined;
  /** Whether the router has a wanted redirection exactly as wanted. */
  isAsWanted(name: string): boolean;
}

/** Whose the redirections of a change are. */
export interface Ownership {
  /** Names of the redirections whose parts the change may replace or remove. */
  owned: ReadonlySet<string>;
  /** Names of wanted redirections that belong to others; the change is refused. */
  taken: readonly string[];
  /** Names of redirections in the state of the resource that belong to another resource by now. */
  left: readonly string[];
}

/** Sorts the redirections of a change by their owners on the router. */
export function ownershipOf(facts: OwnershipFacts): Ownership {
  const { wanted, isAdopting } = facts;
  const names = [...new Set([...facts.owned, ...wanted])];
  const others = names.filter((name) => facts.isThere(name) && !isOwnOrResumed(name, facts));
  const taken = isAdopting ? [] : others.filter((name) => wanted.includes(name));
  const left = others.filter((name) => !wanted.includes(name));
  return { owned: new Set(names.filter((name) => !taken.includes(name) && !left.includes(name))), taken, left };
}

/**
 * Whether a redirection is of this resource: by its id, as its own replacement or an interrupted create, or with the same
 * rules from another resource of the stack, as after a rename.
 */
function isOwnOrResumed(name: string, facts: OwnershipFacts): boolean {
  const { owner } = facts;
  const recorded = facts.recordedOwner(name);
  if (!owner || !recorded) return false;
  if (recorded.id === owner.id) return true;
  if (!facts.wanted.includes(name)) return false;
  return isSameResource(recorded, owner) || (isSameStack(recorded, owner) && facts.isAsWanted(name));
}

/** The names without those that the router records for another resource by now, which are reported. */
export function namesStillOwned(
  names: readonly string[],
  owner: Owner | undefined,
  recordedOwner: (name: string) => Owner | undefined,
  warn: (text: string) => void,
): string[] {
  return names.filter((name) => {
    const recorded = recordedOwner(name);
    if (!recorded || !owner || recorded.id === owner.id) return true;
    warn(`redirection ${name} belongs to ${ownerText(recorded)}`);
    return false;
  });
}

/**
 * The owner of a wanted state with the id that the router records for the same resource, where the state is not known yet; in
 * previews.
 */
export function withRecordedId(owner: Owner | undefined, recorded: readonly (Owner | undefined)[]): Owner | undefined {
  if (owner?.id !== "") return owner;
  const same = recorded.find((other) => other !== undefined && isSameResource(other, owner));
  return same ? { ...owner, id: same.id } : owner;
}
