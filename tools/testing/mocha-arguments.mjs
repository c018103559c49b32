import fs from "node:fs";
import path from "node:path";

/**
 * The arguments that run mocha with the settings of .mocharc.json, one entry for each process that runs side by side. Left to itself mocha would start
 * another one for the setting `import`, and on Ctrl-C end that without running the tests' clean-ups; and it would add test
 * files named on the command line to those of the settings instead of running just them.
 *
 * @param {string} root
 * @param {string[]} args what the user gave after `npm test --`
 * @returns {{node: string[], mocha: string[]}[]} arguments for node, which come before mocha's program, and for mocha
 */
export function mochaArguments(root, args) {
  const { import: modules, spec, ...settings } = JSON.parse(fs.readFileSync(path.join(root, ".mocharc.json"), "utf8"));
  const options = Object.entries(settings).flatMap(([name, value]) =>
    [value].flat().map((item) => `--${name}=${item}`),
  );
  const node = (modules ?? []).map((/** @type {string} */ name) => `--import=${name}`);
  const files = args.some((arg) => /\.test\.ts$/.test(arg)) ? [[]] : lanesOf(spec);
  return files.map((lane) => ({ node, mocha: ["--no-config", ...options, ...args, ...lane] }));
}

/**
 * The folders of tests in lanes that run side by side and take about as long as each other: most tests wait for
 * networks and engines rather than compute. Tests of one folder may share what only one process at a time can have.
 * The patterns of .mocharc.json name the same folders, so that none belongs to two lanes.
 */
const LANES = [
  /^tests\/(engine|contract|packaging|secrets)\//,
  /^provider\/resources\/(router-redirection|sps-cluster)\//,
  /./,
];

/**
 * @param {string[]} spec patterns of test files, each within one lane
 * @returns {string[][]}
 */
function lanesOf(spec) {
  const laneOf = (/** @type {string} */ pattern) => LANES.findIndex((lane) => lane.test(pattern));
  return LANES.map((_, lane) => spec.filter((pattern) => laneOf(pattern) === lane)).filter(({ length }) => length > 0);
}
