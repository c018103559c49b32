import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { describeSteps } from "./steps";

const order = { sps: "10.0.0.1", spp: "10.0.0.5", backups: { spp: "take", sps: "require" }, isRejoin: false } as const;
const POST =
  "POST /api/cluster/spp on 10.0.0.1: one request (cannot be undone; open access requests on 10.0.0.5 are closed)";

describe("the steps of a join", () => {
  it("names both appliances in the steps, and says once that the join cannot be undone", () => {
    const steps = describeSteps(order);
    assert.deepEqual(
      steps.filter((step) => step.includes("cannot be undone")),
      [POST],
    );
    assert.equal(steps[0], "log in to 10.0.0.1 and 10.0.0.5");
    assert.equal(steps.at(-1), "read both sides");
    assert.ok(steps.findIndex((step) => step.startsWith("repeat the preflight")) < steps.indexOf(POST));
  });

  it("lists the requested backups before the join request", () => {
    const about = (backups: Parameters<typeof describeSteps>[0]["backups"]) =>
      describeSteps({ ...order, backups }).filter((step) => /\bback ?up\b/.test(step));
    assert.deepEqual(about({ spp: "take", sps: "require" }), [
      "back up 10.0.0.5 and wait until that is done",
      "make sure that 10.0.0.1 has a system backup policy",
    ]);
    assert.deepEqual(about({ spp: "require", sps: "skip" }), [
      "make sure that 10.0.0.5 has a backup of the last seven days",
    ]);
    assert.deepEqual(about({ spp: "skip", sps: "skip" }), []);
    assert.ok(
      describeSteps(order).findIndex((step) => step.startsWith("back up")) < describeSteps(order).indexOf(POST),
    );
  });

  it("disconnects the entry right before the request in the steps of a re-join", () => {
    const steps = describeSteps({ ...order, isRejoin: true });
    assert.equal(steps.indexOf(POST) - steps.findIndex((step) => step.startsWith("re-join: disconnect")), 1);
    assert.equal(steps.length, describeSteps(order).length + 1);
  });
});
