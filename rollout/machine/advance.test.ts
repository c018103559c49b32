import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { planOf } from "../plan/plan";
import { checkDefinition } from "../plan/validate";
import { planFor, Simulation } from "../testing/simulation";
import { refusalOf, replay } from "./advance";
import { awaitedApproval } from "./approval";
import type { OperatorEvent, SiteResult } from "./events";
import { haltOf, isHalted } from "./halt";
import { parallelismOf, waitsForOperator } from "./start";
import type { SiteState } from "./state";
import { openingOf } from "./window";

const failed: SiteResult = {
  outcome: "failed",
  message: "sps 10.0.0.1: log in: user admin was refused",
  code: "SG1013",
};

describe("the course of a rollout", () => {
  it("checks all sites of a wave before it changes the first", () => {
    const rollout = new Simulation(planFor(3, { waves: [{ count: 2 }, { rest: true }] }));
    assert.deepEqual([...rollout.inWork.keys()], ["site-0", "site-1"]);
    assert.deepEqual(rollout.finish("site-0"), []);
    assert.deepEqual(rollout.finish("site-1"), ["apply site-0"]);
    assert.deepEqual(rollout.finish("site-0"), ["apply site-1"]);
    assert.deepEqual(rollout.finish("site-1"), ["check site-2"]);
    rollout.finishAll();
    assert.equal(rollout.state.status, "done");
  });

  it("changes one site of each SPP at a time", () => {
    const rollout = new Simulation(planFor(4, {}, 2));
    for (const site of ["site-0", "site-1", "site-2"]) rollout.finish(site);
    assert.deepEqual(rollout.finish("site-3"), ["apply site-0", "apply site-1"]);
    assert.deepEqual(rollout.finish("site-1"), ["apply site-3"]);
  });

  it("has at most as many sites in work as the plan allows", () => {
    const rollout = new Simulation(planFor(9, { parallelism: 2 }));
    assert.equal(rollout.inWork.size, 2);
    assert.deepEqual(rollout.finish("site-0"), ["check site-2"]);
  });

  it("waits for approval after the checks, and again at each wave that asks for it", () => {
    const rollout = new Simulation(
      planFor(2, {
        waves: [
          { count: 1, approval: true },
          { rest: true, approval: true },
        ],
      }),
    );
    assert.deepEqual(rollout.finish("site-0"), []);
    assert.deepEqual(rollout.state.hold, { kind: "approval", wave: "wave-1" });
    assert.deepEqual(rollout.operator("approved"), ["apply site-0"]);
    assert.deepEqual(rollout.finish("site-0"), ["check site-1"]);
    assert.deepEqual(rollout.finish("site-1"), []);
    assert.deepEqual(rollout.state.hold, { kind: "approval", wave: "wave-2" });
  });

  it("waits for the soak of a wave before it checks the next one", () => {
    const rollout = new Simulation(planFor(2, { canary: { count: 1, soakSeconds: 60 } }));
    rollout.finish("site-0");
    assert.deepEqual(rollout.finish("site-0"), []);
    assert.deepEqual(rollout.state.hold, { kind: "soak", until: rollout.now + 60_000 });
    assert.equal(rollout.state.wakeAt, rollout.now + 60_000);
    assert.deepEqual(rollout.tick(59), []);
    assert.deepEqual(rollout.tick(1), ["check site-1"]);
  });

  it("starts a change only if it and its undoing fit into the window", () => {
    const wave = { rest: true, window: { from: "08:00", to: "08:01" } };
    const rollout = new Simulation(planFor(3, { waves: [wave], changeSeconds: 1 }), Date.parse("2026-03-02T07:00Z"));
    rollout.finishAll();
    assert.deepEqual(rollout.state.hold, { kind: "window", until: Date.parse("2026-03-02T08:00Z") });
    rollout.now = Date.parse("2026-03-02T08:00Z");
    assert.deepEqual(rollout.tick(0), ["apply site-0"]);
    rollout.now += 25_000;
    assert.deepEqual(rollout.finish("site-0"), ["apply site-1"]);
    rollout.now += 32_000;
    assert.deepEqual(rollout.finish("site-1"), [], "59 s of 60, and a change takes 1 s");
    assert.deepEqual(rollout.state.hold, { kind: "window", until: Date.parse("2026-03-03T08:00Z") });
  });

  it("tells each change until when it may start, and takes one that came too late back into its wave", () => {
    const wave = { rest: true, window: { from: "08:00", to: "08:10" } };
    const opening = Date.parse("2026-03-02T08:00Z");
    const rollout = new Simulation(planFor(2, { waves: [wave], changeSeconds: 60 }), opening);
    rollout.finish("site-0");
    rollout.finish("site-1");
    assert.equal(rollout.inWork.get("site-0")?.startBy, opening + 480_000, "a change takes 60 s");
    rollout.finish("site-0");
    assert.equal(rollout.inWork.get("site-1")?.startBy, opening + 480_000, "one quick change shows little");
    rollout.now = opening + 3_600_000;
    assert.deepEqual(rollout.finish("site-1", { outcome: "deferred", message: "not started" }), []);
    const next = opening + 86_400_000;
    assert.deepEqual(rollout.state.hold, { kind: "window", until: next });
    rollout.now = next;
    assert.deepEqual(rollout.tick(0), ["apply site-1 #2"]);
    rollout.finish("site-1");
    assert.equal(rollout.state.status, "done");
  });

  it("goes by the durations of its changes as soon as there are enough", () => {
    const wave = { rest: true, window: { from: "08:00", to: "08:30" } };
    const opening = Date.parse("2026-03-02T08:00Z");
    const rollout = new Simulation(planFor(4, { waves: [wave], changeSeconds: 60 }), opening);
    for (const n of [0, 1, 2, 3]) rollout.finish(`site-${n}`);
    for (const n of [0, 1, 2]) {
      assert.equal(rollout.inWork.get(`site-${n}`)?.startBy, opening + 1_680_000);
      rollout.finish(`site-${n}`);
    }
    assert.equal(rollout.inWork.get("site-3")?.startBy, opening + 1_798_000, "a change takes 1 s");
  });

  it("waits for an operator when a window is never open long enough for a change and its rollback", () => {
    const waves = [{ name: "eu", rest: true, window: { from: "08:00", to: "08:30" } }];
    const plan = { ...planFor(2, { waves, changeSeconds: 60 }), changeSeconds: 901 };
    const rollout = new Simulation(plan, Date.parse("2026-03-02T08:00Z"));
    rollout.finish("site-0");
    assert.deepEqual(rollout.finish("site-1"), []);
    const hold = { kind: "short-window", wave: "eu", isOpenSeconds: 1800, neededSeconds: 1802 };
    assert.deepEqual([rollout.state.hold, rollout.state.wakeAt], [hold, undefined]);
    assert.equal(waitsForOperator(rollout.state), true);
    assert.deepEqual(rollout.tick(86_400), []);
    assert.deepEqual(rollout.state.hold, hold);
    rollout.operator("cancelled");
    assert.equal(rollout.state.status, "cancelled");
  });

  it("neither fails a site nor lets its SPP rest when its change was deferred", () => {
    const rollout = new Simulation(planFor(2, { coolDownSeconds: 30 }));
    rollout.finish("site-0");
    rollout.finish("site-1");
    rollout.operator("paused");
    assert.deepEqual(rollout.finish("site-0", { outcome: "deferred" }), []);
    assert.deepEqual([rollout.state.unsolved.size, rollout.state.coolDowns.size], [0, 0]);
    assert.deepEqual(rollout.operator("resumed"), ["apply site-0 #2"]);
  });

  it("gives the next free SPP to the first site of the wave, whatever order the checks ended in", () => {
    const rollout = new Simulation(planFor(9, { parallelism: 9 }, 3));
    for (const n of [8, 2, 5, 1, 7, 4, 6, 3]) rollout.finish(`site-${n}`);
    assert.deepEqual(rollout.finish("site-0"), ["apply site-0", "apply site-1", "apply site-2"]);
    assert.deepEqual(rollout.finish("site-2"), ["apply site-5"]);
    assert.deepEqual(rollout.finish("site-0"), ["apply site-3"]);
    assert.deepEqual(rollout.finish("site-3"), ["apply site-6"]);
    assert.deepEqual(rollout.finish("site-5"), ["apply site-8"]);
  });

  it("verifies the sites of a wave after its soak time, and holds when nothing is known of one", () => {
    const rollout = new Simulation(planFor(3, { canary: { count: 2, soakSeconds: 60, trafficSeconds: 30 } }));
    rollout.finishAll();
    const statuses = () => [...rollout.state.sites.values()].map(({ status }) => status);
    assert.deepEqual(statuses(), ["applied", "applied", "waiting"]);
    assert.deepEqual(rollout.state.hold, { kind: "soak", until: rollout.now + 60_000 });
    assert.deepEqual(rollout.tick(60), ["verify site-0", "verify site-1"]);
    rollout.finish("site-0", { outcome: "unknown", message: "no traffic seen" });
    assert.deepEqual(rollout.finish("site-1"), []);
    assert.deepEqual(rollout.state.hold, { kind: "failures", sites: ["site-0"] });
    assert.deepEqual(rollout.operator("retried", "site-0"), ["verify site-0 #2"]);
    assert.deepEqual(rollout.finish("site-0"), ["check site-2"]);
    rollout.finishAll();
    assert.deepEqual(statuses(), ["done", "done", "done"]);
  });

  it("verifies a site that is retried after its wave was verified", () => {
    const budget = { onFailure: "continue", failureBudget: { perWave: 1, total: 1 } };
    const rollout = new Simulation(planFor(3, { ...budget, waves: [{ count: 2, doctor: true }, { rest: true }] }));
    rollout.finish("site-0", failed);
    rollout.finish("site-1");
    rollout.finish("site-1");
    assert.deepEqual(rollout.finish("site-1"), ["check site-2"]);
    assert.deepEqual(rollout.operator("retried", "site-0"), ["check site-0 #2"]);
    assert.deepEqual(rollout.finish("site-0"), ["apply site-0 #2"]);
    assert.deepEqual(rollout.finish("site-0"), ["verify site-0 #2"]);
  });

  it("lets an SPP rest after a change, and uses the others meanwhile", () => {
    const rollout = new Simulation(planFor(4, { coolDownSeconds: 30 }, 2));
    for (const site of ["site-0", "site-1", "site-2", "site-3"]) rollout.finish(site);
    assert.deepEqual(rollout.finish("site-0"), []);
    assert.equal(rollout.state.wakeAt, rollout.now + 30_000);
    assert.equal(rollout.state.hold, undefined);
    assert.deepEqual(rollout.finish("site-1"), []);
    assert.deepEqual(rollout.state.hold, { kind: "cool-down", until: rollout.now + 29_000 });
    assert.deepEqual(rollout.tick(29), ["apply site-2"]);
    assert.deepEqual(rollout.tick(1), ["apply site-3"]);
  });

  it("lets no SPP rest after a run that did nothing", () => {
    const rollout = new Simulation(planFor(3, { coolDownSeconds: 30 }));
    for (const site of ["site-0", "site-1", "site-2"]) rollout.finish(site);
    rollout.finish("site-0", { outcome: "outdated" });
    assert.deepEqual(rollout.operator("skipped", "site-0"), ["apply site-1"]);
    rollout.finish("site-1", { outcome: "changed", fingerprint: "second" });
    rollout.operator("approved");
    rollout.finish("site-1");
    assert.deepEqual(rollout.finish("site-2"), ["apply site-1 #2"]);
  });

  it("never touches a frozen site, and begins with its check when it is unfrozen", () => {
    const rollout = new Simulation(planFor(3, { parallelism: 1 }));
    assert.deepEqual(rollout.operator("frozen", "site-1"), []);
    assert.deepEqual(rollout.finish("site-0"), ["check site-2"]);
    assert.deepEqual(rollout.finish("site-2"), ["apply site-0"]);
    assert.deepEqual(rollout.finish("site-0"), ["apply site-2"]);
    assert.deepEqual(rollout.operator("unfrozen", "site-1"), []);
    assert.deepEqual(rollout.finish("site-2"), ["check site-1 #2"]);
    assert.deepEqual(rollout.finish("site-1"), ["apply site-1 #2"]);
    assert.deepEqual(
      rollout.state.operatorEvents.map(({ type, reason }) => `${type}: ${reason}`),
      ["frozen: test", "unfrozen: test"],
    );
  });

  it("waits for an operator only when no time lets an approved change go on", () => {
    const gated = { parallelism: 5, coolDownSeconds: 600, waves: [{ rest: true, approval: true }] };
    const rollout = new Simulation(planFor(3, gated, 2));
    for (const site of ["site-0", "site-1", "site-2"]) rollout.finish(site, { outcome: "done", changes: [] });
    assert.equal(waitsForOperator(rollout.state), true);
    assert.deepEqual(rollout.operator("approved"), ["apply site-0", "apply site-1"]);
    rollout.finish("site-1", { outcome: "outdated" });
    rollout.operator("retried", "site-1");
    rollout.finish("site-1", { outcome: "done", changes: [] });
    rollout.finish("site-0");
    // The retried site waits for an approval, and site-2, which has one, for its SPP.
    assert.deepEqual([rollout.state.hold?.kind, rollout.state.running.size], ["approval", 0]);
    assert.equal(waitsForOperator(rollout.state), false);
    assert.deepEqual(rollout.tick(601), ["apply site-2"]);
    rollout.finish("site-2");
    assert.equal(waitsForOperator(rollout.state), true);
  });

  it("lets an SPP rest after a change that was interrupted, also when it was outdated", () => {
    const rollout = new Simulation(planFor(1, { coolDownSeconds: 600 }));
    rollout.finish("site-0");
    rollout.finish("site-0", { outcome: "outdated", isInterrupted: true });
    assert.equal(rollout.state.coolDowns.get("spp-0"), rollout.now + 600_000);
  });

  it("holds at the first failure until an operator retries or skips it", () => {
    const rollout = new Simulation(planFor(3, { parallelism: 1 }));
    assert.deepEqual(rollout.finish("site-0", failed), []);
    assert.deepEqual(rollout.state.hold, { kind: "failures", sites: ["site-0"] });
    assert.deepEqual(rollout.operator("retried", "site-0"), ["check site-0 #2"]);
    assert.deepEqual(rollout.finish("site-0", { outcome: "unreachable" }), []);
    assert.deepEqual(rollout.operator("skipped", "site-0"), ["check site-1"]);
    rollout.finishAll();
    assert.deepEqual(
      [...rollout.state.sites.values()].map(({ status }) => status),
      ["skipped", "done", "done"],
    );
    assert.equal(rollout.state.status, "done");
  });

  it("stops at the first failure when the plan says so, after the sites in work", () => {
    const rollout = new Simulation(planFor(3, { onFailure: "stop", parallelism: 2 }));
    assert.deepEqual(rollout.finish("site-0", failed), []);
    assert.equal(rollout.state.status, "running");
    assert.deepEqual(rollout.finish("site-1"), []);
    assert.equal(rollout.state.status, "stopped");
    assert.equal(rollout.state.endedAt, rollout.now);
  });

  it("goes on within the failure budget with fewer sites at a time, and holds beyond it", () => {
    const settings = { onFailure: "continue", failureBudget: { perWave: 1, total: 1 }, parallelism: 4 };
    const rollout = new Simulation(planFor(9, settings));
    assert.equal(rollout.inWork.size, 4);
    assert.deepEqual(rollout.finish("site-0", failed), []);
    assert.deepEqual(rollout.finish("site-1"), []);
    assert.deepEqual(rollout.finish("site-2"), ["check site-4"]);
    assert.deepEqual(rollout.finish("site-3", { outcome: "unknown" }), []);
    assert.deepEqual(rollout.state.hold, { kind: "failures", sites: ["site-0", "site-3"] });
  });

  it("goes on with fewer sites at a time also when only the budget of the wave shrinks", () => {
    const settings = { onFailure: "continue", failureBudget: { perWave: 1, total: 99 }, parallelism: 4 };
    const waves = [{ count: 5 }, { rest: true }];
    const rollout = new Simulation(planFor(9, { ...settings, waves }, 9));
    rollout.finish("site-0", failed);
    assert.equal(parallelismOf(rollout.state), 2);
    rollout.finishAll();
    assert.equal(rollout.state.status, "done");
    assert.equal(parallelismOf({ ...rollout.state, wave: 1 }), 4, "another wave has a budget of its own");
  });

  it("pauses and resumes with the reason, and lets sites in work finish", () => {
    const rollout = new Simulation(planFor(3, { parallelism: 1 }));
    assert.deepEqual(rollout.operator("paused"), []);
    assert.deepEqual(rollout.finish("site-0"), []);
    assert.deepEqual(rollout.state.hold, { kind: "paused", reason: "test" });
    assert.deepEqual(rollout.operator("resumed"), ["check site-1"]);
  });

  it("ends a cancelled rollout after the sites in work", () => {
    const rollout = new Simulation(planFor(3, { parallelism: 1 }));
    rollout.operator("cancelled");
    assert.equal(rollout.state.status, "running");
    rollout.finish("site-0");
    assert.equal(rollout.state.status, "cancelled");
  });

  it("holds when a site would get more than its check showed, and checks it again for a retry", () => {
    const rollout = new Simulation(planFor(2, { waves: [{ rest: true, approval: true }] }));
    const changes = [{ operation: "create", resource: "SppJoin a" }];
    rollout.finish("site-0", { outcome: "done", changes });
    rollout.finish("site-1");
    rollout.operator("approved");
    assert.deepEqual(rollout.inWork.get("site-0")?.announced, { at: 1000, changes });
    assert.deepEqual(rollout.finish("site-0", { outcome: "outdated", message: "it would now also delete" }), []);
    assert.deepEqual(rollout.state.hold, { kind: "failures", sites: ["site-0"] });
    assert.deepEqual(rollout.operator("retried", "site-0"), ["check site-0 #2", "apply site-1"]);
    rollout.finish("site-1");
    const more = [{ operation: "replace", resource: "SppJoin a" }];
    assert.deepEqual(rollout.finish("site-0", { outcome: "done", changes: more }), []);
    assert.deepEqual(rollout.state.hold, { kind: "approval", wave: "wave-1" });
    assert.deepEqual(awaitedApproval(rollout.state), { wave: "wave-1", checks: { "site-0": 2 } });
    assert.deepEqual(rollout.operator("approved"), ["apply site-0 #2"]);
    rollout.finishAll();
    assert.equal(rollout.state.status, "done");
  });

  it("starts a change that is retried in the window of its wave only", () => {
    const wave = { rest: true, window: { from: "01:00", to: "05:00" } };
    const rollout = new Simulation(planFor(2, { waves: [wave] }, 2), Date.parse("2026-03-02T02:00Z"));
    for (const site of ["site-0", "site-1"]) rollout.finish(site);
    for (const site of ["site-0", "site-1"]) rollout.finish(site, failed);
    rollout.now = Date.parse("2026-03-02T12:00Z");
    assert.deepEqual(rollout.operator("retried", "site-0"), []);
    assert.deepEqual(rollout.state.hold, { kind: "failures", sites: ["site-1"] });
    const opening = Date.parse("2026-03-03T01:00Z");
    assert.equal(rollout.state.wakeAt, opening);
    assert.deepEqual(rollout.operator("skipped", "site-1"), []);
    assert.deepEqual(rollout.state.hold, { kind: "window", until: opening });
    rollout.now = opening;
    assert.deepEqual(rollout.tick(0), ["apply site-0 #2"]);
  });

  it("starts a change of an earlier wave that is retried in the window of its own wave only", () => {
    const waves = [{ count: 1, window: { from: "01:00", to: "05:00" } }, { rest: true }];
    const settings = { waves, onFailure: "continue", failureBudget: { perWave: 1, total: 1 } };
    const rollout = new Simulation(planFor(2, settings), Date.parse("2026-03-02T02:00Z"));
    rollout.finish("site-0");
    assert.deepEqual(rollout.finish("site-0", failed), ["check site-1"]);
    rollout.now = Date.parse("2026-03-02T12:00Z");
    assert.deepEqual(rollout.operator("retried", "site-0"), []);
    assert.deepEqual(rollout.finish("site-1"), []);
    assert.deepEqual(rollout.state.hold, { kind: "window", until: Date.parse("2026-03-03T01:00Z") });
    rollout.now = Date.parse("2026-03-03T01:00Z");
    assert.deepEqual(rollout.tick(0), ["apply site-0 #2"]);
  });

  it("repeats a failed change without a further approval, because its check was approved", () => {
    const rollout = new Simulation(planFor(1, { waves: [{ rest: true, approval: true }] }));
    rollout.finish("site-0");
    rollout.operator("approved");
    rollout.finish("site-0", failed);
    assert.deepEqual(rollout.operator("retried", "site-0"), ["apply site-0 #2"]);
  });

  it("waits for approval of a site that is unfrozen after the approval of its wave", () => {
    const rollout = new Simulation(planFor(2, { parallelism: 1, waves: [{ rest: true, approval: true }] }));
    rollout.operator("frozen", "site-1");
    rollout.finish("site-0");
    assert.deepEqual(rollout.operator("approved"), ["apply site-0"]);
    rollout.operator("unfrozen", "site-1");
    assert.deepEqual(rollout.finish("site-0"), ["check site-1 #2"]);
    assert.deepEqual(rollout.finish("site-1"), []);
    assert.deepEqual(awaitedApproval(rollout.state), { wave: "wave-1", checks: { "site-1": 2 } });
    assert.deepEqual(rollout.operator("approved"), ["apply site-1 #2"]);
  });

  it("asks for the approval of a retried site as soon as no other failure holds the rollout", () => {
    const rollout = new Simulation(planFor(2, { waves: [{ rest: true, approval: true }] }, 2));
    for (const site of ["site-0", "site-1"]) rollout.finish(site);
    rollout.operator("approved");
    rollout.finish("site-0", { outcome: "outdated" });
    rollout.finish("site-1", failed);
    assert.deepEqual(rollout.operator("retried", "site-0"), ["check site-0 #2"]);
    assert.deepEqual(rollout.finish("site-0"), []);
    assert.deepEqual(rollout.state.hold, { kind: "failures", sites: ["site-1"] });
    assert.deepEqual(rollout.operator("skipped", "site-1"), []);
    assert.deepEqual(rollout.operator("approved"), ["apply site-0 #2"]);
  });

  it("does not take an approval for anything but what its operator saw", () => {
    const rollout = new Simulation(planFor(2, { waves: [{ rest: true, approval: true }] }, 2));
    for (const site of ["site-0", "site-1"]) rollout.finish(site);
    const approves = awaitedApproval(rollout.state) ?? assert.fail("nothing waits");
    const late: OperatorEvent = { type: "approved", at: 9, by: "ada", reason: "late", approves };
    rollout.operator("approved");
    rollout.finish("site-0", { outcome: "changed", fingerprint: "second" });
    rollout.finish("site-1");
    assert.deepEqual(rollout.state.hold, { kind: "changed", fingerprint: "second" });
    assert.deepEqual(rollout.send(late), []);
    assert.equal(
      refusalOf(rollout.state, late),
      "what waits for approval has changed since; run status to see it, and approve again",
    );
    assert.deepEqual(rollout.state.hold, { kind: "changed", fingerprint: "second" });
    assert.equal(rollout.state.operatorEvents.length, 1);
  });

  it("checks a site whose change failed with the program that was approved since", () => {
    const rollout = new Simulation(planFor(3, {}, 3));
    for (const site of ["site-0", "site-1", "site-2"]) rollout.finish(site);
    rollout.finish("site-0", failed);
    rollout.finish("site-1", { outcome: "changed", fingerprint: "second" });
    rollout.operator("approved");
    // Its change began with the first program, and failed after the second was approved.
    rollout.finish("site-2", failed);
    assert.deepEqual(rollout.operator("retried", "site-0"), ["check site-0 #2"]);
    assert.deepEqual(rollout.operator("retried", "site-2"), ["check site-2 #2"]);
  });

  it("checks a site again whose check began before another program was approved", () => {
    const rollout = new Simulation(planFor(2));
    rollout.finish("site-0", { outcome: "changed", fingerprint: "second" });
    assert.deepEqual(rollout.operator("approved"), ["check site-0 #2"]);
    assert.deepEqual(rollout.finish("site-1"), ["check site-1 #2"]);
    // One that started before finds the program that is approved by now.
    assert.deepEqual(rollout.finish("site-1", { outcome: "changed", fingerprint: "second" }), ["check site-1 #3"]);
    assert.equal(rollout.state.hold, undefined);
  });

  it("asks for a new approval when the program changed, and checks again what it had checked", () => {
    const rollout = new Simulation(planFor(3));
    for (const site of ["site-0", "site-1", "site-2"]) rollout.finish(site);
    assert.deepEqual(rollout.finish("site-0", { outcome: "changed", fingerprint: "second" }), []);
    assert.deepEqual(rollout.state.hold, { kind: "changed", fingerprint: "second" });
    assert.deepEqual(rollout.operator("approved"), ["check site-0 #2", "check site-1 #2", "check site-2 #2"]);
    assert.equal(rollout.inWork.get("site-1")?.fingerprint, "second");
    rollout.finishAll();
    assert.equal(rollout.state.status, "done");
  });

  it("refuses commands that make no sense, with the remedy", () => {
    const { state } = new Simulation(planFor(1));
    const refusal = (type: string, site?: string) =>
      refusalOf(state, { type, at: 0, by: "a", reason: "b", ...(site ? { site } : {}) } as OperatorEvent);
    assert.equal(refusal("approved"), "nothing waits for approval; run status to see what it waits for");
    assert.equal(refusal("retried", "site-0"), "the site site-0 is running; retry sites that failed only");
    assert.equal(refusal("skipped", "site-0"), "the site site-0 is running; skip sites that wait or failed only");
    assert.equal(refusal("skipped", "other"), "the site other is not in the rollout; correct its name");
    assert.equal(refusal("frozen", "site-0"), "the site site-0 is running; freeze sites that wait or failed only");
    assert.equal(refusal("unfrozen", "site-0"), "the site site-0 is running; unfreeze frozen sites only");
    assert.equal(refusal("paused"), undefined);
  });

  it("takes no command for a rollout that ends after the sites in work", () => {
    for (const [settings, end, cause] of [
      [{}, "cancelled", "the rollout is cancelled"],
      [{ onFailure: "stop" }, "", "a failure has stopped the rollout"],
    ] as const) {
      const rollout = new Simulation(planFor(4, settings, 2));
      for (const n of [0, 1, 2, 3]) rollout.finish(`site-${n}`);
      rollout.finish("site-0", failed);
      if (end) rollout.operator(end);
      assert.deepEqual([rollout.state.status, [...rollout.inWork.keys()]], ["running", ["site-1"]]);
      for (const type of ["retried", "skipped", "frozen", "unfrozen", "paused", "resumed", "cancelled"] as const) {
        const event = { type, at: 1, by: "ada", reason: "test", site: "site-0" } as OperatorEvent;
        const remedy = "and ends after the sites in work; start a new one then";
        assert.equal(refusalOf(rollout.state, event), `${cause} ${remedy}`, type);
      }
      rollout.finish("site-1");
      assert.equal(rollout.state.status, end || "stopped");
    }
  });

  it("says of a site that the definition freezes how it is rolled out", () => {
    const sites = [
      { name: "oslo", spp: "x" },
      { name: "rome", spp: "x", frozen: true },
    ];
    const checked = checkDefinition({ name: "test", program: ".", sites });
    assert.ok(checked.ok);
    const planned = planOf(checked.value, sites);
    assert.ok(planned.ok);
    const { state } = new Simulation({ ...planned.plan, fingerprint: "first" });
    for (const type of ["unfrozen", "frozen", "retried", "skipped"] as const)
      assert.equal(
        refusalOf(state, { type, at: 1, by: "ada", reason: "test", site: "rome" }),
        "the definition freezes the site rome; remove frozen there, and start a new rollout for it",
      );
  });

  it("holds its promises through any failures, commands and order of events", () => {
    const choices = fc.array(fc.nat({ max: 9999 }), { minLength: 40, maxLength: 200 });
    const settings = fc.record({
      parallelism: fc.integer({ min: 1, max: 5 }),
      onFailure: fc.constantFrom("hold", "continue"),
      waves: fc.constantFrom(
        [{ rest: true }],
        [{ count: 3, approval: true }, { percent: 30, soakSeconds: 5 }, { rest: true }],
        [
          { count: 4, doctor: true },
          { count: 3, trafficSeconds: 5, soakSeconds: 5 },
          { rest: true, doctor: true },
        ],
        [{ count: 5, approval: true, window: { from: "00:00", to: "00:01" } }, { rest: true }],
      ),
      coolDownSeconds: fc.constantFrom(0, 0, 4),
    });
    let [ended, changed] = [0, 0];
    fc.assert(
      fc.property(settings, choices, fc.integer({ min: 1, max: 4 }), (given, picks, spps) => {
        const budget = given.onFailure === "continue" ? { failureBudget: { perWave: 2, total: 3 } } : {};
        const rollout = new Simulation(planFor(12, { ...given, ...budget, changeSeconds: 1 }, spps));
        const done = new Set<string>();
        const checkedWith = new Map<string, string>();
        for (const pick of picks) {
          for (const { site, phase, fingerprint } of rollout.inWork.values())
            if (phase === "check") checkedWith.set(site, fingerprint);
          const before = new Map(rollout.inWork);
          step(rollout, pick, done);
          const halt = haltOf(rollout.state);
          for (const run of rollout.inWork.values())
            if (halt && run.phase === "apply" && before.get(run.site) !== run)
              assert.ok(!isHalted(halt, run.site), `a change starts that is stopped at once (${halt.kind})`);
          const spp = [...rollout.inWork.values()].flatMap(({ site, phase }) =>
            phase === "apply" ? (rollout.state.sites.get(site)?.site.spp ?? "") : [],
          );
          assert.equal(new Set(spp).size, spp.length, "two changes at one SPP");
          assert.ok(rollout.inWork.size <= given.parallelism);
          assert.deepEqual([...rollout.inWork.keys()].sort(), [...rollout.state.running].sort());
          for (const { site, phase, fingerprint } of rollout.inWork.values()) {
            if (phase === "apply") {
              assert.equal(fingerprint, checkedWith.get(site), "a change by a program that did not check the site");
              assertGates(rollout, site);
            }
            assert.ok(!done.has(site), `${site} was done and runs again`);
            const { plan, sites } = rollout.state;
            const wave = plan.waves[sites.get(site)?.wave ?? -1];
            const unchecked = wave?.sites.filter(
              (name) => sites.get(name)?.runs.length === 0 && !isLeftOut(sites.get(name)),
            );
            if (phase === "apply") assert.deepEqual(unchecked, [], "a change before all checks of the wave");
          }
        }
        if (rollout.state.status === "done") ended += 1;
        changed += done.size;
        // The journal alone gives the same state.
        assert.deepEqual(replay(rollout.state.plan, rollout.events), rollout.state);
      }),
      { numRuns: 150 },
    );
    assert.ok(ended > 20 && changed > 500, `${ended} rollouts ended, ${changed} sites changed`);
  });
});

