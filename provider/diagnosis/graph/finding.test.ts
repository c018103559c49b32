import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import type { Outcome } from "../../join/preflight/check";
import { causesAmong, explain, type Finding } from "./finding";

type Status = Outcome["status"];

const finding = (id: string, status: Status, ...after: string[]): Finding => ({
  ...{ id, title: id, level: "appliances", object: "sps 10.0.0.1", after },
  outcome: { status, text: "" },
});

/** What explains each finding, as `id<because`. */
const explained = (...findings: Finding[]) =>
  explain(findings).map(({ id, because }) => (because === undefined ? id : `${id}<${because}`));

describe("explanation of findings", () => {
  it("folds all that a dead link takes down into that link", () => {
    const findings = [
      finding("link", "fail"),
      finding("login", "not checked", "link"),
      finding("cluster", "not checked", "login"),
      finding("join", "fail", "cluster"),
      finding("traffic", "not checked", "join"),
    ];
    assert.deepEqual(explained(...findings), ["link", "login<link", "cluster<link", "join<link", "traffic<link"]);
    assert.deepEqual(
      causesAmong(explain(findings)).map(({ id }) => id),
      ["link"],
    );
  });

  it("keeps a fault apart when the condition in between is met", () => {
    const findings = [finding("sps", "fail"), finding("router", "pass", "sps"), finding("rules", "fail", "router")];
    assert.deepEqual(explained(...findings), ["sps", "router", "rules"]);
  });

  it("names failures before warnings and leaves a warning beside its failed ancestor", () => {
    const findings = [finding("slow", "warn"), finding("sps", "fail"), finding("expiry", "warn", "sps")];
    assert.deepEqual(
      causesAmong(explain(findings)).map(({ id }) => id),
      ["sps", "slow", "expiry"],
    );
  });

  it("explains an unchecked condition by a warning, but not a failure", () => {
    const findings = [finding("slow", "warn"), finding("late", "not checked", "slow"), finding("bad", "fail", "slow")];
    assert.deepEqual(explained(...findings), ["slow", "late<slow", "bad"]);
  });

  it("leaves a condition that nobody could check unexplained and without a cause", () => {
    const findings = [finding("sps", "pass"), finding("rights", "not checked", "sps")];
    assert.deepEqual(explained(...findings), ["sps", "rights"]);
    assert.deepEqual(causesAmong(explain(findings)), []);
  });

  it("names every failure once, as a cause or below a cause, in any graph", () => {
    const statuses = fc.array(fc.constantFrom<Status>("pass", "warn", "fail", "not checked"), { maxLength: 30 });
    fc.assert(
      fc.property(statuses, fc.infiniteStream(fc.nat()), (given, numbers) => {
        const findings = given.map((status, index) => {
          const count = Number(numbers.next().value) % 3;
          const after = Array.from(
            { length: index === 0 ? 0 : count },
            () => `${Number(numbers.next().value) % index}`,
          );
          return finding(`${index}`, status, ...after);
        });
        const all = explain(findings);
        const causes = new Set(causesAmong(all).map(({ id }) => id));
        for (const { id, outcome, because } of all) {
          if (outcome.status === "fail") assert.ok(causes.has(id) || because !== undefined, id);
          if (because !== undefined) assert.ok(causes.has(because), `${id} because of ${because}`);
        }
        assert.equal(
          causes.size > 0,
          given.some((status) => status === "fail" || status === "warn"),
        );
      }),
    );
  });
});
