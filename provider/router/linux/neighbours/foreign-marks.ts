import type { Found } from "../model/found";
import { MARK_MASK, type NextHop, PROTOCOL } from "../model/next-hops";
import type { PolicyRule } from "../model/routing";
import { CHAIN_PREFIX, ENTRY_CHAIN, reachedFrom } from "../model/saved-table";
import type { Decision, PlanContext } from "../plan/decision";
import { refusal } from "../plan/refusal";
import type { Recipe } from "./recipe";

/** The chains of the mangle table for forwarded packets. */
const FORWARDING_CHAINS = [ENTRY_CHAIN, "FORWARD", "POSTROUTING"];

/** A foreign rule that changes marks. */
interface Marking {
  /** The rule in words, for messages. */
  text: string;
  /** The kind of mark that it changes. */
  kind: "packet" | "connection";
  /** The mark that it sets, within our bits; absent when it copies a mark. */
  value?: number;
  /** True when it changes any of our bits on packets that a redirection may match. */
  isOverwriting: boolean;
}

const MARKING =
  /(?:^| )-j (CONNMARK|MARK) --(set-xmark|set-mark|restore-mark|save-mark)(?: (0x[0-9a-f]+)(?:\/(0x[0-9a-f]+))?)?/;

/**
 * Refuses a packet mark that foreign rules use, because their packets would go to SPS. When the resource owns the mark
 * already, `markWarnings` only warns, so that it can be repaired and changed.
 * @throws SafeguardError SG3202
 */
export function requireFreeMarks(context: PlanContext): void {
  const { desired, found, owned, isAdopting, matchingRecipes } = context;
  const foreign = foreignOf(found, isAdopting ? matchingRecipes : []);
  for (const hop of desired.hops) {
    if (!hop.isMarked || owned.hops.some((other) => other.isMarked && other.mark === hop.mark)) continue;
    const [what] = usesOf(hop, foreign);
    if (what === undefined) continue;
    const cause = `${what}, so these packets would be redirected to ${hop.gateway} too`;
    const remedy = `set linux.mark to a free number, or let the other program use bits outside 0x${MARK_MASK.toString(16)}`;
    throw refusal("SG3202", context, cause, remedy);
  }
}

/** Warnings about foreign rules whose marks conflict with redirections. */
export function markWarnings({ desired, found, backend, matchingRecipes }: Decision): string[] {
  const hops = desired.hops.filter((hop) => hop.isMarked);
  if (hops.length === 0) return [];
  const foreign = foreignOf(found, matchingRecipes);
  const shared = hops.flatMap((hop) =>
    usesOf(hop, foreign).map(
      (what) => `${what}, so these packets are redirected to ${hop.gateway} too; set linux.mark to another number`,
    ),
  );
  const isBehindTables = backend.name === "nftables";
  const overwriting = foreign.markings
    // nftables runs after the mangle tables, so our packet marks are set last.
    .filter(({ isOverwriting, kind }) => isOverwriting && !(isBehindTables && kind === "packet"))
    .map(
      ({ text, kind }) =>
        `rule "${text}" overwrites the ${kind} marks of redirections; give it a mask without 0x${MARK_MASK.toString(16)}`,
    );
  return [...shared, ...overwriting];
}

/** Foreign rules that use marks. */
interface Foreign {
  policyRules: readonly PolicyRule[];
  markings: readonly Marking[];
}

/** All foreign rules that use marks, except recipes that are adopted. */
function foreignOf(found: Found, recipes: readonly Recipe[]): Foreign {
  const going = new Set(recipes.flatMap(({ policyRules }) => policyRules));
  return {
    policyRules: found.policyRules.filter((rule) => !going.has(rule)),
    markings: markingsIn(found, recipes),
  };
}

/** The foreign uses of the mark of a next hop, in words. */
function usesOf(hop: NextHop, foreign: Foreign): string[] {
  const rules = foreign.policyRules.filter((rule) => matchesOurMark(rule, hop.mark));
  const markings = foreign.markings.filter(({ value }) => value === hop.mark);
  const mark = `mark ${hop.mark} (in the bits 0x${MARK_MASK.toString(16)})`;
  return [
    ...rules.map((rule) => `policy rule "${rule.text}" of another program matches packets with ${mark}`),
    ...markings.map(({ text, kind }) => `rule "${text}" of another program sets ${mark} on ${kind}s`),
  ];
}

/** Whether a foreign policy rule matches packets with our mark. A rule equal to ours is checked elsewhere. */
function matchesOurMark({ mark, protocol, isPlain }: PolicyRule, ours: number): boolean {
  if (!mark || protocol === PROTOCOL || (isPlain && mark.value === ours && mark.mask === MARK_MASK)) return false;
  const bits = mark.mask & MARK_MASK;
  return (mark.value & bits) !== 0 && ((mark.value ^ ours) & bits) === 0;
}

/** Every foreign rule that changes marks, except those of these recipes. */
function markingsIn(found: Found, recipes: readonly Recipe[]): Marking[] {
  const going = new Set(
    recipes.flatMap(({ selections, restoring }) => [...selections.map((selection) => selection.found), ...restoring]),
  );
  return [...found.firewalls.values()].flatMap(({ table }) => {
    const entered = reachedFrom([ENTRY_CHAIN], table);
    const forwarding = reachedFrom(FORWARDING_CHAINS, table);
    return [...table.chains]
      .filter(([chain]) => !chain.startsWith(CHAIN_PREFIX))
      .flatMap(([chain, rules]) =>
        rules.flatMap((rule): Marking[] => {
          const [, target, verb, value, mask] = MARKING.exec(rule.text) ?? [];
          if (target === undefined || verb === undefined || going.has(rule)) return [];
          const kind = target === "MARK" || verb === "restore-mark" ? "packet" : "connection";
          const bits = Number(mask ?? maskOfCopy(rule.text)) & MARK_MASK;
          const isPassed = (kind === "packet" ? entered : forwarding).has(chain);
          return [
            {
              text: `-A ${chain} ${rule.text}`,
              kind,
              ...(value !== undefined && { value: Number(value) & bits }),
              isOverwriting: isPassed && bits !== 0,
            },
          ];
        }),
      );
  });
}

/** The bits that copying a mark changes. */
function maskOfCopy(text: string): number {
  const masks = [...text.matchAll(/ --(?:nf|ct)?mask (0x[0-9a-f]+)/g)].map(([, mask]) => Number(mask));
  return masks.length === 0 ? MARK_MASK : masks.reduce((all, mask) => all | mask, 0);
}