/** Asserts that the change of a site that is in work was approved after its check, and that it started in its window. */
function assertGates({ state, events, now }: Simulation, name: string): void {
  const site = state.sites.get(name);
  const wave = state.plan.waves[site?.wave ?? -1];
  if (wave?.gates.approval) {
    const checked = events.findLastIndex(
      (event) => event.type === "finished" && event.site === name && event.phase === "check",
    );
    const isApproved = events
      .slice(checked)
      .filter((event) => event.type === "approved" && state.operatorEvents.includes(event))
      .some((event) => "approves" in event && "wave" in event.approves && name in event.approves.checks);
    assert.ok(isApproved, "a change that nobody approved");
  }
  if (wave?.gates.window && site?.since === now)
    assert.equal(openingOf(wave.gates.window, now).isOpen, true, "a change outside the window of its wave");
}

/** Sites that an operator left out, or took back later. */
const isLeftOut = (site: SiteState | undefined) =>
  site?.status === "skipped" || site?.status === "frozen" || (site?.attempt ?? 1) > 1;

/** One random thing that happens: mostly a run ends, sometimes an operator acts. */
function step(rollout: Simulation, pick: number, done: Set<string>): void {
  const { state, inWork } = rollout;
  const [unsolved] = state.unsolved;
  const frozen = [...state.sites.values()].find(({ status }) => status === "frozen");
  if (frozen && pick % 3 === 0) rollout.operator("unfrozen", frozen.site.name);
  else if (pick % 29 === 0) rollout.operator("frozen", `site-${pick % 12}`);
  else if (pick % 23 === 0) rollout.operator(state.paused === undefined ? "paused" : "resumed");
  else if (state.paused !== undefined && pick % 3 === 0) rollout.operator("resumed");
  else if (state.hold?.kind === "approval" || state.hold?.kind === "changed") rollout.operator("approved");
  else if (unsolved && (inWork.size === 0 || pick % 5 === 0))
    rollout.operator(pick % 4 === 0 ? "skipped" : "retried", unsolved);
  else if (inWork.size === 0) rollout.tick(state.hold?.kind === "window" && pick % 2 === 0 ? 86_340 : 3);
  else {
    const run = [...inWork.values()][pick % inWork.size];
    if (!run) return;
    const outcome = (["failed", "unknown", "unreachable"] as const)[pick % 17];
    if (pick % 41 === 0) rollout.finish(run.site, { outcome: "changed", fingerprint: `print-${pick}` });
    else rollout.finish(run.site, { outcome: outcome ?? "done" });
    if (rollout.state.sites.get(run.site)?.status === "done") done.add(run.site);
  }
}
