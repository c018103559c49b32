import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { describe, it } from "mocha";
import { JoinGuard, RouterRedirection, SppJoin, SpsCluster } from "../../provider/dynamic/host";
import { fromWire } from "../../provider/dynamic/wire";
import { type RecordedState, record } from "./recording";

/*
 * States that released versions recorded. This version must preview them without a change and without a request to any
 * appliance. `RECORD=0.1.0 npm test -- tests/upgrade/states.test.ts` records those of this version.
 */
const RECORDED = path.join(__dirname, "recorded");
const VERSION = process.env.RECORD;
const RESOURCES = { SpsCluster, SppJoin, RouterRedirection, JoinGuard };

describe("recorded states", () => {
  if (VERSION) {
    it(`writes the states of version ${VERSION}`, async function () {
      this.timeout(300_000);
      await record(path.join(RECORDED, VERSION));
    });
    return;
  }

  const files = fs
    .readdirSync(RECORDED, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".json"));

  for (const file of files) {
    for (const [resource, provider] of Object.entries(RESOURCES)) {
      it(`previews ${resource} of ${file} without a change`, async () => {
        const states: RecordedState[] = JSON.parse(fs.readFileSync(path.join(RECORDED, file), "utf8"));
        const found = states.filter(({ type }) => type === `pulumi-nodejs:dynamic/safeguard:${resource}`);
        assert.ok(found.length > 0, `${file} has no ${resource}`);
        for (const { id, inputs, outputs } of found) {
          const checked = await provider.check(inputs, inputs);
          assert.deepEqual(checked.failures, []);
          assert.deepEqual(fromWire(checked.inputs), fromWire(inputs));
          assert.deepEqual(await provider.diff(id, outputs, checked.inputs), { changes: false, replaces: [] });
        }
      });
    }
  }

  it("shows a change when an input of a recorded state changes", async () => {
    const states: RecordedState[] = JSON.parse(fs.readFileSync(path.join(RECORDED, "0.1.0/options.json"), "utf8"));
    const { id, inputs, outputs } = states.find(({ type }) => type.endsWith(":SppJoin")) ?? assert.fail("no join");
    const { inputs: changed } = await SppJoin.check(inputs, { ...inputs, onDelete: "forget" });
    assert.deepEqual(await SppJoin.diff(id, outputs, changed), { changes: true, replaces: [] });
  });

  it("include every resource, with plain credentials and with references", () => {
    const texts = files.map((file) => fs.readFileSync(path.join(RECORDED, file), "utf8"));
    for (const resource of Object.keys(RESOURCES))
      assert.ok(
        texts.some((text) => text.includes(`/safeguard:${resource}"`)),
        resource,
      );
    for (const name of ["password", "passwordEnv", "passwordFile", "privateKey", "privateKeyFile"]) {
      assert.ok(
        texts.some((text) => text.includes(`"${name}": `)),
        name,
      );
    }
  });
});
