import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, it } from "mocha";
import { parseTrials, trialText } from "./path-trials";

const TARGETS = [{ address: "172.16.9.2", ports: [22, 3389] }];

describe("trials of paths from a Linux router", () => {
  it("reads ports, the packet size and the route", () => {
    const stdout = [
      "@@trial 0 tcp 3389: open ",
      "@@trial 0 tcp 22: refused ",
      "@@trial 0 packets: lost 1400 ",
      "@@trial 0 hops: 10.0.9.1 * 172.16.9.2 ",
    ];
    assert.deepEqual(parseTrials(stdout.join("\n"), TARGETS), [
      {
        address: "172.16.9.2",
        tcp: [
          { port: 22, result: "refused", why: "the router did not answer" },
          { port: 3389, result: "open", why: "the router did not answer" },
        ],
        packets: { bytes: 1400, larger: "lost" },
        hops: ["10.0.9.1", undefined, "172.16.9.2"],
      },
    ]);
  });

  it("says what a router without tools could not try", () => {
    const stdout = ["tcp 22", "tcp 3389", "packets", "hops"].map((what) => `@@trial 0 ${what}: no-tool `);
    const [trial] = parseTrials(stdout.join("\n"), TARGETS);
    assert.deepEqual(trial?.tcp[0]?.result, undefined);
    assert.match(trial?.tcp[0]?.why ?? "", /^the router has no tool that opens TCP connections$/);
    assert.match(String(trial?.packets), /^the router has neither a ping that forbids fragments nor perl$/);
    assert.equal(trial?.hops, trial?.packets);
  });

  it("takes a host that answers no ping for one whose packets were not measured", () => {
    const [trial] = parseTrials("@@trial 0 packets: lost 0 \n@@trial 0 hops: * * * ", TARGETS);
    assert.equal(trial?.packets, "it does not answer to ping");
    assert.deepEqual(trial?.hops, [undefined, undefined, undefined]);
  });

  it("is a script that a POSIX shell accepts", () => {
    execFileSync("sh", ["-n"], { input: trialText([{ address: "it's", ports: [22] }]) });
  });
});
