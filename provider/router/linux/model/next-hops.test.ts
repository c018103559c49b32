import assert from "node:assert/strict";
import { UNKNOWN } from "../../../core/unknown";
import type { CheckedRedirection, Redirection } from "../../redirection";
import { AUTO, sample } from "../simulated/planning-bench.test";
import { nextHopProblems, nextHopsOf } from "./next-hops";
import type { LinuxOptions } from "./options";

describe("the next hops to several SPS on one router", () => {
  const problemOf = (options: LinuxOptions, ...parts: Partial<Redirection>[]) => {
    const list = parts.map((part, index) => ({ ...sample(), name: `r${index}`, ports: [index + 1], ...part }));
    const problems = nextHopProblems(list, options);
    return problems.map(({ path, reason }) => (reason.startsWith(`${path}: `) ? path : reason));
  };

  it("lists each SPS once, in the order of the packet marks", () => {
    const list = [
      sample(),
      { ...sample(), name: "ssh", ports: [22] },
      { ...sample(), name: "x", spsAddress: "172.16.9.1" },
    ];
    assert.deepEqual(
      nextHopsOf(list, AUTO).map((hop) => [hop.mark, hop.table, hop.priority]),
      [
        [1, 10301, 10301],
        [2, 10302, 10302],
      ],
    );
  });

  it("accepts any number of SPS whose last address bytes differ", () => {
    assert.deepEqual(problemOf(AUTO, {}, { spsAddress: "172.16.9.3" }, {}), []);
  });

  it("requires an explicit mark when the last address byte is 0", () => {
    assert.deepEqual(problemOf(AUTO, { spsAddress: "172.16.10.0" }), ["redirections[0].spsAddress"]);
    assert.deepEqual(problemOf({ backend: "auto", mark: 4 }, { spsAddress: "172.16.10.0" }), []);
  });

  it("refuses two SPS with one mark, whether derived from the address or set", () => {
    const twins = [{}, { spsAddress: "172.16.10.2", spsInterface: "s1" }];
    assert.deepEqual(problemOf(AUTO, ...twins), ["redirections[1].spsAddress"]);
    const set = [{}, { spsAddress: "172.16.9.3" }];
    assert.deepEqual(problemOf({ backend: "auto", mark: 4 }, ...set), ["redirections[1].spsAddress"]);
  });

  it("refuses two SPS in one routing table or with one rule priority", () => {
    const set = [{}, { spsAddress: "172.16.9.3" }];
    assert.deepEqual(problemOf({ backend: "auto", table: 500 }, ...set), ["redirections[1].spsAddress"]);
    assert.deepEqual(problemOf({ backend: "auto", priority: 500 }, ...set), ["redirections[1].spsAddress"]);
  });

  it("refuses one SPS on two interfaces or with two fail modes", () => {
    assert.deepEqual(problemOf(AUTO, {}, { spsInterface: "s1" }), ["redirections[1].spsInterface"]);
    assert.deepEqual(problemOf(AUTO, {}, { failMode: "open" }), ["redirections[1].failMode"]);
  });

  it("omits next hops with unknown inputs", () => {
    const unknown = { ...sample(), spsAddress: UNKNOWN } as CheckedRedirection;
    assert.deepEqual(nextHopProblems([UNKNOWN, unknown, sample()], AUTO), []);
  });
});
