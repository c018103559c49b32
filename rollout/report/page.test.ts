import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { RolloutRecord } from "../database/journal";
import type { RolloutEvent } from "../machine/events";
import { planFor, Simulation } from "../testing/simulation";
import { rolloutPage } from "./page";

const FAILURE = "sps 10.0.0.1: log in: user <admin> was refused; correct the password [SG1013]";

/** A rollout of three sites of two SPPs, one of which fails, is retried and done. */
function rollout(until: "failure" | "end"): { record: RolloutRecord; events: RolloutEvent[] } {
  const plan = planFor(3, { onFailure: "hold" }, 2);
  const simulation = new Simulation(plan, Date.UTC(2026, 4, 20, 8));
  simulation.finish("site-0");
  simulation.finish("site-1", { outcome: "failed", message: FAILURE, code: "SG1013" });
  simulation.finish("site-2");
  if (until === "end") {
    simulation.operator("retried", "site-1");
    simulation.finishAll();
  }
  const record = { id: "test.1", name: "test", number: 1, file: "/rollout.yaml", plan, createdAt: Date.now() };
  return { record, events: simulation.events };
}

/** The visible text of a page, without its style. */
const textOf = (page: string) =>
  page
    .replace(/<style>[\s\S]*<\/style>/, "")
    .replace(/<[^>]+>/g, " ")
    .replace(/\s+/g, " ");

describe("the report of a rollout", () => {
  it("is the same to the byte when it is made again from the stored journal", () => {
    const { record, events } = rollout("end");
    const stored = JSON.parse(JSON.stringify({ plan: record.plan, events }));
    const later = { ...record, plan: stored.plan, createdAt: record.createdAt + 86_400_000 };
    assert.equal(rolloutPage(later, stored.events), rolloutPage(record, events));
  });

  it("shows the failure with its remedy, what the rollout waits for, and the waves", () => {
    const { record, events } = rollout("failure");
    const text = textOf(rolloutPage(record, events));
    assert.match(
      text,
      /Rollout test\.1: running Started on 2026-05-20 08:00:00 UTC by test\. Latest event on 2026-05-20 08:00:03 UTC\. 4 events/,
    );
    assert.match(text, /held by failures at site-1; run: rollout retry SITE/);
    assert.match(
      text,
      /What to act on site-1: failed sps 10\.0\.0\.1: log in: user &lt;admin&gt; was refused; correct the password \[SG1013\] Waves /,
    );
    assert.match(text, /site-1 spp-1 failed 2026-05-20 08:00:01 check failed \(1 s\): sps/);
  });

  it("shows a cause that several sites have once, with all of them", () => {
    const simulation = new Simulation(planFor(4, { parallelism: 4 }));
    for (const site of ["site-0", "site-1", "site-2"])
      simulation.finish(site, { outcome: "failed", message: `stack ${site}: no passphrase; set it` });
    simulation.finish("site-3", { outcome: "unreachable", message: "sps 10.0.0.1: no answer" });
    const record = { ...rollout("end").record, plan: simulation.state.plan };
    assert.match(
      textOf(rolloutPage(record, simulation.events)),
      /What to act on 3 sites, site-0, site-1, site-2: failed stack SITE: no passphrase; set it site-3: unreachable sps 10\.0\.0\.1: no answer Waves /,
    );
  });

  it("shows every run with its time, and who decided what and why", () => {
    const { record, events } = rollout("end");
    const text = textOf(rolloutPage(record, events));
    assert.match(text, /Rollout test\.1: done /);
    assert.match(text, /retried site-1 by ada: test/);
    assert.match(text, /site-1 spp-1 done .* check failed .* check, attempt 2 done .* change, attempt 2 done/);
    assert.doesNotMatch(text, /What to act on/);
  });

  it("loads nothing, runs nothing, and inserts no text as markup", () => {
    const { record, events } = rollout("failure");
    const page = rolloutPage(record, events);
    assert.doesNotMatch(page, /<script|<admin>|\b(src|href)="(?!#)/);
  });
});
