import assert from "node:assert/strict";
import { operationContext } from "../../core/context";
import { KeyedSemaphore } from "./keyed-semaphore";

describe("a semaphore with slots for each key", () => {
  const { signal } = operationContext();
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  it("gives no more slots than its limit, urgent users first, the others in order", async () => {
    const turns = new KeyedSemaphore(2);
    const order: string[] = [];
    const ends: (() => void)[] = [];
    const take = async (name: string, isUrgent = false) => {
      ends.push(await turns.acquire("server", signal, isUrgent));
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

  it("counts the slots of each key separately", async () => {
    const turns = new KeyedSemaphore(1);
    await turns.acquire("one", signal);
    await turns.acquire("other", signal);
  });

  it("drops a cancelled user, and gives its slot to the next one", async () => {
    const turns = new KeyedSemaphore(1);
    const end = await turns.acquire("server", signal);
    const abort = new AbortController();
    const given = turns.acquire("server", abort.signal);
    const behind = turns.acquire("server", signal);
    abort.abort(new Error("cancelled by the user"));
    await assert.rejects(given, /cancelled by the user/);
    end();
    (await behind)();
    await assert.rejects(turns.acquire("server", abort.signal), /cancelled by the user/);
    (await turns.acquire("server", signal))();
  });
});
