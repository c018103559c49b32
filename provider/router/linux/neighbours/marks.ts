import type { Chain } from "../model/desired";
import type { Found } from "../model/found";
import { MARK_MASK, type NextHop, PROTOCOL } from "../model/next-hops";
import type { PolicyRule } from "../model/routing";
import type { Decision, PlanContext } from "../plan/decision";
import { refusal } from "../plan/refusal";
import { type Flow, flowsOf, isMarkedFlow, type Topology } from "./flows";
import type { Assigned, ForeignMarks } from "./match";
import { type Recipe, recipeTexts } from "./recipe";
import type { Action, Ruleset } from "./rules/ruleset";
import { hitsIn } from "./walk";

type Marking = Extract<Action, { bits: number }>;

/** The priority of the chains in which redirections mark packets. */
const OUR_PRIORITY = { iptables: -150, nftables: -149 };

/**
 * Refuses a packet mark that foreign rules use, because their packets would go to SPS. When the resource owns the mark
 * already, `markWarnings` only warns, so that it can be repaired and changed.
 * @throws SafeguardError SG3202
 */
export function requireFreeMarks(context: PlanContext): void {
  const { desired, found, owned, isAdopting, matchingRecipes } = context;
  for (const hop of desired.hops) {
    if (!hop.isMarked || owned.hops.some((other) => other.isMarked && other.mark === hop.mark)) continue;
    const [what] = usesOf(hop, found, isAdopting ? matchingRecipes : []);
    if (what === undefined) continue;
    const cause = `${what}, so these packets would be redirected to ${hop.gateway} too`;
    const remedy = `set linux.mark to a free number, or let the other program use bits outside 0x${MARK_MASK.toString(16)}`;
    throw refusal("SG3202", context, cause, remedy);
  }
}

/** Warnings about foreign rules whose marks conflict with redirections. */
export function markWarnings(decision: Decision, topology: Topology): string[] {
  const { desired, found, matchingRecipes } = decision;
  const hops = desired.hops.filter((hop) => hop.isMarked);
  const shared = hops.flatMap((hop) =>
    usesOf(hop, found, matchingRecipes).map(
      (what) => `${what}, so these packets are redirected to ${hop.gateway} too; set linux.mark to another number`,
    ),
  );
  const going = recipeTexts(matchingRecipes);
  const overwriting = desired.chains
    .filter(({ hop }) => hop.isMarked)
    .flatMap((chain) => overwritingIn(chain, decision, topology))
    .filter(({ text }) => !going.has(text))
    .map(
      ({ text, kind }) =>
        `rule "${text}" overwrites the ${kind} marks of redirections; give it a mask without 0x${MARK_MASK.toString(16)}`,
    );
  return [...shared, ...new Set(overwriting)];
}

/** The marks that foreign rules may set on packets of a redirection before they are forwarded. */
export function foreignMarks({ bases }: Ruleset, flows: readonly Flow[]): ForeignMarks {
  const actions = bases.flatMap((base) => flows.flatMap((flow) => hitsIn(base, flow).map(({ action }) => action)));
  const markings = actions.filter(isMarking);
  const assigned = (kind: Marking["kind"]) =>
    markings.flatMap(({ kind: of, bits, value, isCopied }): Assigned[] => {
      // Bits that a rule clears are 0 as before, and copies come from the other mark.
      if (of !== kind || isCopied || (value !== undefined && (bits & value) === 0)) return [];
      return [{ bits, ...(value !== undefined && { value }) }];
    });
  const [packet, connection] = [assigned("packet-mark"), assigned("connection-mark")];
  const isCopying = markings.some(({ isCopied }) => isCopied);
  const all = [...packet, ...connection];
  return isCopying ? { packet: all, connection: all } : { packet, connection };
}

/** A rule that changes our bits of a mark. */
interface Overwriting {
  text: string;
  kind: "packet" | "connection";
}

function overwritingIn({ redirection, hop }: Chain, { found, backend }: Decision, topology: Topology): Overwriting[] {
  const marked = flowsOf(redirection, hop, topology).filter((flow) => isMarkedFlow(redirection, flow));
  const ours = backend.name === "nftables" ? OUR_PRIORITY.nftables : OUR_PRIORITY.iptables;
  return found.neighbours.bases.flatMap((base) =>
    marked.flatMap((flow) =>
      hitsIn(base, flow).flatMap(({ rule, action }): Overwriting[] => {
        if (!isMarking(action) || (action.bits & MARK_MASK) === 0) return [];
        if (action.kind === "connection-mark") return [{ text: rule.text, kind: "connection" }];
        // Packet marks count between the classification and the routing decision.
        const isBetween = base.hook === "prerouting" && base.priority >= ours;
        // A mark that is copied from the connection sends packets from SPS back to it.
        const isChanged = flow.packetMark !== 0 || action.value === undefined;
        return isBetween && isChanged ? [{ text: rule.text, kind: "packet" }] : [];
      }),
    ),
  );
}

function isMarking(action: Action): action is Marking {
  return action.kind === "packet-mark" || action.kind === "connection-mark";
}

/** The foreign uses of the mark of a next hop, in words. */
function usesOf(hop: NextHop, found: Found, recipes: readonly Recipe[]): string[] {
  const going = new Set(recipes.flatMap(({ policyRules }) => policyRules));
  const goingTexts = recipeTexts(recipes);
  const rules = found.policyRules.filter((rule) => !going.has(rule) && matchesOurMark(rule, hop.mark));
  const markings = [...new Set(found.neighbours.bases.flatMap(({ chains }) => [...chains.values()]))]
    .flat()
    .filter(({ text, action }) => !goingTexts.has(text) && isMarking(action) && setsMark(action, hop.mark));
  const mark = `mark ${hop.mark} (in the bits 0x${MARK_MASK.toString(16)})`;
  return [
    ...rules.map((rule) => `policy rule "${rule.text}" of another program matches packets with ${mark}`),
    ...markings.map(
      ({ text, action }) =>
        `rule "${text}" of another program sets ${mark} on ${action.kind === "packet-mark" ? "packets" : "connections"}`,
    ),
  ];
}

function setsMark({ bits, value }: Marking, ours: number): boolean {
  return value !== undefined && (value & bits & MARK_MASK) === ours;
}

/** Whether a foreign policy rule matches packets with our mark. A rule equal to ours is checked elsewhere. */
function matchesOurMark({ mark, protocol, isPlain }: PolicyRule, ours: number): boolean {
  if (!mark || protocol === PROTOCOL || (isPlain && mark.value === ours && mark.mask === MARK_MASK)) return false;
  const bits = mark.mask & MARK_MASK;
  return (mark.value & bits) !== 0 && ((mark.value ^ ours) & bits) === 0;
}
