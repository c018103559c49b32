import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "mocha";
import type { ApplianceStage } from "./appliances";
import { dynamicFront } from "./dynamic-front";
import { CollectingEngine } from "./engine";
import type { FrontProcess } from "./front";
import { type Provider, ProviderError } from "./provider";
import { spsClusterSubject } from "./sps-cluster";

/** The engine waits 5 s for the end of a provider, then kills it: for the user that is 5 s of nothing. */
const LIMIT_MILLISECONDS = 1000;

describe("dynamic provider process", function () {
  this.timeout(60_000);
  let engine: CollectingEngine;
  let process: FrontProcess;
  let provider: Provider;
  let stage: ApplianceStage;

  beforeEach(async () => {
    engine = await CollectingEngine.start();
    process = await dynamicFront.start(engine.address);
    provider = process.provider(dynamicFront.type("SpsCluster"));
    await provider.configure();
    stage = await spsClusterSubject.open("contract-process");
  });
  afterEach(async () => {
    provider?.close();
    await process?.end("SIGKILL");
    engine?.stop();
    await stage?.close();
  });

  const dress = (properties: Record<string, unknown>) => dynamicFront.dress("SpsCluster", properties);

  it("exits within a second of SIGINT, both before its first call and when idle", async () => {
    const fresh = await dynamicFront.start(engine.address);
    assert.ok((await fresh.end("SIGINT")) < LIMIT_MILLISECONDS);

    const { inputs } = await provider.check({}, dress(stage.inputs));
    await provider.create(inputs);
    const milliseconds = await process.end("SIGINT");
    assert.ok(milliseconds < LIMIT_MILLISECONDS, `it took ${milliseconds} ms`);
  });

  it("stops its work on SIGINT, reports the steps done so far and exits", async () => {
    const { inputs } = await provider.check({}, dress(stage.inputs));
    const central = stage.lab.sps[0];
    const ended = new Promise<number>((resolve) => {
      const run = () => void process.end("SIGINT").then(resolve);
      const common = { method: "POST", path: /^\/api\/cluster\/promote$/ };
      central.traffic.inject({ ...common, effect: { kind: "call", when: "before", run } });
      central.traffic.inject({ ...common, effect: { kind: "delay", milliseconds: 5000 } });
    });
    const error = await provider.create(inputs).then(
      () => assert.fail("it went on"),
      (reason: unknown) => reason,
    );
    const milliseconds = await ended;
    assert.ok(error instanceof ProviderError);
    const [central0] = stage.lab.description.sps;
    assert.equal(error.partial?.id, central0?.address, error.message);
    assert.match(error.partial?.reasons[1] ?? "", /^done: .*cluster interface enabled/);
    assert.equal(error.partial?.reasons[2], `begun, outcome to be read: ${central0?.address}: promoted`);
    assert.ok(milliseconds < LIMIT_MILLISECONDS, `it took ${milliseconds} ms`);
  });

  it("sends waiting lines to the engine as ephemeral and all other lines as permanent", async () => {
    const { inputs } = await provider.check({}, dress(stage.inputs));
    await provider.create(inputs);
    const passing = engine.lines.filter((line) => line.isEphemeral);
    assert.ok(passing.length > 0);
    for (const { severity, message } of passing) {
      assert.equal(severity, "info", message);
      assert.match(message, /^sps [\d.]+: awaiting .* \(\d+ s of \d+ s\)$/);
    }
    const staying = engine.lines.filter((line) => !line.isEphemeral && line.severity === "info");
    assert.equal(staying.length, 3, staying.map((line) => line.message).join("\n"));
    assert.equal(process.output, "", "what is printed besides shows twice");
  });
});
