import { type OperationContext, operationContext } from "../../core/context";
import { CHECKS } from "./checks";
import { consequencesOf } from "./consequences";
import { gatherFacts } from "./facts";
import type { PreflightOrder } from "./order";
import { type PreflightReport, runChecks } from "./report";

/**
 * Finds out whether a join will work, and why not. Reads only; both appliances are asked side by side and within a
 * bounded time. What could not be read is reported as not checked, never thrown.
 * @throws the signal's reason when the user cancels
 */
export async function preflight(
  order: PreflightOrder,
  context: OperationContext = operationContext(),
): Promise<PreflightReport> {
  const started = performance.now();
  const { facts, roundTrips } = await gatherFacts(order, context);
  const checks = runChecks(CHECKS, facts);
  return {
    ok: checks.every((check) => check.status !== "fail"),
    checks,
    consequences: consequencesOf(facts),
    roundTrips,
    milliseconds: Math.round(performance.now() - started),
  };
}
