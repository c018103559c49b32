import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { after, before, describe, it } from "mocha";
import type { Lab } from "../../lab/lab";
import { EngineLab } from "./engine-lab";
import { RunningCli } from "./processes";
import { routerArgs, siteProgram } from "./programs";
import type { Run, TestStack } from "./test-stack";

/** How long a provider may live on without its engine, in milliseconds. */
const LIMIT = 10_000;
const KILLS = 10;
/** Requests and lines between two kills; a whole `up` has more than KILLS times as many. */
const MOST_STEPS = 24;

/** A sequence that is the same in every run (Park and Miller). */
function* random(seed: number): Generator<number> {
  for (let state = seed; ; ) {
    state = (state * 48_271) % 2_147_483_647;
    yield state / 2_147_483_647;
  }
}

describe("an engine that is lost during pulumi up", function () {
  this.timeout(300_000);
  let lab: Lab;
  let stack: TestStack;
  let engine: EngineLab;

  before(async function () {
    engine = await EngineLab.start(this, "engine-lost", { network: undefined });
    ({ lab, stack } = engine);
  });
  after(() => engine?.stop());

  const program = () =>
    siteProgram(lab, { join: { preflight: "enforce" }, routers: lab.network ? { edge: routerArgs(lab) } : {} });
  const requests = () => [...lab.sps, lab.spp].reduce((sum, { traffic }) => sum + traffic.requests.length, 0);
  const sent = (path: string) => lab.sps.reduce((sum, { traffic }) => sum + traffic.count("POST", path), 0);

  /** Runs `up` until the appliances have got some more requests, then sends the CLI a signal. */
  async function interrupted(steps: number, signal: "SIGKILL" | "SIGINT"): Promise<{ run: Run; milliseconds: number }> {
    const before = requests();
    let isRunning = true;
    const running = stack.run("up", program()).finally(() => {
      isRunning = false;
    });
    while (isRunning && requests() < before + steps) await pause(5);
    if (!isRunning) return { run: await running, milliseconds: 0 };
    const cli = RunningCli.find();
    cli.signal(signal);
    const milliseconds = await cli.ended(LIMIT);
    return { run: await running, milliseconds };
  }

  it("leaves no process and one join request after ten kills, and the next up converges", async () => {
    const steps = random(20_260_807);
    const times: number[] = [];
    for (let kill = 0; kill < KILLS; kill += 1) {
      const { run, milliseconds } = await interrupted(
        1 + Math.floor((steps.next().value ?? 0) * MOST_STEPS),
        "SIGKILL",
      );
      assert.notEqual(run.failure, undefined, "it was over before it was killed");
      times.push(milliseconds);
      const atRest = requests();
      await pause(300);
      assert.equal(requests(), atRest, "requests arrive after the last process has ended");
      await stack.cli("cancel", "--yes");
    }
    const up = await stack.run("up", program());
    assert.equal(up.failure, undefined, up.output);
    assert.equal((await stack.find("SppJoin"))?.outputs?.health, "joined");
    assert.deepEqual([sent("/api/cluster/promote"), sent("/api/cluster/spp")], [1, 1]);
    assert.ok(Math.max(...times) < LIMIT, String(times));
  });
});
