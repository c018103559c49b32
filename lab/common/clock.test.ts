import assert from "node:assert/strict";
import { LabClock } from "./clock";

describe("clock of the appliances", () => {
  it("never ends a wait early by its own time at 3600 times real time", async () => {
    const clock = new LabClock(3600);
    const short: number[] = [];
    for (let round = 0; round < 40; round += 1) {
      const end = clock.now().getTime() + 10_000;
      await clock.wait(10);
      if (clock.now().getTime() < end) short.push(end - clock.now().getTime());
    }
    assert.deepEqual(short, []);
    clock.stop();
  });

  it("aborts all waits when the clock is stopped", async () => {
    const clock = new LabClock();
    const wait = clock.wait(1e12);
    clock.stop();
    await assert.rejects(wait, { name: "AbortError" });
  });
});
