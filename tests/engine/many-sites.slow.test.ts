import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "mocha";
import { BROKEN_SITE, type ManySites, startManySites } from "../../tools/start/many-sites";
import { linkPackage } from "../contract/front";
import { skipTests } from "../contract/skip";
import { findCli } from "./cli";

const ROOT = path.resolve(__dirname, "../..");

/* Three of the twelve sites, because each takes seconds; `npm run demo:sites` rolls all of them out. */
describe("the example many-sites", function () {
  this.timeout(600_000);
  let sites: ManySites | undefined;
  let folder = "";
  let searchPath = "";

  before(async function () {
    const cli = findCli();
    if ("reason" in cli) return skipTests(this, cli.reason);
    searchPath = [...cli.folders, process.env.PATH].join(path.delimiter);
    linkPackage();
    fs.mkdirSync(path.join(__dirname, "workspace"), { recursive: true });
    folder = fs.mkdtempSync(path.join(__dirname, "workspace", "many-sites-"));
    sites = await startManySites(folder, `many-${process.pid}`);
  });

  after(async () => {
    await sites?.stop();
    if (folder !== "") fs.rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 });
  });

  it("is previewed in one report that folds what is the same, and writes nothing", async () => {
    const before = filesIn(folder);
    const { code, output } = await preview("berlin", "lima", BROKEN_SITE);
    assert.equal(code, 1, output);
    const report = output.slice(output.indexOf("Failures"));
    assert.match(report, /^Failures\n {2}1 site: oslo\n {4}.*127\.77\.\d+\.200.*\[SG10\d\d\]\n/);
    assert.match(report, /\nChanges\n {2}2 sites: berlin, lima\n(?: {4}create .*\n)* {4}create SppJoin SITE-join\n/);
    assert.match(report, /\n {4}create RouterRedirection SITE-utm\n/);
    assert.match(
      report,
      /\npreview of branches: 3 sites, 2 to change, 0 unchanged, 1 unreachable; nothing was changed\n$/,
    );
    const joins = (sites?.labs ?? []).flatMap(({ sps }) =>
      sps.map(({ traffic }) => traffic.count("POST", "/api/cluster/spp")),
    );
    assert.deepEqual(joins, Array(12).fill(0));
    const asked = (sites?.sites ?? []).filter(({ router }) => router.device.requests.length > 0);
    assert.deepEqual(asked.map(({ name }) => name).sort(), ["berlin", "lima", BROKEN_SITE]);
    assert.deepEqual(filesIn(folder), before);
  });

  it("refuses a site whose row names another SPP than its program joins it to", async () => {
    const file = path.join(folder, "sites.csv");
    const rows = fs.readFileSync(file, "utf8");
    const [europe = "", america = ""] = (sites?.labs ?? []).map(({ description }) => description.spp.address);
    fs.writeFileSync(file, rows.replace(`lima,${america}`, `lima,${europe}`));
    const { code, output } = await preview("lima").finally(() => fs.writeFileSync(file, rows));
    assert.equal(code, 1, output);
    const line = `lima: failed: site lima: check: its program joins it to SPP ${america}, but the rollout takes its turn at ${europe}; set spp of the site to ${america}, or correct the program`;
    assert.equal(output.split("\n")[0], line);
  });

  /** Previews sites with the real CLI. */
  async function preview(...names: string[]): Promise<{ code: number | null; output: string }> {
    const env = { ...sites?.env, PATH: searchPath, PULUMI_HOME: path.join(folder, "home"), NODE_OPTIONS: "" };
    const program = ["--import", "tsx", path.join(ROOT, "rollout/cli.ts"), "preview", "--site", ...names];
    const child = spawn(process.execPath, program, { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (text) => {
      output += text;
    });
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    return { code, output };
  }
});

/** A digest of each file of a folder, but of Pulumi's own home and of the mark that it puts into an empty backend. */
function filesIn(folder: string): Record<string, string> {
  const names = fs
    .readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => !/^home\b|\.pulumi\/meta\.yaml/.test(name));
  const files = names.filter((name) => fs.statSync(path.join(folder, name)).isFile());
  return Object.fromEntries(files.map((name) => [name, digestOf(path.join(folder, name))]));
}

const digestOf = (file: string) => createHash("sha256").update(fs.readFileSync(file)).digest("hex");
