import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "mocha";
import { stringify } from "yaml";
import type { Lab } from "../../lab/lab";
import { LabNetwork } from "../../lab/network/network";
import { skipTests } from "../contract/skip";
import { runCommand } from "../support/run-command";
import { EngineLab } from "./engine-lab";
import { routerArgs, siteProgram } from "./programs";
import { TestStack } from "./test-stack";
import { inFolder, written } from "./topology-program";

/** Changes of an appliance, logins aside. */
const CHANGE = /^(POST|PUT|DELETE) (?!\/RSTS\/|\/service\/core\/v\d\/Token\/)/;

describe("the program that topology writes for a site", function () {
  this.timeout(300_000);
  let engine: EngineLab;
  let lab: Lab;
  let other: TestStack;
  let folder = "";

  before(async function () {
    const reason = await LabNetwork.unavailableReason();
    if (reason !== undefined) skipTests(this, reason);
    engine = await EngineLab.start(this, "engine-topology", { network: true });
    ({ lab } = engine);
    const up = await engine.run("up", siteProgram(lab, { routers: { edge: routerArgs(lab) } }));
    assert.equal(up.failure, undefined);
    // Below the checkout, so that the program finds the package.
    folder = mkdtempSync(path.join(__dirname, "workspace", "topology-"));
    other = await TestStack.inline("topology-adopting");
  });
  after(async () => {
    other?.close();
    if (folder !== "") rmSync(folder, { recursive: true, force: true });
    await engine?.stop();
  });

  const changes = () =>
    [...lab.sps, lab.spp].flatMap(({ traffic }) =>
      traffic.requests.map(({ method, path: asked }) => `${method} ${asked}`).filter((request) => CHANGE.test(request)),
    ).length;

  it("adopts the site with its cluster, join and router, and changes nothing on any of them", async () => {
    const [central] = lab.description.sps;
    assert.ok(central && lab.description.network);
    const { privateKey: _key, ...router } = routerArgs(lab).router;
    const { redirections, platform } = routerArgs(lab);
    const { privateKeyFile } = lab.description.network.router;
    const edge = { name: "edge", platform, router: { ...router, privateKeyFile }, redirections };
    const site = {
      name: "vienna",
      sps: written(folder, "sps", central),
      spp: written(folder, "spp", lab.description.spp),
      routers: [edge],
    };
    const file = path.join(folder, "safeguard.yaml");
    writeFileSync(file, stringify({ sites: [site] }));
    const program = path.join(folder, "index.ts");
    const shown = await runCommand("topology", "--file", file, "--program", program);
    assert.deepEqual([shown.code, shown.error], [0, ""], shown.out);
    assert.match(shown.out, /edge \(router [\d.:]+\): redirection rdp: in force$/m);

    const before = changes();
    writeFileSync(program, inFolder(readFileSync(program, "utf8"), folder));
    const run = (operation: "preview" | "up") => {
      delete require.cache[require.resolve(program)];
      return other.run(operation, async () => void require(program));
    };
    const preview = await run("preview");
    assert.deepEqual([preview.failure, preview.changes], [undefined, { create: 6 }], preview.output);
    assert.match(preview.output, /already joined/);
    assert.doesNotMatch(preview.output, /CANNOT BE UNDONE/);
    assert.equal(changes(), before);
    const up = await run("up");
    assert.deepEqual([up.failure, up.changes], [undefined, { create: 6 }], up.output);
    assert.equal(changes(), before);
    const again = await run("preview");
    assert.deepEqual([again.failure, again.changes], [undefined, { same: 6 }], again.output);
  });
});
