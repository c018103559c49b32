import assert from "node:assert/strict";
import { operationContext } from "../../core/context";
import { UNKNOWN } from "../../core/unknown";
import { check } from "./check";
import { diff } from "./diff";
import { hostKey, program, redirection } from "./program.test";
import type { RouterRedirectionKnown, RouterRedirectionState } from "./schema";

describe("RouterRedirection: diff", () => {
  async function known(parts: Record<string, unknown> = {}): Promise<RouterRedirectionKnown> {
    return (await check({}, program(parts), operationContext())).inputs as unknown as RouterRedirectionKnown;
  }
  const state = (
    inputs: RouterRedirectionKnown,
    parts: Partial<RouterRedirectionState> = {},
  ): RouterRedirectionState => ({
    ...inputs,
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
    assert.deepEqual(await diff("id", state(inputs), inputs), { changes: false, paths: [] });
  });

  it("finds nothing for a state of before restarts, a silent SPS and clients' connections were thought of", async () => {
    const inputs = await known();
    const { persist, persistedBy, bypass, watchdog, bypassed, ...before } = state(inputs);
    assert.deepEqual([persist, persistedBy, bypass, bypassed], [false, [], "never", []]);
    assert.deepEqual(watchdog, { intervalSeconds: 5, missedProbes: 3 });
    const { traffic, ...probe } = inputs.probe;
    assert.equal(traffic, "whenPossible");
    const olds = { ...before, probe } as RouterRedirectionState;
    assert.deepEqual(await diff("id", olds, inputs), { changes: false, paths: [] });
    const { paths } = await diff("id", olds, await known({ persist: true }));
    assert.deepEqual(paths, ["persist", `rules[${inputs.rules.length}]`]);
    const required = await known({ probe: { traffic: "required" } });
    assert.deepEqual((await diff("id", olds, required)).paths, ["probe.traffic"]);
  });

  it("names what differs", async () => {
    const old = state(await known());
    const router = { address: "10.0.0.1", password: "changed", hostKey };
    assert.deepEqual(await diff("id", old, await known({ router })), { changes: true, paths: ["router.password"] });
    const changed = await known({ redirections: [redirection({ ports: [22] })] });
    assert.deepEqual((await diff("id", old, changed)).paths, ["redirections[0].ports[1]", "rules[4]"]);
  });

  it("sees a rule that is missing on the router, and an update that did not finish", async () => {
    const inputs = await known();
    const drifted = state(inputs, { rules: inputs.rules.slice(0, -1) });
    assert.deepEqual(await diff("id", drifted, inputs), { changes: true, paths: ["rules[6]"] });
    const unfinished = state(inputs, { unfinished: { redirections: inputs.redirections, linux: inputs.linux } });
    assert.deepEqual(await diff("id", unfinished, inputs), { changes: true, paths: ["unfinished"] });
  });

  it("takes something unknown for a change", async () => {
    const inputs = await known();
    const { inputs: unknown } = await check({}, program({ redirections: UNKNOWN }), operationContext());
    const result = await diff("id", state(inputs), unknown as unknown as RouterRedirectionKnown);
    assert.deepEqual(result, { changes: true, paths: ["redirections", "rules"] });
  });
});
