import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { runHostileCase } from "../support/hostile/clients";
import { runHostileShell } from "../support/hostile/shells";

/** Cases for each client; `npm run bench -- hostile` runs many more, with the answers that only a limit of time ends. */
const CASES = 30;
const FIRST_SEED = 20_261_128;

/** What the process may need beyond its start, with its own servers and the largest answer, in megabytes. */
const MAX_MEGABYTES = 400;

async function withPeak(work: () => Promise<void>): Promise<number> {
  const megabytes = () => process.memoryUsage().rss / 2 ** 20;
  const before = megabytes();
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, megabytes());
  }, 20);
  await work();
  clearInterval(timer);
  return peak - before;
}

/** Runs cases with these seeds, some of them at once. */
async function forSeeds(count: number, run: (seed: number) => Promise<void>): Promise<void> {
  const seeds = Array.from({ length: count }, (_, index) => FIRST_SEED + index);
  const worker = async () => {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) await run(seed);
  };
  await Promise.all(Array.from({ length: 4 }, worker));
}

describe("hostile servers", function () {
  this.timeout(120_000);

  for (const client of ["sps", "spp"] as const) {
    it(`end every operation of the client of ${client} in time, with bounded memory and a clean message`, async () => {
      const kinds = new Set<string>();
      const megabytes = await withPeak(() =>
        forSeeds(CASES, async (seed) => {
          const { kind, seconds, requests } = await runHostileCase(client, seed, false);
          kinds.add(kind);
          assert.ok(seconds < 20, `${seed} ${kind}: ${seconds} s`);
          assert.ok(requests <= 20, `${seed} ${kind}: ${requests} requests`);
        }),
      );
      assert.ok(kinds.size > 15, `${kinds.size} kinds`);
      assert.ok(megabytes < MAX_MEGABYTES, `${megabytes} MB`);
    });
  }

  it("end every script of a shell in time, with bounded memory", async () => {
    const megabytes = await withPeak(() =>
      forSeeds(CASES, async (seed) => {
        const { kind, seconds } = await runHostileShell(seed, 0.3);
        assert.ok(seconds < 5, `${seed} ${kind}: ${seconds} s`);
      }),
    );
    assert.ok(megabytes < MAX_MEGABYTES, `${megabytes} MB`);
  });
});
