import { type OperationContext, operationContext } from "../../core/context";
import { CHECKS, notesOf } from "./checks";
import { consequencesOf } from "./consequences";
import { gatherFacts } from "./facts";
import { TIME_UP } from "./gathering";
import type { PreflightOrder } from "./order";
import { type PreflightReport, runChecks } from "./report";

/** Whether a fact was not read for lack of time. */
const isLate = (fact: unknown) => fact !== null && typeof fact === "object" && "code" in fact && fact.code === TIME_UP;

/**
 * Predicts whether a join will work. Only reads, from both appliances in parallel and within a time limit. Unreadable facts are reported as
 * not checked, never thrown.
 * @throws the signal's reason when the user cancels
 */
export async function preflight(
  order: PreflightOrder,
  context: OperationContext = operationContext(),
): Promise<PreflightReport> {
  const started = performance.now();
  const facts = await gatherFacts(order, context);
  const checks = runChecks(CHECKS, facts);
  return {
    ok: checks.every((check) => check.status !== "fail"),
    isComplete: ![facts.sps, facts.spp].some((side) => Object.values(side).some(isLate)),
    checks,
    notes: notesOf(facts),
    consequences: consequencesOf(facts),
    milliseconds: Math.round(performance.now() - started),
  };
}
