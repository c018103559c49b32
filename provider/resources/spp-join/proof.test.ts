import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "mocha";
import { LabPair, SPP_PASSWORD, SPS_PASSWORD } from "../../../benchmarks/preflight/lab-pair";
import { checkAndPreview } from "../../../tests/support/check-and-preview";
import { RecordingLog } from "../../../tests/support/recording-log";
import { operationContext } from "../../core/context";
import type { Settings } from "../../core/settings";
import { UNKNOWN } from "../../core/unknown";
import { sppJoin } from "./operations";
import { proveRequest } from "./proof";
import type { SppJoinKnown } from "./schema";

const DONE = /\npreflight: \d+ pass, \d+ warn, 0 fail, \d+ not checked \(\d+\.\d s\)\n\d+ of \d+ checks pass/;

const CLOSES = { closesAccessRequests: true };

describe("SppJoin preflight in the preview", () => {
  let pair: LabPair;
  before(async () => {
    pair = await LabPair.start();
  });
  after(() => pair.stop());
  afterEach(() => {
    pair.bench.faults.clear();
  });

  function inputs(changes: Record<string, unknown> = {}) {
    const { sps, spp } = pair.order();
    const acknowledge = { irreversible: true, sps: sps.address, spp: spp.address };
    return { sps: sps.connection, spp: spp.connection, acknowledge, ...changes };
  }

  /** Checks, and tells the failures, what was logged, and how many requests each side got. */
  async function run(news: Record<string, unknown>, olds: Record<string, unknown> = {}, settings: Settings = {}) {
    const traffic = [pair.central.sps.traffic.requests, pair.spp.traffic.requests];
    const counts = traffic.map((requests) => requests.length);
    const log = new RecordingLog();
    const { failures, inputs: checked } = await checkAndPreview(
      sppJoin,
      olds,
      news,
      operationContext({ log, settings: { detail: "all", ...settings } }),
    );
    const [sps, spp] = traffic.map((requests, index) => requests.length - (counts[index] ?? 0));
    return { failures, checked, logged: log.all, sps: sps ?? 0, spp: spp ?? 0 };
  }

  it("checks both appliances, reports every check and accepts a correct join", async () => {
    const { failures, logged, sps, spp } = await run(inputs({ clusterId: pair.central.sps.nodeId }));
    assert.deepEqual(failures, []);
    assert.equal(logged.length, 1);
    assert.match(logged[0] ?? "", DONE);
    assert.equal(logged[0]?.split("\n").length, 32);
    assert(sps > 20 && spp === 14, `${sps}, ${spp}`);
  });

  it("reports each failed check under its property, beside the missing acknowledgement", async () => {
    pair.bench.faults.on("spp-replica");
    const { failures } = await run(inputs({ acknowledge: undefined }));
    assert.deepEqual(
      failures.map(({ path }) => path),
      ["acknowledge", "spp.address"],
    );
    assert.equal(
      failures[1]?.reason,
      'spp.address: check "SPP is the primary": the appliance is a replica, and only the primary accepts this; point spp.address at the primary, 127.255.255.1 [SG2007]',
    );
  });

  it("only reports failed checks when preflight is report", async () => {
    pair.bench.faults.on("spp-replica");
    const { failures, logged } = await run(inputs({ preflight: "report" }));
    assert.deepEqual(failures, []);
    assert.match(logged[0] ?? "", /^FAIL +SPP is the primary +the appliance is a replica/);
  });

  it("sends no request when preflight is off or the join is recorded", async () => {
    const off = await run(inputs({ preflight: "off" }));
    assert.deepEqual([off.failures, off.logged, off.sps, off.spp], [[], [], 0, 0]);
    const again = await run(inputs(), off.checked);
    assert.deepEqual([again.failures, again.logged, again.sps, again.spp], [[], [], 0, 0]);
  });

  it("follows the stack setting unless the program sets preflight", async () => {
    const under = (preflight: "off" | "enforce", changes = {}) => run(inputs(changes), {}, { preflight });
    assert.equal((await under("off")).spp, 0);
    assert.equal((await under("off", { preflight: "enforce" })).spp, 14);
    assert.equal((await under("enforce", { preflight: "off" })).spp, 0);
  });

  it("runs the checks that are possible while parts of a connection are unknown", async () => {
    const { sps, spp } = inputs();
    const cases: [changes: Record<string, unknown>, why: string, spp: number][] = [
      [{ sps: UNKNOWN }, "its connection is known only during the update", 14],
      [{ sps: { ...sps, port: UNKNOWN } }, "its connection is known only during the update", 14],
      [{ sps: { ...sps, password: UNKNOWN } }, "its password is known only during the update", 14],
      [{ spp: { ...spp, password: UNKNOWN } }, "its password is known only during the update", 1],
      [{ spp: { ...spp, address: UNKNOWN } }, "its connection is known only during the update", 0],
    ];
    for (const [changes, why, requests] of cases) {
      const result = await run(inputs({ ...changes, acknowledge: UNKNOWN }));
      assert.deepEqual(result.failures, []);
      assert(result.logged[0]?.includes(why), result.logged[0]);
      assert.equal(result.spp, requests);
    }
    const none = await run(inputs({ sps: UNKNOWN, spp: UNKNOWN }));
    assert.deepEqual([none.logged, none.sps, none.spp], [[], 0, 0]);
  });

  it("refuses the request when its effects cannot be read, unless preflight is report", async () => {
    const request = async (preflight?: string) => {
      const { checked } = await run(inputs({ preflight, acknowledge: { ...inputs().acknowledge, ...CLOSES } }));
      const effect = { kind: "status", status: 500 } as const;
      const path = /^\/api\/configuration\/(plugins|policies)$/;
      pair.central.sps.traffic.inject({ path, times: Number.POSITIVE_INFINITY, effect });
      try {
        return await proveRequest(checked as unknown as SppJoinKnown, undefined, operationContext());
      } finally {
        pair.central.sps.traffic.clearInjections();
      }
    };
    await assert.rejects(request(), {
      message: `sps ${pair.order().sps.address}: preflight: the effects of the join are not known, because these could not be read: the policies and plugins of SPS (it answered 500); check the state of both appliances, then run pulumi up again; nothing was sent [SG2119]`,
    });
    const allowed = { unacknowledged: undefined, failures: [] };
    assert.deepEqual([await request("report"), await request("off")], [allowed, allowed]);
  });

  it("records preflight among the inputs only when the program sets it", async () => {
    assert.equal((await run(inputs())).checked.preflight, undefined);
    assert.equal((await run(inputs({ preflight: "report" }))).checked.preflight, "report");
    assert.deepEqual((await run(inputs({ preflight: "maybe" }))).failures, [
      { path: "preflight", reason: "Invalid value for preflight: maybe. Allowed values are: enforce, report, off." },
    ]);
  });

  it("shows no password in preflight reports or failures", async () => {
    const { logged, failures } = await run(inputs({ spp: { ...inputs().spp, password: "wrong-but-secret" } }));
    assert.equal(failures.length, 1);
    const text = JSON.stringify([logged, failures]);
    for (const secret of [SPS_PASSWORD, SPP_PASSWORD, "wrong-but-secret"]) assert(!text.includes(secret));
  });
});
