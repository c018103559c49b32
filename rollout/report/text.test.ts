import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { newState } from "../machine/state";
import { planFor, Simulation } from "../testing/simulation";
import { approvalId } from "./approval-id";
import { rolloutPage } from "./page";
import { summaryOf } from "./summary";
import { eventLine, holdText, statusLines } from "./text";

/** The lines of `status`, without the table of waves and with the time of day alone. */
function statusOf({ state }: Simulation): string[] {
  const { plan } = state;
  const record = { id: "test.1", name: "test", number: 1, file: "/rollout.yaml", plan, createdAt: 0 };
  const lines = statusLines(summaryOf(record, state)).map((line) => line.replaceAll("1970-01-01 ", ""));
  return lines.filter((line) => line !== "" && !/^(wave |wave-\d|canary)/.test(line));
}

const join = (site: string) => [{ operation: "create", resource: `SppJoin ${site}-join` }];

describe("status of a rollout", () => {
  it("shows what an operator approves, identical changes once with their sites", () => {
    const rollout = new Simulation(planFor(3, { waves: [{ rest: true, approval: true }] }));
    rollout.finish("site-0", { outcome: "done", changes: join("site-0") });
    rollout.finish("site-1", { outcome: "done", changes: join("site-1") });
    rollout.finish("site-2");
    const id = approvalId("test.1", { wave: "wave-1", checks: { "site-0": 1, "site-1": 1, "site-2": 1 } });
    assert.deepEqual(statusOf(rollout), [
      "rollout test.1: running since 00:00:00, wave 1 of 1 (wave-1)",
      `  waiting for approval of wave wave-1; run: rollout approve ${id} --reason TEXT`,
      "  2 sites: site-0, site-1",
      "    create SppJoin SITE-join",
      "spp spp-0: free, 3 sites waiting: site-0, site-1, site-2",
    ]);
  });

  it("shows who holds each SPP since when, who waits, and how long one cools down", () => {
    const rollout = new Simulation(planFor(5, { coolDownSeconds: 60 }, 2));
    for (const site of ["site-0", "site-1", "site-2", "site-3", "site-4"]) rollout.finish(site);
    rollout.finish("site-0");
    assert.deepEqual(statusOf(rollout).slice(1), [
      "spp spp-1: changing site-1 since 00:00:05, 1 site waiting: site-3",
      "spp spp-0: cooling down until 00:01:06, 2 sites waiting: site-2, site-4",
    ]);
  });

  it("shows how long a cool-down lasts still, where the time is known", () => {
    const rollout = new Simulation(planFor(2, { coolDownSeconds: 60 }));
    for (const site of ["site-0", "site-1", "site-0"]) rollout.finish(site);
    const record = { id: "t.1", name: "t", number: 1, file: "/r.yaml", plan: rollout.state.plan, createdAt: 0 };
    const lines = (now?: number) =>
      statusLines(summaryOf(record, rollout.state), now).filter((line) => /^spp/.test(line));
    const until = "spp spp-0: cooling down until 1970-01-01 00:01:03";
    assert.deepEqual(lines(20_500), [`${until} (43 s left), 1 site waiting: site-1`]);
    assert.deepEqual(lines(), [`${until}, 1 site waiting: site-1`]);
  });

  it("shows failed, unknown and unreachable sites of the failure budget apart", () => {
    const settings = { onFailure: "continue", failureBudget: { perWave: 2, total: 3 }, parallelism: 4 };
    const rollout = new Simulation(planFor(9, settings));
    rollout.finish("site-0", { outcome: "unreachable", message: "no answer" });
    rollout.finish("site-1", { outcome: "unknown", message: "lost" });
    const lines = statusOf(rollout);
    assert.ok(
      lines.includes(
        "failure budget: 0 failed, 1 unknown, 1 unreachable, of 3 in all and 2 per wave; 2 of 4 sites at a time",
      ),
      lines.join("\n"),
    );
    assert.ok(lines.includes("site-0: unreachable in check, attempt 1: no answer"), lines.join("\n"));
  });

  it("shows a command that was refused as such, with the reason", () => {
    const event = { type: "retried", site: "oslo", at: 0, by: "bob", reason: "late" } as const;
    const { state } = new Simulation(planFor(1));
    assert.equal(eventLine(event, state), "1970-01-01 00:00:00 retried oslo by bob: late");
    assert.equal(
      eventLine(event, state, "the site oslo is done; retry sites that failed only"),
      "1970-01-01 00:00:00 retry oslo by bob was refused: the site oslo is done; retry sites that failed only",
    );
  });

  it("says of a run that did nothing why, and not only how its kind is called", () => {
    const rollout = new Simulation(planFor(1));
    rollout.finish("site-0", { outcome: "changed", fingerprint: "second" });
    const event = rollout.events.at(-1) ?? assert.fail();
    assert.equal(
      eventLine(event, rollout.state),
      "1970-01-01 00:00:01 site-0: check not made, because program or definition differ from what was approved (1 s)",
    );
    const deferred = { ...event, result: { outcome: "deferred", message: "not started: the rollout was paused" } };
    assert.match(
      eventLine(deferred as typeof event, rollout.state) ?? "",
      /check put off \(1 s\): not started: the rollout was/,
    );
  });

  it("does not advise to retry a site of a rollout that was cancelled or stopped", () => {
    const lost = { outcome: "unknown", message: "lost; retry the site" } as const;
    const sitesOf = (rollout: Simulation) => statusOf(rollout).filter((line) => /^site-/.test(line));
    const begun = (settings: object) => {
      const rollout = new Simulation(planFor(2, { parallelism: 2, ...settings }));
      for (const site of ["site-0", "site-1"]) rollout.finish(site);
      return rollout;
    };
    const held = begun({});
    held.finish("site-0", lost);
    assert.deepEqual(sitesOf(held), ["site-0: unknown in change, attempt 1: lost; retry the site"]);
    const cancelled = begun({});
    cancelled.operator("cancelled");
    cancelled.finish("site-0", lost);
    const stopped = begun({ onFailure: "stop" });
    stopped.finish("site-0", lost);
    for (const rollout of [cancelled, stopped]) {
      assert.deepEqual(sitesOf(rollout), [
        "site-0: unknown in change, attempt 1: lost; start a new rollout for the site",
      ]);
      const event = rollout.events.at(-1) ?? assert.fail();
      assert.match(eventLine(event, rollout.state) ?? "", /: lost; start a new rollout for the site$/);
    }
  });

  it("shows failures before the waves, identical ones once with their sites", () => {
    const rollout = new Simulation(planFor(4, { onFailure: "continue", failureBudget: { perWave: 9, total: 9 } }));
    for (const site of ["site-0", "site-1"])
      rollout.finish(site, { outcome: "failed", message: `stack ${site}: no passphrase; set it, then retry the site` });
    rollout.finish("site-2", { outcome: "unreachable", message: "sps 10.0.0.1: no answer" });
    const { plan } = rollout.state;
    const record = { id: "test.1", name: "test", number: 1, file: "/rollout.yaml", plan, createdAt: 0 };
    const lines = statusLines(summaryOf(record, rollout.state));
    assert.deepEqual(lines.slice(1, 5), [
      "",
      "2 sites failed in check: stack SITE: no passphrase; set it, then retry the site (site-0, site-1)",
      "site-2: unreachable in check, attempt 1: sps 10.0.0.1: no answer",
      "",
    ]);
  });

  it("has a table of 80 columns and fits one screen while 200 sites of 50 SPPs are in work", () => {
    const rollout = new Simulation(planFor(200, { parallelism: 30, waves: [{ percent: 10 }, { rest: true }] }, 50));
    for (const [site] of [...rollout.inWork]) rollout.finish(site);
    const { plan } = rollout.state;
    const record = { id: "test.1", name: "test", number: 1, file: "/rollout.yaml", plan, createdAt: 0 };
    const lines = statusLines(summaryOf(record, rollout.state));
    assert.deepEqual(
      [Math.max(...lines.slice(1).map((line) => line.length)) <= 80, lines.length <= 24],
      [true, true],
      lines.join("\n"),
    );
    assert.equal(lines.at(-1), "… and 10 more SPPs; status --json lists all");
  });

  it("shows columns for frozen and unverified sites only where there are any", () => {
    const rollout = new Simulation(planFor(2));
    const header = () => {
      const { plan } = rollout.state;
      const record = { id: "test.1", name: "test", number: 1, file: "/rollout.yaml", plan, createdAt: 0 };
      return statusLines(summaryOf(record, rollout.state)).find((line) => line.startsWith("wave "));
    };
    assert.doesNotMatch(header() ?? "", /frozen|applied|unknown|unreachable|skipped/);
    rollout.operator("paused");
    rollout.finish("site-1");
    rollout.operator("frozen", "site-1");
    assert.match(header() ?? "", / failed {2}frozen$/);
  });

  it("shows why a site is frozen, where its definition says so", () => {
    const plan = { ...planFor(1), frozen: ["rome", "oslo"], frozenReasons: { rome: "audit until Friday" } };
    const record = { id: "t.1", name: "t", number: 1, file: "/r.yaml", plan, createdAt: 0 };
    const shown = "rome (audit until Friday), oslo";
    assert.equal(statusLines(summaryOf(record, newState(plan))).at(-1), `frozen, never touched: ${shown}`);
    assert.ok(rolloutPage(record, []).includes(`Frozen, never touched: ${shown}.`));
  });

  it("says why joins wait that the start did not accept", () => {
    const hold = { kind: "approval", wave: "eu", joins: { seen: 5, accepted: 3 } } as const;
    assert.equal(
      holdText(hold, "0123abcd"),
      "waiting for approval of wave eu, because its joins cannot be undone: 5 sites so far, and start accepted 3 with --accept-joins; run: rollout approve 0123abcd --reason TEXT",
    );
    assert.match(
      holdText({ ...hold, joins: { seen: 1, accepted: 0 } }),
      /: 1 site so far, and start accepted none with/,
    );
  });

  it("says how a rollout goes on whose window is never open long enough", () => {
    assert.equal(
      holdText({ kind: "short-window", wave: "eu", isOpenSeconds: 1800, neededSeconds: 2010 }),
      "the window of wave eu is open for 30 min, and a change with its rollback takes 33.5 min; run: rollout cancel --reason TEXT, open the window for longer in the definition, and run: rollout start",
    );
  });
});
