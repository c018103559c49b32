import type { Chain } from "../model/desired";
import type { Found } from "../model/found";
import { PROTOCOL } from "../model/next-hops";
import type { PolicyRule } from "../model/routing";
import type { Decision } from "../plan/decision";
import { type Flow, flowsOf } from "./flows";
import { topologyOf } from "./lookups";
import { recipeTexts } from "./recipe";
import { hitsIn } from "./walk";

/** What to do about a form of the manual recipe. */
export const VARIANT_REMEDY = "remove it on the router; it cannot be taken over with adopt";

/** A redirection made by hand that is not the vendor's recipe word by word, so that it cannot be taken over. */
export interface RecipeVariant {
  /** The name of the redirection whose traffic it matches. */
  redirection: string;
  /** The variant in words. */
  text: string;
}

/**
 * Redirections made by hand that match traffic of these redirections: rules that mark it, and a policy rule for the mark
 * whose table leads to the interface of SPS. Other matches, masks, chains and `--restore-mark` are variants of the recipe;
 * the recipe itself is none.
 */
export function recipeVariants({ desired, found, recipes }: Decision): RecipeVariant[] {
  const known = recipeTexts(recipes);
  return desired.chains.flatMap((chain) => {
    const [first] = markingsOf(chain, found).filter(({ text }) => !known.has(text));
    if (!first) return [];
    const text = `a hand-made redirection in another form than the vendor's recipe matches the same traffic: rule "${first.text}" marks it, and policy rule "${first.policyRule.text}" sends it to ${chain.hop.device}`;
    return [{ redirection: chain.redirection.name, text }];
  });
}

function markingsOf({ redirection, hop }: Chain, found: Found): { text: string; policyRule: PolicyRule }[] {
  const flows = flowsOf(redirection, hop, topologyOf(found))
    .filter(({ leg }) => leg === "client→SPS")
    .map((flow): Flow => ({ ...flow, packetMark: 0, connectionMark: 0 }));
  const entries = found.neighbours.bases.filter(({ hook }) => hook === "prerouting");
  return entries.flatMap((base) =>
    flows.flatMap((flow) =>
      hitsIn(base, flow).flatMap(({ rule, action }) => {
        if (action.kind !== "packet-mark" && action.kind !== "connection-mark") return [];
        const mark = (action.value ?? 0) & action.bits;
        const policyRule = found.policyRules.find((one) => isLeadingTo(hop.device, one, mark, found));
        return policyRule ? [{ text: rule.text, policyRule }] : [];
      }),
    ),
  );
}

/** Whether a foreign policy rule sends packets with a mark to an interface by a default route. */
function isLeadingTo(device: string, rule: PolicyRule, mark: number, found: Found): boolean {
  if (!rule.mark || rule.mark.value === 0 || rule.table === undefined || rule.protocol === PROTOCOL) return false;
  if (((rule.mark.value ^ mark) & rule.mark.mask) !== 0) return false;
  return (found.lookups.get(rule.table) ?? []).some((route) => route.length === 0 && route.device === device);
}
