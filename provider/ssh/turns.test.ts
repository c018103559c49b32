import assert from "node:assert/strict";
import { operationContext } from "../core/context";
import { Turns } from "./turns";

describe("turns at a place", () => {
  const { signal } = operationContext();
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  it("go to no more than the most at a time, the urgent first, the others in order", async () => {
    const turns = new Turns(2);
    const order: string[] = [];
    const ends: (() => void)[] = [];
    const take = async (name: string, isUrgent = false) => {
      ends.push(await turns.take("server", signal, isUrgent));
      order.push(name);
    };
    const all = [take("a"), take("b"), take("c"), take("d"), take("urgent", true), take("more urgent", true)];
    await settled();
    assert.deepEqual(order, ["a", "b"]);
    for (let index = 0; index < 4; index += 1) {
      ends[index]?.();
      ends[index]?.();
      await settled();
      assert.equal(order.length, index + 3, "an end counts once");
    }
    await Promise.all(all);
    assert.deepEqual(order, ["a", "b", "urgent", "more urgent", "c", "d"]);
  });

  it("do not depend on other places", async () => {
    const turns = new Turns(1);
    await turns.take("one", signal);
    await turns.take("other", signal);
  });

  it("are given up on cancel, and whoever waits behind gets them", async () => {
    const turns = new Turns(1);
    const end = await turns.take("server", signal);
    const abort = new AbortController();
    const given = turns.take("server", abort.signal);
    const behind = turns.take("server", signal);
    abort.abort(new Error("cancelled by the user"));
    await assert.rejects(given, /cancelled by the user/);
    end();
    (await behind)();
    await assert.rejects(turns.take("server", abort.signal), /cancelled by the user/);
    (await turns.take("server", signal))();
  });
});
