import assert from "node:assert/strict";
import { afterEach, describe, it } from "mocha";
import { Harness } from "../testing/harness";
import type { SessionModule } from "./session-module";

const MODULES = "/service/core/v4/Cluster/SessionModules";
const NODE = "46f97a58-4028-467d-9a22-9cfe78ae3e1c";
const OTHER_NODE = "00000000-4028-467d-9a22-9cfe78ae3e1c";

describe("unfinished joins to the simulated SPP", () => {
  let harness: Harness;
  afterEach(() => harness.stop());

  it("blocks other joins for five minutes after an unfinished join", async () => {
    harness = await Harness.start({}, 300);
    const token = await harness.login();
    const first = (await harness.beginJoin(token, NODE)).json as SessionModule;
    const blocked = await harness.beginJoin(token, OTHER_NODE);
    assert.deepEqual([blocked.status, (blocked.json as { Code: number }).Code], [400, 60910]);
    assert.equal(harness.spp.sessionModules.length, 1);
    await harness.clock.wait(310);
    const late = await harness.validate(NODE, first.OneTimeToken ?? "");
    assert.deepEqual([late.status, (late.json as { Code: number }).Code], [403, 60108]);
    assert.deepEqual(harness.spp.sessionModules, []);
    assert.equal(await harness.clusterOperation(token), "None");
    await harness.join(token, OTHER_NODE);
  });

  for (const [variant, listed, withDisconnected] of [
    ["listed", [true], [true]],
    ["disconnected", [], [false]],
    ["hidden", [], []],
  ] as const) {
    it(`shows an unfinished join as variant "${variant}"`, async () => {
      harness = await Harness.start({ variants: { unfinishedJoin: variant } });
      const token = await harness.login();
      const { Id: id } = (await harness.beginJoin(token, NODE)).json as SessionModule;
      const hasThumbprint = (row: SessionModule) => row.CertificateUserThumbprint !== null;
      assert.deepEqual((await harness.sessionModules(token)).map(hasThumbprint), listed);
      assert.deepEqual(
        (await harness.sessionModules(token, "?includeDisconnected=true")).map(hasThumbprint),
        withDisconnected,
      );
      const status = (await harness.request("GET", `${MODULES}/${id}`, { token })).status;
      assert.equal(status, variant === "hidden" ? 404 : 200);
    });
  }

  it("restores a split row when its new join is never finished", async () => {
    harness = await Harness.start({}, 300);
    const token = await harness.login();
    const { Id: id } = await harness.join(token, NODE);
    await harness.request("DELETE", `${MODULES}/${id}`, { token });
    const [before] = await harness.sessionModules(token, "?includeDisconnected=true");
    assert.equal((await harness.beginJoin(token, NODE)).status, 200);
    assert.equal((await harness.sessionModules(token)).length, 1);
    await harness.clock.wait(310);
    assert.deepEqual(await harness.sessionModules(token), []);
    assert.deepEqual(await harness.sessionModules(token, "?includeDisconnected=true"), [before]);
  });

  it("cancels an unfinished join when its row is deleted", async () => {
    harness = await Harness.start();
    const token = await harness.login();
    const { Id: id } = (await harness.beginJoin(token, NODE)).json as SessionModule;
    assert.equal((await harness.request("DELETE", `${MODULES}/${id}`, { token })).status, 204);
    assert.equal(await harness.clusterOperation(token), "None");
    assert.equal((await harness.beginJoin(token, NODE)).status, 200);
  });
});
