import assert from "node:assert/strict";
import { batchesOf } from "./batches";
import type { CommandStep } from "./steps";

const rule = (name: string, group?: string): CommandStep => ({
  title: name,
  commands: [`${name} from`, `${name} to`, `${name} act`],
  undo: [`no ${name}`],
  together: 2,
  ...(group !== undefined && { group }),
});

const titles = (steps: readonly CommandStep[]) =>
  batchesOf(steps).map((batch) => batch.steps.map(({ title }) => title));

describe("the batches of steps", () => {
  it("joins steps in a row with the same group, and leaves all others alone", () => {
    const steps = [rule("a"), rule("b"), rule("c", "1"), rule("d", "1"), rule("e", "2"), rule("f", "1")];
    assert.deepEqual(titles(steps), [["a"], ["b"], ["c", "d"], ["e"], ["f"]]);
  });

  it("enters what has no effect of all steps before the rest of any", () => {
    const [batch] = batchesOf([rule("a", "1"), rule("b", "1")]);
    assert.deepEqual(batch?.sendings, [
      ["a from", "a to", "b from", "b to"],
      ["a act", "b act"],
    ]);
  });

  it("enters the rest of a single step line by line", () => {
    const [batch] = batchesOf([{ title: "a", commands: ["1", "2", "3", "4"], undo: [], together: 2 }]);
    assert.deepEqual(batch?.sendings, [["1", "2"], ["3"], ["4"]]);
  });

  it("begins at most 20 steps, and sends at most 20 commands, together", () => {
    const batches = batchesOf(Array.from({ length: 45 }, (_, index) => rule(`${index}`, "1")));
    assert.deepEqual(
      batches.map(({ steps, sendings }) => [steps.length, ...sendings.map(({ length }) => length)]),
      [
        [20, 20, 20, 20],
        [20, 20, 20, 20],
        [5, 10, 5],
      ],
    );
  });
});
