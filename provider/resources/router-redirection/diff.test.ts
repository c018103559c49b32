import assert from "node:assert/strict";
import { rulesOf } from "../../../tests/support/planned-rules";
import { operationContext } from "../../core/context";
import { UNKNOWN } from "../../core/unknown";
import { routerRedirection } from "./operations";
import { hostKey, program, redirection } from "./program.test";
import type { RouterRedirectionKnown, RouterRedirectionState } from "./schema";

describe("RouterRedirection: the diff", () => {
  async function known(parts: Record<string, unknown> = {}): Promise<RouterRedirectionKnown> {
    return routerRedirection.check(program(parts), operationContext()).inputs as unknown as RouterRedirectionKnown;
  }
  const paths = (...compared: Parameters<typeof routerRedirection.diff>) =>
    routerRedirection.diff(...compared).map(({ path }) => path);
  const state = (
    inputs: RouterRedirectionKnown,
    parts: Partial<RouterRedirectionState> = {},
  ): RouterRedirectionState => ({
    ...inputs,
    ownerId: "0123456789ab",
    rules: rulesOf(inputs),
    interfaces: [],
    linuxStatus: {
      backend: "iptables-nft",
      backendReason: "linux.backend is set to it",
      persistedBy: [],
      bypassed: [],
    },
    counters: [{ redirection: "rdp", selectedPackets: 7, divertedPackets: 70 }],
    ...parts,
  });

  it("finds no difference between a state and its own inputs, whatever the counters say", async () => {
    const inputs = await known();
    assert.deepEqual(paths("id", state(inputs), inputs), []);
  });

  it("names the properties that differ", async () => {
    const old = state(await known());
    const router = { address: "10.0.0.1", password: "changed", hostKey };
    assert.deepEqual(paths("id", old, await known({ router })), ["router.password"]);
    const changed = await known({ redirections: [redirection({ ports: [22] })] });
    assert.deepEqual(paths("id", old, changed), ["redirections[0].ports[1]", "rules[4]"]);
  });

  it("shows a rule that is missing on the router and an unfinished update", async () => {
    const inputs = await known();
    const drifted = state(inputs, { rules: rulesOf(inputs).slice(0, -1) });
    assert.deepEqual(paths("id", drifted, inputs), ["rules[6]"]);
    const unfinished = state(inputs, {
      unfinished: { platform: "linux", redirections: inputs.redirections, linux: inputs.linux },
    });
    assert.deepEqual(paths("id", unfinished, inputs), ["unfinished"]);
  });

  it("shows an unknown input as a change", async () => {
    const inputs = await known();
    const { inputs: unknown } = routerRedirection.check(program({ redirections: UNKNOWN }), operationContext());
    const changes = paths("id", state(inputs), unknown as unknown as RouterRedirectionKnown);
    assert.deepEqual(changes, ["redirections", "rules"]);
  });
});
