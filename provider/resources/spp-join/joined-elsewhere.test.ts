import assert from "node:assert/strict";
import { afterEach, describe, it } from "mocha";
import { LabPair, type PairOptions } from "../../../benchmarks/preflight/lab-pair";
import { SimulatedSpp } from "../../../lab/spp/simulated-spp";
import { checkAndPreview } from "../../../tests/support/check-and-preview";
import { failureOf } from "../../../tests/support/failure";
import { operationContext } from "../../core/context";
import { SafeguardError } from "../../core/errors";
import { sppJoin } from "./operations";
import type { SppJoinKnown } from "./schema";

const BACKUPS = { spp: "skip", sps: "skip" } as const;

describe("join of a node that was joined before", () => {
  let pair: LabPair;
  afterEach(() => pair.stop());

  const start = async (sppRead: 200 | 404 | 405, options: PairOptions = {}) => {
    pair = await LabPair.start({ ...options, sps: { variant: { sppRead } } });
  };
  const requests = () => pair.central.sps.traffic.count("POST", "/api/cluster/spp");

  /** Previews the join to the SPP of the pair. `codes` are those of the failures. */
  async function preview(changes: object = {}) {
    const { sps, spp } = pair.order();
    const acknowledge = { irreversible: true, sps: sps.address, spp: spp.address, ...changes };
    const news = { sps: sps.connection, spp: spp.connection, acknowledge, backups: BACKUPS };
    const { failures, inputs } = await checkAndPreview(sppJoin, {}, news, operationContext());
    const reasons = failures.map(({ reason }) => reason);
    return {
      reasons,
      codes: reasons.map((reason) => /\[(SG\d+)\]$/.exec(reason)?.[1]),
      inputs: inputs as unknown as SppJoinKnown,
    };
  }

  /** Joins the node to another SPP, which is gone afterwards. */
  async function joinElsewhere(): Promise<string> {
    const { clock, faults, authority, addressBook } = pair.bench;
    const address = "127.0.60.6";
    const { username, password } = pair.spp.context.options;
    const identity = { address, port: 0, hostName: "old-spp.lab.example", username, password };
    const other = await SimulatedSpp.start({ clock, faults, authority, addressBook, ...identity });
    await pair.join(other);
    await other.stop();
    return address;
  }

  for (const sppRead of [200, 404, 405] as const) {
    it(`refuses a node that is joined to another SPP, which is gone (GET answers ${sppRead})`, async () => {
      await start(sppRead);
      const address = await joinElsewhere();
      const { reasons, codes, inputs } = await preview();
      assert.deepEqual(codes, ["SG2214"]);
      assert.ok(!reasons.join().includes("overwrites"), reasons.join());
      assert.equal(reasons.join().includes(`joined to another SPP, ${address}`), sppRead === 200, reasons.join());
      const names = [...new Set(pair.central.sps.joined ? ["safeguard_default_aa"] : [])];
      assert.deepEqual((await preview({ overwrites: names })).codes, ["SG2214"], "an acknowledgement does not help");
      const sent = requests();
      const failure = await failureOf(sppJoin.create(inputs, operationContext()), SafeguardError);
      assert.match(failure.message, /\[SG2214\].* \[SG2119\]$/);
      assert.equal(requests(), sent);
    });
  }

  it("joins again a node whose entry was disconnected on SPP, without an acknowledgement", async () => {
    await start(404, { speed: 400 });
    await pair.join();
    for (const entry of pair.spp.context.modules.all()) pair.spp.context.modules.split(entry);
    await pair.until("five minutes", () => pair.ageSeconds > 310);
    const { codes, inputs } = await preview();
    assert.deepEqual(codes, []);
    assert.equal((await sppJoin.create(inputs, operationContext())).state.health, "joined");
    assert.equal(requests(), 2);
  });

  it("demands an acknowledgement when the entry was removed on this SPP, and joins again", async () => {
    await start(200);
    await pair.join();
    for (const entry of [...pair.spp.context.modules.all()]) pair.spp.context.modules.remove(entry);
    const { codes, reasons } = await preview();
    assert.deepEqual(codes, [undefined, "SG2205"]);
    const overwrites = JSON.parse(/overwrites: (\[[^\]]*\])/.exec(reasons[0] ?? "")?.[1] ?? "[]") as string[];
    const acknowledged = await preview({ overwrites });
    assert.deepEqual(acknowledged.codes, []);
    assert.equal((await sppJoin.create(acknowledged.inputs, operationContext())).state.health, "joined");
    assert.equal(requests(), 2);
  });

  it("demands an acknowledgement for leftovers of an old join, which are policies without plugins", async () => {
    await start(404);
    pair.central.sps.addObject("/api/configuration/policies/credentialstores", { name: "safeguard_default_old" });
    const { codes, reasons } = await preview();
    assert.deepEqual(codes, [undefined, "SG2205"]);
    assert.match(reasons[0] ?? "", /overwrites: \["safeguard_default_old"\]/);
    assert.deepEqual((await preview({ overwrites: ["safeguard_default_old"] })).codes, []);
  });
});
