import fs from "node:fs";
import path from "node:path";

/**
 * The arguments that run mocha with the settings of .mocharc.json, one entry for each parallel process. By itself mocha
 * would start a second process for the setting `import` and on Ctrl-C end it without the tests' clean-ups; and it would
 * run the test files of the command line in addition to those of the settings. A folder stands for its test files.
 *
 * @param {string} root
 * @param {string[]} args the user's arguments after `npm test --`
 * @param {{withSlow: boolean}} options whether the files that SLOW matches run without being named
 * @returns {{node: string[], mocha: string[]}[]} arguments for node, before mocha's program, and for mocha
 */
export function mochaArguments(root, args, { withSlow }) {
  const { import: modules, spec, ...settings } = JSON.parse(fs.readFileSync(path.join(root, ".mocharc.json"), "utf8"));
  const options = Object.entries(settings).flatMap(([name, value]) =>
    [value].flat().map((item) => `--${name}=${item}`),
  );
  const node = (modules ?? []).map((/** @type {string} */ name) => `--import=${name}`);
  const rest = args.filter((arg) => !isFolder(root, arg));
  const folders = args
    .filter((arg) => isFolder(root, arg))
    .map((arg) => `${path.posix.normalize(arg).replace(/\/$/, "")}/`);
  const isChosen = (/** @type {string} */ file) =>
    (withSlow || !SLOW.test(file)) &&
    (folders.length === 0 || folders.some((folder) => folder === "./" || file.startsWith(folder)));
  const named = rest.filter(isFile);
  const others = rest.filter((arg) => !isFile(arg));
  const isComplete = named.length === 0 || folders.length > 0;
  const ofFolders = isComplete ? lanesOf(root, spec).map((lane) => lane.filter(isChosen)) : [];
  const lanes = [named, ...ofFolders].filter((lane) => lane.length > 0);
  return lanes.map((lane) => ({ node, mocha: ["--no-config", ...options, ...others, ...lane] }));
}

const isFolder = (/** @type {string} */ root, /** @type {string} */ arg) =>
  fs.statSync(path.join(root, arg), { throwIfNoEntry: false })?.isDirectory() ?? false;

/**
 * Sweeps and matrices that take minutes: many appliance variants, kills and orders of destruction on the real engine. They
 * run with `npm test -- --all` only, so that `npm test` stays short enough to run before each commit.
 */
const SLOW = /\.slow\.test\.ts$/;

const isFile = (/** @type {string} */ arg) => /\.test\.ts$/.test(arg);

/**
 * Number of test files that the arguments leave out, because they run with `--all` or by name only.
 *
 * @param {string} root
 * @param {string[]} [args]
 */
export function slowFiles(root, args = []) {
  const count = (/** @type {boolean} */ withSlow) =>
    mochaArguments(root, args, { withSlow }).flatMap(({ mocha }) => mocha.filter((arg) => SLOW.test(arg))).length;
  return count(true) - count(false);
}

/**
 * Lanes of tests that run in parallel and take about the same time. There are more lanes than cores because most tests wait
 * for networks and engines. A file belongs to the first lane that matches. After `lost-engine`, no test may run an engine in
 * the same process: gRPC still tries to reach the killed ones, and a new one may get the port of one of them.
 */
const LANES = [
  /^tests\/engine\/lost-engine|^provider\/(core|https|sps|spp|ssh)\/|^provider\/resources\/spp-join\/|^lab\//,
  /^tests\/engine\//,
  /^provider\/resources\/(router-redirection\/[a-o]|sps-cluster\/)/,
  /^provider\/resources\/router-redirection\/|^tests\/(contract|secrets|packaging)\/|^(sdk|tools)\//,
  /./,
];

/**
 * @param {string} root
 * @param {string[]} spec one pattern per folder of tests, each beginning with its folder
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
