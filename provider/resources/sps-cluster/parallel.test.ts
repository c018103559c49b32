import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, it } from "mocha";
import type { SpsVariant } from "../../../lab/sps/variant";
import { changesIn, Site } from "../../../tests/support/site";
import { PartialFailure } from "../../core/errors";
import { spsCluster } from "./operations";

const OPEN = "POST /api/transaction";
const COMMIT = "PUT /api/transaction";
const INTERFACE = "PUT /api/configuration/local_services/cluster";
const ACCEPT = "POST /api/cluster/nodes";
const REQUEST = "POST /api/cluster/join_request";

describe("concurrent joins of members", () => {
  let site: Site;
  afterEach(() => site.stop());

  async function start(spsCount: number, variant: Partial<SpsVariant> = {}): Promise<void> {
    site = await Site.start({ spsCount, sps: { variant } });
  }

  const changes = (n: number) => changesIn(site.lab.sps[n]?.traffic ?? assert.fail());
  const put = (n: number) => `PUT /api/cluster/nodes/${site.lab.sps[n]?.nodeId}`;

  for (const variant of [{}, { writers: "exclusive", transactionOpening: "explicit" }] as const) {
    it(`requests joins in parallel, accepts them one by one (${Object.values(variant).join() || "default"})`, async () => {
      await start(6, variant);
      const members = site.lab.sps.slice(1);
      const waiting: number[] = [];
      const run = async () => {
        // Bounded: where the members did not ask in parallel, the first acceptance would wait in vain.
        const asking = () => members.filter((node) => node.openTransactions > 0).length;
        for (let round = 0; round < 200 && waiting.length === 0 && asking() < 4; round += 1) await pause(5);
        waiting.push(asking());
      };
      const effect = { kind: "call", when: "before", run } as const;
      site.lab.sps[0].traffic.inject({ method: "POST", path: /cluster\/nodes$/, times: Infinity, effect });
      const { state } = await spsCluster.create(await site.cluster(), site.context());
      assert.equal(waiting.length, 5);
      assert.equal(Math.max(...waiting), 4);
      const [opening, ...rest] = [changes(0).slice(0, 9), ...changes(0).slice(9)];
      assert.deepEqual(opening, [
        OPEN,
        INTERFACE,
        COMMIT,
        OPEN,
        "POST /api/cluster/promote",
        COMMIT,
        OPEN,
        put(0),
        COMMIT,
      ]);
      assert.deepEqual(rest, [
        ...members.flatMap(() => [OPEN, ACCEPT, COMMIT]),
        ...[OPEN, ...members.map((_, index) => put(index + 1)), COMMIT],
      ]);
      for (const index of members.keys()) {
        assert.deepEqual(changes(index + 1), [OPEN, INTERFACE, COMMIT, OPEN, REQUEST, COMMIT]);
      }
      assert.equal(state.nodes.filter(({ synchronized }) => synchronized).length, 6);
      assert.equal(site.openTransactions, 0);
    });
  }

  it("completes the other members when one fails, and the next run joins the rest", async () => {
    await start(4);
    const failing = site.lab.sps[2];
    failing?.traffic.inject({
      method: "POST",
      path: /join_request$/,
      effect: { kind: "status", status: 500 },
    });
    const inputs = await site.cluster();
    const failure = await spsCluster.create(inputs, site.context()).catch((error: unknown) => error);
    assert.ok(failure instanceof PartialFailure, String(failure));
    assert.ok(failure.message.startsWith(`sps ${site.sps(2).address}: ${REQUEST}: it answered 500`), failure.message);
    assert.equal(failure.reasons[2], `interrupted, outcome unknown: ${site.sps(2).address}: joined the cluster`);
    assert.equal(site.openTransactions, 0);
    assert.deepEqual(
      site.lab.sps[0].nodes.map(({ address }) => address).sort(),
      [0, 1, 3].map((n) => site.sps(n).address).sort(),
    );
    site.clearTraffic();
    const { state } = await spsCluster.update(failure.id, failure.state as never, inputs, site.context());
    // The members go on side by side: only the order for one of them is given.
    const onCentral = changes(0).filter((request) => !request.endsWith("transaction"));
    assert.deepEqual([...onCentral].sort(), [put(1), put(3), ACCEPT, put(2)].sort());
    assert.ok(onCentral.indexOf(ACCEPT) < onCentral.indexOf(put(2)), onCentral.join());
    assert.deepEqual([changes(1), changes(2), changes(3)], [[], [OPEN, REQUEST, COMMIT], []]);
    assert.ok(state.nodes.every(({ synchronized }) => synchronized));
  });

  it("leaves no transaction open when cancelled, and the next run completes the joins", async () => {
    await start(4);
    const controller = new AbortController();
    const effect = { kind: "call", when: "before", run: () => controller.abort() } as const;
    site.lab.sps[0].traffic.inject({ method: "POST", path: /cluster\/nodes$/, nth: 2, effect });
    const inputs = await site.cluster();
    const failure = await spsCluster.create(inputs, site.context(controller.signal)).catch((error: unknown) => error);
    assert.ok(failure instanceof PartialFailure, String(failure));
    assert.equal(site.openTransactions, 0);
    const { state } = await spsCluster.update(failure.id, failure.state as never, inputs, site.context());
    assert.deepEqual(
      state.nodes.map(({ synchronized }) => synchronized),
      [true, true, true, true],
    );
    assert.equal(site.openTransactions, 0);
  });
});
