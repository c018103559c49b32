import { isSameResource, ownerText } from "../../owner";
import { breakingText, findingsOf } from "../neighbours/findings";
import { recipeVariants, VARIANT_REMEDY } from "../neighbours/recipe-variants";
import { persistenceWarnings } from "../persistence/plan";
import { bypassWarnings } from "../watchdog/bypassed";
import { type Decision, isPresent, type PlanContext } from "./decision";
import { gaiaFaults, gaiaWarnings } from "./gaia";

/** Conditions that may break redirected traffic although all rules are in sync. */
export function warnings(decision: Decision): string[] {
  return [
    ...new Set([
      ...neighbourWarnings(decision),
      ...persistenceWarnings(decision),
      ...bypassWarnings(decision),
      ...gaiaWarnings(decision),
    ]),
  ];
}

/** Warnings for a reading, which changes nothing. */
export function readWarnings(decision: Decision): string[] {
  return [...new Set([...bypassWarnings(decision), ...neighbourWarnings(decision), ...gaiaFaults(decision)])];
}

/** Rules and settings of other programs that break or bypass redirections, or may do so. */
function neighbourWarnings(decision: Decision): string[] {
  const { desired, found } = decision;
  const { breaking, warnings: maybe } = findingsOf(decision);
  const texts = [
    ...maybe,
    ...breaking.map(breakingText),
    ...recipeVariants(decision).map(({ text }) => `${text}; ${VARIANT_REMEDY}`),
  ];
  const strict = desired.chains
    .flatMap((chain) => [...chain.redirection.clientInterfaces, ...(chain.redirection.serverInterfaces ?? [])])
    .filter((name) => Math.max(found.sourceChecks.all, found.sourceChecks.own.get(name) ?? 0) === 1);
  if (found.isMarkInSourceChecks && strict.length > 0) {
    const names = [...new Set(strict)].join(", ");
    texts.push(
      `all.src_valid_mark is 1 and rp_filter is strict on ${names}: the kernel will drop redirected packets; set rp_filter to 2 there`,
    );
  }
  return texts;
}

/** Redirections that the change takes over from other resources, and those of the state that belong to others. */
export function takeoverWarnings({ wanted: { owner }, desired, found, left }: PlanContext): string[] {
  const taken = desired.chains.flatMap((chain) => {
    const { name } = chain.redirection;
    const recorded = found.owners.get(name);
    if (!recorded || !owner || isSameResource(recorded, owner) || !isPresent(chain, found)) return [];
    return `takes over redirection ${name} from ${ownerText(recorded)}`;
  });
  const kept = left.flatMap((name) => {
    const recorded = found.owners.get(name);
    // Replaced, the resource still has it.
    if (!recorded || (owner && isSameResource(recorded, owner))) return [];
    return `redirection ${name} is not removed: it belongs to ${ownerText(recorded)}`;
  });
  return [...taken, ...kept];
}
