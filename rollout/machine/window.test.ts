import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { openingOf } from "./window";

const at = (time: string) => Date.parse(time);
const text = (time: number) => new Date(time).toISOString().slice(0, 16);

describe("a window of time", () => {
  it("is open from its start until its end", () => {
    const window = { from: "08:00", to: "16:00" };
    assert.deepEqual(openingOf(window, at("2026-03-02T07:59:59Z")), {
      isOpen: false,
      opensAt: at("2026-03-02T08:00Z"),
    });
    assert.deepEqual(openingOf(window, at("2026-03-02T08:00:00Z")), {
      isOpen: true,
      closesAt: at("2026-03-02T16:00Z"),
    });
    assert.deepEqual(openingOf(window, at("2026-03-02T16:00:00Z")), {
      isOpen: false,
      opensAt: at("2026-03-03T08:00Z"),
    });
  });

  it("goes on past midnight and belongs to the day on which it opens", () => {
    const window = { days: ["fri" as const], from: "22:00", to: "04:00" };
    // 6 March 2026 is a Friday.
    assert.deepEqual(openingOf(window, at("2026-03-07T03:00Z")), { isOpen: true, closesAt: at("2026-03-07T04:00Z") });
    assert.deepEqual(openingOf(window, at("2026-03-06T03:00Z")), { isOpen: false, opensAt: at("2026-03-06T22:00Z") });
    assert.deepEqual(openingOf(window, at("2026-03-07T22:00Z")), { isOpen: false, opensAt: at("2026-03-13T22:00Z") });
  });

  it("follows the clock on the wall through the change to summer time", () => {
    const window = { from: "20:00", to: "22:00", timezone: "Europe/Berlin" };
    const opening = (time: string) => {
      const found = openingOf(window, at(time));
      return found.isOpen ? "open" : text(found.opensAt);
    };
    assert.equal(opening("2026-03-28T12:00Z"), "2026-03-28T19:00");
    assert.equal(opening("2026-03-29T12:00Z"), "2026-03-29T18:00");
    // On 29 March 2026 there are no minutes from 02:00 to 03:00.
    const skipped = { ...window, days: ["sun" as const], from: "02:00", to: "03:00" };
    assert.deepEqual(openingOf(skipped, at("2026-03-22T02:00Z")), { isOpen: false, opensAt: at("2026-04-05T00:00Z") });
    assert.equal(openingOf({ ...window, timezone: "Asia/Kathmandu" }, at("2026-03-28T14:14Z")).isOpen, false);
    assert.equal(openingOf({ ...window, timezone: "Asia/Kathmandu" }, at("2026-03-28T14:15Z")).isOpen, true);
  });
});
