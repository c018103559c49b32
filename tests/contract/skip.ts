import type { Context } from "mocha";

/**
 * Skips the tests of a `before` hook because this machine lacks a requirement. Prints the reason; the summary lists the
 * tests as not run.
 * @throws Error with the reason when CI=true, where no test may be skipped
 */
export function skipTests(context: Context, reason: string): void {
  if (process.env.CI === "true") throw new Error(`${reason} (CI=true: nothing may be missing)`);
  process.stderr.write(`NOT RUN: ${context.test?.parent?.fullTitle() ?? "tests"}: ${reason}\n`);
  context.skip();
}
