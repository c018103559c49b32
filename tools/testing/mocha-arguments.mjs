import fs from "node:fs";
import path from "node:path";

/**
 * The arguments that run mocha with the settings of .mocharc.json in a single process. Left to itself mocha would start
 * another one for the setting `import`, and on Ctrl-C end that without running the tests' clean-ups; and it would add test
 * files named on the command line to those of the settings instead of running just them.
 *
 * @param {string} root
 * @param {string[]} args what the user gave after `npm test --`
 * @returns {{node: string[], mocha: string[]}} arguments for node, which come before mocha's program, and for mocha
 */
export function mochaArguments(root, args) {
  const { import: modules, spec, ...settings } = JSON.parse(fs.readFileSync(path.join(root, ".mocharc.json"), "utf8"));
  const options = Object.entries(settings).flatMap(([name, value]) =>
    [value].flat().map((item) => `--${name}=${item}`),
  );
  const files = args.some((arg) => /\.test\.ts$/.test(arg)) ? [] : spec;
  return {
    node: (modules ?? []).map((/** @type {string} */ name) => `--import=${name}`),
    mocha: ["--no-config", ...options, ...args, ...files],
  };
}
