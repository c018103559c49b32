import { type Failed, failedWith, failureOf, notChecked, type Outcome, pass, timeWasUp, warn } from "./check";
import type { Fact } from "./fact";

const UNREACHABLE = ["SG1010", "SG1016", "SG1017"] as const;
/** Answers 5xx: SPS's and SPP's way of saying so. */
const UNAVAILABLE = ["SG1015", "SG2005"] as const;

/**
 * Whether an appliance answers at all, from everything that was asked of it: what is refused was answered, too.
 * @param path property that holds its address
 */
export function contact(facts: readonly Fact<unknown>[], address: string, path: string): Outcome {
  const broken = facts.find((fact): fact is Failed => failedWith(fact, UNREACHABLE));
  if (broken) return failureOf(broken, path);
  const unavailable = facts.find((fact): fact is Failed => failedWith(fact, UNAVAILABLE));
  if (unavailable) return failureOf(unavailable, path);
  const late = facts.find(timeWasUp);
  if (late) return warn(`not all answers came: ${late.why}`, "look at its load and at what stands between", path);
  const isAnswered = facts.some((fact) => "value" in fact || fact.code !== undefined);
  return isAnswered
    ? pass(`${address} answers`)
    : notChecked(facts.map((fact) => ("why" in fact ? fact.why : ""))[0] ?? "");
}
