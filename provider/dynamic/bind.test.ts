import assert from "node:assert/strict";
import { runtime } from "@pulumi/pulumi";
import { after, before, describe, it } from "mocha";
import { PartialFailure } from "../core/errors";
import { UNKNOWN } from "../core/unknown";
import type { Operations } from "../resources/operations";
import { type Bound, bindToEngine } from "./bind";

interface Given {
  address: unknown;
  password?: unknown;
}
interface Kept extends Given {
  nodes?: unknown;
}

const TEXT = "exports.handler = stub";

/** A resource that keeps what it was called with and answers with what a test wants. */
function bound(answers: Partial<Operations<Given, Kept>> = {}): { calls: unknown[][]; provider: Bound } {
  const calls: unknown[][] = [];
  const keep =
    <Answer>(name: string, answer: Answer) =>
    async (...given: unknown[]): Promise<Answer> => {
      calls.push([name, ...given.filter((value) => !isContext(value))]);
      return answer;
    };
  const operations: Operations<Given, Kept> = {
    check: keep("check", { inputs: { address: "a" }, failures: [] }),
    diff: keep("diff", { changes: false, paths: [] }),
    create: keep("create", { id: "a", state: { address: "a" } }),
    read: keep("read", { id: "a", state: { address: "a" }, inputs: { address: "a" } }),
    update: keep("update", { state: { address: "a" } }),
    delete: keep("delete", undefined),
    ...answers,
  };
  return { calls, provider: bindToEngine(operations) };
}

const isContext = (value: unknown) => value !== null && typeof value === "object" && "signal" in value;

/** The error that a call ends with, with the members the engine's provider process looks at. */
async function failureOf(call: Promise<unknown>) {
  return call.then(
    () => assert.fail("it did not fail"),
    (error: Error & { id?: unknown; properties?: unknown; reasons?: unknown }) => error,
  );
}

