import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "mocha";
import type { ApplianceTestBed } from "./appliances";
import { dynamicFront } from "./dynamic-front";
import { CollectingEngine } from "./engine";
import type { FrontProcess } from "./front";
import { type Provider, ProviderError, sentencesOf } from "./provider";
import { spsClusterCase } from "./sps-cluster";

/** The engine waits 5 s for the end of a provider before it kills it; the user would wait as well. */
const LIMIT_MILLISECONDS = 1000;

describe("dynamic provider process", function () {
  this.timeout(60_000);
  let engine: CollectingEngine;
  let process: FrontProcess;
  let provider: Provider;
  let testBed: ApplianceTestBed;

  beforeEach(async () => {
    engine = await CollectingEngine.start();
    process = await dynamicFront.start(engine.address);
    provider = process.provider(dynamicFront.type("SpsCluster"));
    await provider.configure();
    testBed = await spsClusterCase.open("contract-process");
  });
  afterEach(async () => {
    provider?.close();
    await process?.end("SIGKILL");
    engine?.stop();
    await testBed?.close();
  });

  /** A process that has served a call, before which it listens to nothing. */
  async function started(): Promise<FrontProcess> {
    const fresh = await dynamicFront.start(engine.address);
    const own = fresh.provider(dynamicFront.type("SpsCluster"));
    await own.configure();
    await own.check({}, encode(testBed.inputs));
    own.close();
    return fresh;
  }

  const encode = (properties: Record<string, unknown>) => dynamicFront.encode("SpsCluster", properties);

  it("exits within a second of SIGINT, both before its first call and when idle", async () => {
    const fresh = await dynamicFront.start(engine.address);
    assert.ok((await fresh.end("SIGINT")) < LIMIT_MILLISECONDS);

    const { inputs } = await provider.check({}, encode(testBed.inputs));
    await provider.create(inputs);
    const milliseconds = await process.end("SIGINT");
    assert.ok(milliseconds < LIMIT_MILLISECONDS, `it took ${milliseconds} ms`);
  });

  it("stops its work on SIGINT, reports the steps done so far and exits", async () => {
    const { inputs } = await provider.check({}, encode(testBed.inputs));
    const central = testBed.lab.sps[0];
    const ended = new Promise<number>((resolve) => {
      const run = () => void process.end("SIGINT").then(resolve);
      const common = { method: "POST", path: /^\/api\/cluster\/promote$/ };
      central.traffic.inject({ ...common, effect: { kind: "call", when: "before", run } });
      central.traffic.inject({ ...common, effect: { kind: "delay", milliseconds: 5000 } });
    });
    const error = await provider.create(inputs).then(
      () => assert.fail("the create succeeded"),
      (reason: unknown) => reason,
    );
    const milliseconds = await ended;
    assert.ok(error instanceof ProviderError);
    const [central0] = testBed.lab.description.sps;
    assert.equal(error.partial?.id, central0?.address, error.message);
    const [, done, interrupted] = sentencesOf(error.partial?.reasons ?? []);
    assert.match(done ?? "", /^Done: .*cluster interface enabled/);
    assert.equal(interrupted, `Interrupted, outcome unknown: ${central0?.address}: promoted`);
    assert.ok(milliseconds < LIMIT_MILLISECONDS, `it took ${milliseconds} ms`);
  });

  it("ends when the engine is gone, both when idle and in the middle of its work", async () => {
    assert.ok((await (await started()).loseEngine()) < LIMIT_MILLISECONDS);

    const { inputs } = await provider.check({}, encode(testBed.inputs));
    const central = testBed.lab.sps[0];
    const ended = new Promise<number>((resolve) => {
      const run = () => void process.loseEngine().then(resolve);
      const common = { method: "POST", path: /^\/api\/cluster\/promote$/ };
      central.traffic.inject({ ...common, effect: { kind: "call", when: "before", run } });
      central.traffic.inject({ ...common, effect: { kind: "delay", milliseconds: 20_000 } });
    });
    await provider.create(inputs).catch(() => undefined);
    const milliseconds = await ended;
    assert.ok(milliseconds < 2 * LIMIT_MILLISECONDS, `it took ${milliseconds} ms`);
    assert.equal(central.traffic.count("POST", "/api/cluster/nodes"), 0, "nothing was begun afterwards");
  });

  it("stops its work when the engine cancels, reports the steps done so far and lives on", async () => {
    const { inputs } = await provider.check({}, encode(testBed.inputs));
    const central = testBed.lab.sps[0];
    const common = { method: "POST", path: /^\/api\/cluster\/promote$/ };
    central.traffic.inject({ ...common, effect: { kind: "call", when: "before", run: () => void provider.cancel() } });
    central.traffic.inject({ ...common, effect: { kind: "delay", milliseconds: 20_000 } });
    const error = await provider.create(inputs).then(
      () => assert.fail("it went on"),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof ProviderError);
    assert.match(error.partial?.reasons.join() ?? "", /\. Done: .*cluster interface enabled/);
    assert.deepEqual((await provider.check({}, encode(testBed.inputs))).failures, []);
  });

  it("sends waits and steps to the engine as ephemeral lines, and a permanent line with the result of the check and of the create", async () => {
    const { inputs } = await provider.check({}, encode(testBed.inputs));
    // The create waits for the synchronization until a waiting line has arrived.
    const { faults } = testBed.lab;
    faults.on("sps-sync-stuck");
    const waiting = engine.nextLine(({ isEphemeral, message }) => isEphemeral && message.includes("synchronization"));
    await Promise.all([provider.create(inputs), waiting.then(() => faults.off("sps-sync-stuck"))]);
    const ephemeral = engine.lines.filter((line) => line.isEphemeral);
    assert.ok(ephemeral.length > 0);
    for (const { severity, message } of ephemeral) {
      assert.equal(severity, "info", message);
      assert.match(message, /^sps [\d.]+: (waiting for .* \(\d+ s of \d+ s\)|promoting|joining|1 managed host)/);
    }
    const permanent = engine.lines.filter((line) => !line.isEphemeral && line.severity === "info");
    assert.equal(permanent.length, 2, permanent.map((line) => line.message).join("\n"));
    assert.match(
      permanent[0]?.message ?? "",
      /^CANNOT BE UNDONE: .*promote to Central Management node; .*join the cluster of /,
    );
    assert.match(permanent[1]?.message ?? "", /: Central Management node; 2 of 2 cluster nodes in sync, version /);
    assert.equal(process.output, "", "the engine would show printed lines a second time");
  });
});
