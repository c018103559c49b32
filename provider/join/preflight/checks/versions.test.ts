import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { compareVersions } from "./both";

describe("comparison of SPS and SPP versions", () => {
  const cases: [first: string, second: string, expected: ReturnType<typeof compareVersions>][] = [
    ["8.0.0", "8.0.0.21662", "equal"],
    ["8.0.0.1", "8.0.0.21662", "equal"],
    ["8.0", "8.0.4.21662", "equal"],
    ["8", "8.2.0.1", "equal"],
    ["7.0.5.1 LTS", "7.0.5.17231", "equal"],
    ["7.5.1a", "7.5.1.19000", "equal"],
    ["v8.0.0", "8.0.0", "equal"],
    ["8.0.0", "8.0.1.1", "older"],
    ["8.0.9", "8.1.0.1", "older"],
    ["9.0.0", "10.0.0.1", "older"],
    ["8.2.0", "8.0.0.21662", "newer"],
    ["5 F7", "5.7.0", "equal"],
    ["F7", "5.7.0", "unknown"],
    ["", "8.0.0.21662", "unknown"],
    ["8.0.0", "", "unknown"],
  ];
  for (const [first, second, expected] of cases) {
    it(`compares "${first}" with "${second}" as ${expected}`, () =>
      assert.equal(compareVersions(first, second), expected));
  }
});
