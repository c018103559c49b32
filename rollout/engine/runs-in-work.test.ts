import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { RunsInWork } from "./runs-in-work";

/** Work that ends when the test says so. */
function openWork(): { work: Promise<void>; end: () => void } {
  let end: () => void = () => {};
  const work = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { work, end };
}

describe("the runs of a worker that stops", () => {
  it("ends when the last run has ended, and does not wait for those that are left open", async () => {
    const left: string[] = [];
    const runs = new RunsInWork(async (workflow) => void left.push(workflow));
    const { work, end } = openWork();
    void runs.track({ workflow: "r.1/oslo", site: "oslo" }, () => work);
    void runs.track(
      { workflow: "r.1/rome", site: "rome" },
      (leaveOpen) =>
        new Promise((_, reject) => runs.leave.addEventListener("abort", reject)).catch(leaveOpen) as Promise<void>,
    );
    assert.deepEqual(runs.sites, ["oslo", "rome"]);
    let isStopped = false;
    const stopped = runs.stop().then(() => {
      isStopped = true;
    });
    await new Promise(setImmediate);
    assert.deepEqual([runs.sites, isStopped, left], [["oslo"], false, ["r.1/rome"]]);
    end();
    await stopped;
    assert.deepEqual(runs.sites, []);
  });

  it("begins nothing afterwards, and leaves it to others at once", async () => {
    const left: string[] = [];
    const runs = new RunsInWork(async (workflow) => void left.push(workflow));
    await runs.stop();
    void runs.track({ workflow: "r.1/oslo", site: "oslo" }, () => assert.fail("it began"));
    await new Promise(setImmediate);
    assert.deepEqual([runs.sites, left], [[], ["r.1/oslo"]]);
  });
});
