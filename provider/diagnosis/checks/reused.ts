import { CHECKS } from "../../join/preflight/checks";
import type { Facts } from "../../join/preflight/facts";
import type { Finding, Level } from "../graph/finding";
import { isConnectedEntry } from "./entry";

type Preflight = (typeof CHECKS)[number];

/** What a diagnosis adds to a check of the preflight. */
interface Reuse {
  id: Preflight["id"];
  level: Level;
  side: "sps" | "spp";
  after?: readonly string[];
  /** True for what matters only to the next join request: once joined, a failure is a warning. */
  isForJoining?: boolean;
}

/** The checks that the preflight makes, too. */
export function reusedFindings(reuses: readonly Reuse[], facts: Facts): Finding[] {
  return reuses.map(({ id, level, side, after = [], isForJoining }) => {
    const { title, run } = checkOf(id);
    const outcome = run(facts);
    const isWarning = outcome.status === "fail" && isForJoining && isConnectedEntry(facts);
    return {
      id,
      title,
      level,
      object: `${side} ${facts[side].address}`,
      after,
      outcome: isWarning ? { ...outcome, status: "warn" } : outcome,
    };
  });
}

function checkOf(id: string): Preflight {
  const check = CHECKS.find((one) => one.id === id);
  if (!check) throw new Error(`the preflight has no check ${id}`);
  return check;
}