describe("a resource of the core behind the calls of Pulumi's dynamic provider", () => {
  const signals = ["SIGINT", "SIGTERM"] as const;
  let listeners: Map<string, NodeJS.SignalsListener[]>;
  // The bound resource listens for the end of its process, and this process is not one of the engine's.
  before(() => {
    listeners = new Map(signals.map((signal) => [signal, process.listeners(signal)]));
  });
  after(() => {
    for (const signal of signals) {
      for (const listener of process.listeners(signal)) {
        if (!listeners.get(signal)?.includes(listener)) process.removeListener(signal, listener);
      }
    }
  });

  describe("check", () => {
    it("hands on what is unknown, without the provider's text, and gives it back", async () => {
      const { calls, provider } = bound({
        check: async (olds, news) => {
          calls.push(["check", olds, news]);
          return { inputs: { ...news, steps: UNKNOWN }, failures: [] };
        },
      });
      const news = { address: runtime.unknownValue, __provider: TEXT };
      const result = await provider.check({ __provider: TEXT, address: "old" }, news);
      assert.deepEqual(calls, [["check", { address: "old" }, { address: UNKNOWN }]]);
      assert.deepEqual(result, {
        inputs: { address: runtime.unknownValue, steps: runtime.unknownValue },
        failures: [],
      });
    });

    it("names no property in a failure, because the engine would print its value", async () => {
      const failures = [
        { path: "spp.password", reason: "Invalid value for spp.password. Allowed values are: a secret text." },
        { path: "acknowledge", reason: "acknowledge: name both appliances" },
      ];
      const { provider } = bound({ check: async (_olds, news) => ({ inputs: news, failures }) });
      const result = await provider.check({}, { address: "a" });
      assert.deepEqual(
        result.failures,
        failures.map(({ reason }) => ({ property: "", reason })),
      );
    });
  });

  it("compares without the provider's text, and never asks for a replacement", async () => {
    const { calls, provider } = bound({
      diff: async (...given) => {
        calls.push(["diff", ...given]);
        return { changes: true, paths: ["address"] };
      },
    });
    const result = await provider.diff("id", { address: "a", __provider: TEXT }, { address: "b", __provider: "new" });
    assert.deepEqual(calls, [["diff", "id", { address: "a" }, { address: "b" }]]);
    assert.deepEqual(result, { changes: true, replaces: [] });
  });

  it("lets what stands in the way of an update be told, and asks about nothing where there is no difference", async () => {
    for (const changes of [true, false]) {
      const told: unknown[] = [];
      const { provider } = bound({
        diff: async () => ({ changes, paths: [] }),
        foresee: async (id, olds, news) => {
          told.push([id, olds, news]);
        },
      });
      await provider.diff("id", { address: "a", __provider: TEXT }, { address: "b" });
      assert.deepEqual(told, changes ? [["id", { address: "a" }, { address: "b" }]] : []);
    }
  });

  it("records every state together with the provider's text", async () => {
    const { calls, provider } = bound();
    const olds = { address: "old", __provider: "old text" };
    const news = { address: "new", __provider: TEXT };
    const kept = { address: "a", __provider: TEXT };
    assert.deepEqual(await provider.create(news), { id: "a", outs: kept });
    assert.deepEqual(await provider.read("id", news), { id: "a", props: kept, inputs: kept });
    assert.deepEqual(await provider.update("id", olds, news), { outs: kept });
    await provider.delete("id", news);
    assert.deepEqual(calls, [
      ["create", { address: "new" }],
      ["read", "id", { address: "new" }],
      ["update", "id", { address: "old" }, { address: "new" }],
      ["delete", "id", { address: "new" }],
    ]);
  });

  it("answers with nothing for what is gone", async () => {
    const { provider } = bound({ read: async () => undefined });
    assert.deepEqual(await provider.read("id", { address: "a", __provider: TEXT }), {});
  });

  it("leaves undefined members out of what is recorded", async () => {
    const state = { address: "a", password: undefined, nodes: [{ lastSeen: undefined }] };
    const { provider } = bound({ create: async () => ({ id: "a", state }) });
    const { outs } = await provider.create({ address: "a", __provider: TEXT });
    assert.equal(JSON.stringify(outs), `{"address":"a","nodes":[{}],"__provider":"${TEXT}"}`);
    assert.equal(Object.hasOwn(outs as object, "password"), false);
  });

  describe("failures", () => {
    const thrown = new Error("sps 10.0.0.1: log in: user admin was refused;\n  correct it [SG1013]");
    const line = "sps 10.0.0.1: log in: user admin was refused; correct it [SG1013]";
    const fail = async () => {
      throw thrown;
    };
    const given = { address: "a", __provider: TEXT };
    const calls: [string, (provider: Bound) => Promise<unknown>][] = [
      ["check", (provider) => provider.check({}, given)],
      ["diff", (provider) => provider.diff("id", given, given)],
      ["create", (provider) => provider.create(given)],
      ["read", (provider) => provider.read("id", given)],
      ["update", (provider) => provider.update("id", given, given)],
      ["delete", (provider) => provider.delete("id", given)],
    ];
    for (const [name, call] of calls) {
      it(`ends ${name} with one line, and the process writes it once`, async () => {
        const { provider } = bound({ [name]: fail });
        const error = await failureOf(call(provider));
        assert.equal(error.message, line);
        assert.equal(`${error}: ${error.stack}`, `error: ${line}`);
        assert.equal("id" in error, false);
      });
    }

    it("says in one line what cannot be recorded", async () => {
      const { provider } = bound({ create: async () => ({ id: "a", state: { address: new Date(0) } }) });
      const error = await failureOf(provider.create(given));
      assert.equal(error.message, "state.address cannot be recorded: it is no plain JSON (object)");
      assert.equal(error.stack, error.message);
    });

    it("turns what is not an error into one", async () => {
      const { provider } = bound({
        create: async () => {
          throw "no error object";
        },
      });
      const error = await failureOf(provider.create(given));
      assert.ok(error instanceof Error);
      assert.equal(error.message, "no error object");
    });

    const state = { address: "a", nodes: undefined, password: "hunter2" };
    const partial = async () => {
      throw new PartialFailure("10.0.0.1", state, ["the first reason", "done: promoted"]);
    };
    const password = { [runtime.specialSigKey]: runtime.specialSecretSig, value: "hunter2" };
    const recorded = { address: "a", password, __provider: TEXT };

    it("gives a partial failure of create its id, its state with the provider's text, and its reasons", async () => {
      const error = await failureOf(bound({ create: partial }).provider.create(given));
      assert.equal(error.message, "the first reason");
      assert.equal(error.stack, "the first reason");
      assert.equal(error.id, "10.0.0.1");
      assert.deepEqual(error.properties, recorded);
      assert.deepEqual(error.reasons, ["the first reason", "done: promoted"]);
    });

    it("gives a partial failure of update the new text of the provider", async () => {
      const olds = { address: "a", __provider: "old text" };
      const error = await failureOf(bound({ update: partial }).provider.update("10.0.0.1", olds, given));
      assert.equal(error.id, "10.0.0.1");
      assert.deepEqual(error.properties, recorded);
    });

    it("keeps the old text where an update comes without one", async () => {
      const olds = { address: "a", __provider: TEXT };
      const error = await failureOf(bound({ update: partial }).provider.update("10.0.0.1", olds, { address: "a" }));
      assert.deepEqual(error.properties, recorded);
    });
  });
});
