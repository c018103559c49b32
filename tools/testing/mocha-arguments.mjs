import fs from "node:fs";
import path from "node:path";

/**
 * The arguments that run mocha with the settings of .mocharc.json, one entry for each process that runs side by side.
 * Left to itself mocha would start another one for the setting `import`, and on Ctrl-C end that without running the
 * tests' clean-ups; and it would add test files named on the command line to those of the settings instead of running
 * just them.
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
  const files = args.some((arg) => /\.test\.ts$/.test(arg)) ? [[]] : lanesOf(root, spec);
  return files.map((lane) => ({ node, mocha: ["--no-config", ...options, ...args, ...lane] }));
}

/**
 * Tests in lanes that run side by side and take about as long as each other: most wait for networks and engines rather
 * than compute. Tests of one folder may share what only one process at a time can have. A file belongs to the first
 * lane that takes it.
 */
const LANES = [
  /^tests\/(engine|contract|packaging|secrets)\/|^provider\/(core|https|sps|spp|ssh)\/|^(sdk|tools)\//,
  /^provider\/resources\/(router-redirection|sps-cluster)\//,
  /./,
];

/**
 * @param {string} root
 * @param {string[]} spec a pattern for each folder of tests, which it begins with
 * @returns {string[][]} the test files of each lane
 */
function lanesOf(root, spec) {
  const folders = spec.map((pattern) => pattern.split("/")[0] ?? "");
  const files = folders
    .flatMap((folder) =>
      fs
        .readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".test.ts") && !name.includes("node_modules"))
        .map((name) => `${folder}/${name.split(path.sep).join("/")}`),
    )
    .sort();
  const laneOf = (/** @type {string} */ file) => LANES.findIndex((lane) => lane.test(file));
  return LANES.map((_, lane) => files.filter((file) => laneOf(file) === lane));
}
