/**
 * The help of each command of package.json's scripts that does not print its own.
 *
 * @type {Record<string, string>}
 */
export const help = {
  start: `Usage: npm start [-- --router PLATFORM] [--keep]

Shows the whole product against the lab: preview, up, a packet as proof, drift and its repair, a refused destroy, removal.

  --router PLATFORM   linux (default), cisco-ios, check-point or sophos-utm; all but linux are emulated
  --keep              keeps the lab and the stack, and prints how to use them; nothing is removed
`,
  "demo:sites": `Usage: npm run demo:sites

Rolls examples/many-sites out to twelve simulated sites of two SPPs, one of which is broken: preview, canary, waves, approval. Takes minutes.
`,
  configure: `Usage: npm run configure [-- --name NAME]

Creates the stack of the project in this folder for a running lab, and prints how to run Pulumi on it.

  --name NAME   the lab; default lab
`,
  test: `Usage: npm test [-- [FILE...] [--all] [--node MAJOR] [OPTIONS]]

Runs all tests but the slow ones (*.slow.test.ts), or the tests of the given files (*.test.ts).

  --all           runs the slow tests as well, and checks that every error code is provoked
  --node MAJOR    runs them with another major version of Node, such as 24
  --grep PATTERN  runs the tests whose name matches; so do the other options of mocha
`,
  check: `Usage: npm run check

Checks format, lint and types. A warning fails.
`,
  build: `Usage: npm run build

Compiles the package and the lab into dist.
`,
  docs: `Usage: npm run docs [-- --check]

Generates docs/resources, docs/errors and sdk/nodejs/outputs.

  --check   changes nothing, lists outdated files, and fails when there are any
`,
};
