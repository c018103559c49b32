import fs from "node:fs";
import path from "node:path";

/**
 * The arguments for mocha. Test files named on the command line replace those of .mocharc.json, which mocha by itself
 * would add up; all other arguments are passed on.
 *
 * @param {string} root
 * @param {string[]} args what the user gave after `npm test --`
 * @returns {string[]}
 */
export function mochaArguments(root, args) {
  if (!args.some((arg) => /\.test\.ts$/.test(arg))) return args;
  const configuration = JSON.parse(fs.readFileSync(path.join(root, ".mocharc.json"), "utf8"));
  const options = Object.entries(configuration)
    .filter(([name]) => name !== "spec")
    .flatMap(([name, value]) => [value].flat().map((item) => `--${name}=${item}`));
  return ["--no-config", ...options, ...args];
}
