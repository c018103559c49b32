/**
 * The closing lines of `npm test` and whether it succeeded. The last line is `N passed, N failed`. An interruption, a run
 * without tests, a failure after the tests, tests that did not run in CI and `problems` count as one more failure;
 * `leftOut` files of slow tests are named and count as none.
 *
 * @param {import("./reporter.mjs").TestResult | undefined} result undefined when mocha did not finish
 * @param {{endedWell: boolean, interrupted: boolean, inCi: boolean, missingTools: string[], leftOut?: number, problems?: string[]}} run
 * @returns {{lines: string[], ok: boolean}}
 */
export function summarize(result, { endedWell, interrupted, inCi, missingTools, leftOut = 0, problems: others = [] }) {
  /** @type {string[]} */
  const lines = [];
  /** @type {string[]} */
  const problems = [...others];
  const { passed, failed, notRun, slowest } = result ?? { passed: 0, failed: 0, notRun: [], slowest: [] };

  if (slowest.length > 0) lines.push("Slowest tests:");
  for (const { title, milliseconds } of slowest)
    lines.push(`${(milliseconds / 1000).toFixed(2).padStart(8)} s  ${title}`);
  for (const tool of missingTools) lines.push(`MISSING ON THIS MACHINE: ${tool}`);
  for (const title of notRun) lines.push(`NOT RUN: ${title}`);

  if (leftOut > 0) lines.push(`LEFT OUT: ${leftOut} files of slow tests; run them with: npm test -- --all`);

  if (interrupted) problems.push("interrupted");
  else if (!result) problems.push("mocha stopped before the end; its message is above");
  else if (passed + failed === 0) problems.push("no test ran");
  else if (!endedWell && failed === 0) problems.push("mocha failed after the tests; its message is above");
  if (inCi && notRun.length > 0) problems.push(`${notRun.length} tests did not run, which CI does not allow`);
  for (const problem of problems) lines.push(`FAILED: ${problem}`);

  const allFailed = failed + (problems.length > 0 ? 1 : 0);
  lines.push(`${passed} passed, ${allFailed} failed`);
  return { lines, ok: allFailed === 0 };
}

/**
 * Merges the results of parallel runs.
 *
 * @param {(import("./reporter.mjs").TestResult | undefined)[]} results
 * @returns {import("./reporter.mjs").TestResult | undefined} undefined when one of them did not finish
 */
export function merge(results) {
  const finished = results.filter((result) => result !== undefined);
  if (finished.length < results.length) return undefined;
  const slowest = finished.flatMap((result) => result.slowest).sort((a, b) => b.milliseconds - a.milliseconds);
  return {
    passed: finished.reduce((sum, { passed }) => sum + passed, 0),
    failed: finished.reduce((sum, { failed }) => sum + failed, 0),
    notRun: finished.flatMap(({ notRun }) => notRun),
    slowest: slowest.slice(0, 10),
  };
}
