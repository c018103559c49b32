import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, describe, it } from "mocha";
import { OFFLINE } from "../../tools/start/offline";
import { skipTests } from "../contract/skip";
import { findCli } from "./cli";

const ROOT = path.resolve(__dirname, "../..");

/** A library of the company that makes a resource for the programs of its monorepo. */
const LIBRARY = `const { RouterRedirection } = require("pulumi-safeguard");
exports.make = () => new RouterRedirection("router", {});
`;

describe("a program that uses the package through another one of its monorepo", function () {
  this.timeout(120_000);
  let folder = "";
  let app = "";
  let environment: NodeJS.ProcessEnv = {};

  before(function () {
    const cli = findCli();
    if ("reason" in cli) return skipTests(this, cli.reason);
    folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "safeguard-monorepo-")));
    app = path.join(folder, "app");
    const link = (target: string, name: string) => {
      fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      fs.symlinkSync(target, path.join(folder, name));
    };
    const write = (name: string, text: string) => {
      fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      fs.writeFileSync(path.join(folder, name), text);
    };
    write("library/index.js", LIBRARY);
    link(ROOT, "library/node_modules/pulumi-safeguard");
    write("app/package.json", '{"name":"app","private":true,"main":"index.js"}\n');
    write("app/Pulumi.yaml", "name: monorepo\nruntime: nodejs\n");
    write("app/index.js", 'require("../library").make();\n');
    link(path.join(ROOT, "node_modules/@pulumi"), "app/node_modules/@pulumi");
    fs.mkdirSync(path.join(folder, "state"));
    environment = {
      HOME: path.join(folder, "home"),
      PATH: [...cli.folders, process.env.PATH].join(path.delimiter),
      PULUMI_BACKEND_URL: `file://${path.join(folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "passphrase of a test",
      ...OFFLINE,
    };
    assert.equal(pulumi("stack", "init", "dev").status, 0);
  });
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  function pulumi(...args: string[]): { status: number | null; output: string } {
    const options = { cwd: app, env: environment, encoding: "utf8" as const };
    const { status, stdout, stderr } = spawnSync("pulumi", [...args, "--non-interactive", "--color=never"], options);
    return { status, output: stdout + stderr };
  }

  it("fails with one line that says what to add where, and without a stack trace", () => {
    const { status, output } = pulumi("preview");
    assert.notEqual(status, 0);
    const line = `pulumi-safeguard: load the provider: the package is not installed for ${app}, from where Pulumi loads it; run \`npm install pulumi-safeguard\` there, even if the program uses it through another package`;
    // The CLI shows an error where it happens, and again at the end.
    assert.equal(output.split(line).length - 1, 2, output);
    assert.doesNotMatch(output, /\n\s+at |Require stack|Cannot find module/);
    fs.symlinkSync(ROOT, path.join(app, "node_modules/pulumi-safeguard"));
    const installed = pulumi("preview");
    assert.match(installed.output, /error: router: .*redirections.* it is missing/);
  });
});
