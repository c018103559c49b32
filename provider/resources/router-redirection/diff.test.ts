import assert from "node:assert/strict";
import { rulesOf } from "../../../tests/support/planned-rules";
import { UNKNOWN } from "../../core/unknown";
import { check } from "./check";
import { diff } from "./diff";
import { hostKey, program, redirection } from "./program.test";
import type { RouterRedirectionKnown, RouterRedirectionState } from "./schema";

describe("RouterRedirection: diff", () => {
  async function known(parts: Record<string, unknown> = {}): Promise<RouterRedirectionKnown> {
    return check(program(parts)).inputs as unknown as RouterRedirectionKnown;
  }
  const paths = (...compared: Parameters<typeof diff>) => diff(...compared).map(({ path }) => path);
  const state = (
    inputs: RouterRedirectionKnown,
    parts: Partial<RouterRedirectionState> = {},
  ): RouterRedirectionState => ({
    ...inputs,
    rules: rulesOf(inputs),
    backend: "iptables-nft",
    backendReason: "linux.backend asks for it",
    interfaces: [],
    persistedBy: [],
    bypassed: [],
    counters: [{ redirection: "rdp", selectedPackets: 7, divertedPackets: 70 }],
    ...parts,
  });

  it("finds nothing between a state and the inputs it was made from, whatever was counted", async () => {
    const inputs = await known();
    assert.deepEqual(paths("id", state(inputs), inputs), []);
  });

  it("finds nothing for a state of before restarts, a silent SPS and clients' connections were thought of", async () => {
    const inputs = await known();
    const { persist, persistedBy, bypass, watchdog, bypassed, ...before } = state(inputs);
    assert.deepEqual([persist, persistedBy, bypass, bypassed], [false, [], "never", []]);
    assert.deepEqual(watchdog, { intervalSeconds: 5, missedProbes: 3 });
    const { traffic, ...probe } = inputs.probe;
    assert.equal(traffic, "whenPossible");
    const olds = { ...before, probe } as RouterRedirectionState;
    assert.deepEqual(paths("id", olds, inputs), []);
    assert.deepEqual(paths("id", olds, await known({ persist: true })), [
      "persist",
      `rules[${rulesOf(inputs).length}]`,
    ]);
    const required = await known({ probe: { traffic: "required" } });
    assert.deepEqual(paths("id", olds, required), ["probe.traffic"]);
  });

  it("names what differs", async () => {
    const old = state(await known());
    const router = { address: "10.0.0.1", password: "changed", hostKey };
    assert.deepEqual(paths("id", old, await known({ router })), ["router.password"]);
    const changed = await known({ redirections: [redirection({ ports: [22] })] });
    assert.deepEqual(paths("id", old, changed), ["redirections[0].ports[1]", "rules[4]"]);
  });

  it("sees a rule that is missing on the router, and an update that did not finish", async () => {
    const inputs = await known();
    const drifted = state(inputs, { rules: rulesOf(inputs).slice(0, -1) });
    assert.deepEqual(paths("id", drifted, inputs), ["rules[6]"]);
    const unfinished = state(inputs, { unfinished: { redirections: inputs.redirections, linux: inputs.linux } });
    assert.deepEqual(paths("id", unfinished, inputs), ["unfinished"]);
  });

  it("takes something unknown for a change", async () => {
    const inputs = await known();
    const { inputs: unknown } = check(program({ redirections: UNKNOWN }));
    const changes = paths("id", state(inputs), unknown as unknown as RouterRedirectionKnown);
    assert.deepEqual(changes, ["redirections", "rules"]);
  });
});
