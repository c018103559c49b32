import type { Context } from "mocha";

/**
 * For a `before` hook: leaves its tests out where the machine lacks something. In CI that is a failure; elsewhere the
 * reason is said aloud, and the summary lists the tests as not run.
 * @throws Error with the reason when CI=true
 */
export function leaveOut(context: Context, reason: string): void {
  if (process.env.CI === "true") throw new Error(`${reason} (CI=true: nothing may be missing)`);
  process.stderr.write(`NOT RUN: ${context.test?.parent?.fullTitle() ?? "tests"}: ${reason}\n`);
  context.skip();
}
