import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, type Context, describe, it } from "mocha";
import { stackSites } from "../../cli/site-file/from-stack";
import type { Lab } from "../../lab/lab";
import { diagnose } from "../../sdk/nodejs/diagnose";
import { EngineLab } from "./engine-lab";
import { RunningCli } from "./processes";
import { routerArgs, siteProgram } from "./programs";
import type { Run, TestStack } from "./test-stack";

/** How long a provider may live on without its engine, in milliseconds. */
const LIMIT = 10_000;
const KILLS = 10;
/** Requests and lines between two kills; a whole `up` has more than KILLS times as many. */
const MOST_STEPS = 60;

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

  async function start(context: Context, speed = 50): Promise<void> {
    engine = await EngineLab.start(context, "engine-lost", { network: undefined, speed });
    ({ lab, stack } = engine);
  }
  afterEach(() => engine?.stop());

  const program = () =>
    siteProgram(lab, { join: { preflight: "enforce" }, routers: lab.network ? { edge: routerArgs(lab) } : {} });
  const requests = () => [...lab.sps, lab.spp].reduce((sum, { traffic }) => sum + traffic.requests.length, 0);
  const sent = (path: string) => lab.sps.reduce((sum, { traffic }) => sum + traffic.count("POST", path), 0);

  /** Runs `up` until something has happened, then sends the CLI a signal. */
  async function interrupted(
    isDue: () => boolean,
    signal: "SIGKILL" | "SIGINT",
  ): Promise<{ run: Run; milliseconds: number }> {
    let isRunning = true;
    const running = stack.run("up", program()).finally(() => {
      isRunning = false;
    });
    while (isRunning && !isDue()) await pause(5);
    assert.ok(isRunning, "it was over before it was interrupted");
    const cli = RunningCli.find();
    cli.signal(signal);
    const milliseconds = await cli.ended(LIMIT);
    return { run: await running, milliseconds };
  }

  it("leaves no process and one join request after ten kills, and the next up converges", async function () {
    await start(this);
    const steps = random(20_260_807);
    const times: number[] = [];
    for (let kill = 0; kill < KILLS; kill += 1) {
      const due = requests() + 1 + Math.floor((steps.next().value ?? 0) * MOST_STEPS);
      const { run, milliseconds } = await interrupted(() => requests() >= due, "SIGKILL");
      assert.notEqual(run.failure, undefined);
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

  it("stops its waits when the user cancels, records the join in part, and the next up continues", async function () {
    // At this speed the join takes seconds after its request, so that the cancel comes before its end.
    await start(this, 8);
    const { run, milliseconds } = await interrupted(() => sent("/api/cluster/spp") === 1, "SIGINT");
    assert.notEqual(run.failure, undefined);
    assert.ok(milliseconds < LIMIT, `it took ${milliseconds} ms`);
    const recorded = await stack.find("SppJoin");
    assert.match(recorded?.initErrors?.join() ?? "", /cancelled.*join request sent/, run.output);
    const { unfinished } = stackSites(await stack.decryptedSnapshot());
    assert.match(unfinished.join("\n"), /^site-join: the last update failed: cancelled\. Done: join request sent/m);
    const up = await stack.run("up", program());
    assert.equal(up.failure, undefined, up.output);
    assert.equal(sent("/api/cluster/spp"), 1);
  });

  it("leaves a record of a join in work from which its site can be examined", async function () {
    await start(this, 8);
    await interrupted(() => sent("/api/cluster/spp") === 1, "SIGKILL");
    const { sites, unfinished } = stackSites(await stack.decryptedSnapshot());
    assert.deepEqual(unfinished, ["site-join: an update was interrupted while creating it"]);
    const { sites: found } = await diagnose({ sites, trafficSeconds: 0 });
    const listed = found[0]?.checks.find(({ id }) => id === "join-listed");
    assert.equal(listed?.status, "pass", JSON.stringify(found[0]?.checks));
    await stack.cli("cancel", "--yes");
    const up = await stack.run("up", program());
    assert.equal(up.failure, undefined, up.output);
    const later = stackSites(await stack.decryptedSnapshot());
    assert.deepEqual([later.sites.length, later.unfinished], [1, []]);
  });

  it("leaves no process when the output is piped into a program that ends", async function () {
    await start(this);
    assert.equal((await stack.run("up", program())).failure, undefined);
    for (const { traffic } of lab.sps) {
      const effect = { kind: "delay", milliseconds: 12_000 } as const;
      traffic.inject({ method: "GET", times: Number.POSITIVE_INFINITY, effect });
    }
    const piped = stack.shell(
      "pulumi refresh --yes --skip-preview --stack test | while [ ! -e read ]; do sleep 0.1; done",
    );
    // A provider that was never asked anything has not loaded the package; no code of it can end that process.
    const before = requests();
    while (requests() === before) await pause(20);
    const cli = RunningCli.find();
    await stack.shell("touch read");
    await piped;
    assert.ok((await cli.ended(LIMIT)) < LIMIT);
  });
});
