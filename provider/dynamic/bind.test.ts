import assert from "node:assert/strict";
import { runtime } from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, it } from "mocha";
import { z } from "zod";
import { RecordingLog } from "../../tests/support/recording-log";
import { type Log, silentLog } from "../core/context";
import { PartialFailure } from "../core/errors";
import { secret, someText } from "../core/fields";
import { UNKNOWN } from "../core/unknown";
import type { Operations } from "../resources/operations";
import { type Bound, bindToEngine } from "./bind";
import { EngineProcess } from "./engine-process";

interface Given {
  address: unknown;
  password?: unknown;
}
interface Kept extends Given {
  nodes?: unknown;
}

const TEXT = "exports.handler = stub";
const inputs = z.strictObject({ address: someText("Address."), password: secret(someText("Password.")).optional() });

/** A resource that keeps what it was called with and answers with what a test wants. */
function bound(
  answers: Partial<Operations<Given, Kept>> = {},
  log: Log = silentLog,
): { calls: unknown[][]; provider: Bound } {
  const calls: unknown[][] = [];
  const keep =
    <Answer>(name: string, answer: Answer) =>
    async (...given: unknown[]): Promise<Answer> => {
      calls.push([name, ...given.filter((value) => !isContext(value))]);
      return answer;
    };
  const operations: Operations<Given, Kept> = {
    check: (news) => ({ inputs: news, failures: [], notes: [] }),
    diff: () => [],
    preview: keep("preview", { outputs: {}, failures: [], notes: [] }),
    create: keep("create", { id: "a", state: { address: "a" } }),
    read: keep("read", { id: "a", state: { address: "a" }, inputs: { address: "a" } }),
    update: keep("update", { state: { address: "a" } }),
    delete: keep("delete", undefined),
    ...answers,
  };
  const engine = new EngineProcess(Object.assign(log, { settled: async () => undefined }));
  return {
    calls,
    provider: bindToEngine({ operations, inputs, outputs: z.object({}), previewedOutputs: ["steps"] }, engine),
  };
}

const isContext = (value: unknown) => value !== null && typeof value === "object" && "signal" in value;

/** The error that a call ends with, with the members the engine's provider process looks at. */
async function failureOf(call: Promise<unknown>) {
  return call.then(
    () => assert.fail("it did not fail"),
    (error: Error & { id?: unknown; properties?: unknown; reasons?: unknown }) => error,
  );
}

describe("core resource bound to Pulumi's dynamic provider", () => {
  const signals = ["SIGINT", "SIGTERM"] as const;
  let listeners: Map<string, NodeJS.SignalsListener[]>;
  // The bound resource listens for the end of its process, and this process is not one of the engine's.
  beforeEach(() => {
    listeners = new Map(signals.map((signal) => [signal, process.listeners(signal)]));
  });
  afterEach(() => {
    for (const signal of signals) {
      for (const listener of process.listeners(signal)) {
        if (!listeners.get(signal)?.includes(listener)) process.removeListener(signal, listener);
      }
    }
  });

  describe("a resource whose URN the class passes on", () => {
    const urn = "urn:pulumi:prod::corp::safeguard:index:Site$pulumi-nodejs:dynamic/safeguard:SppJoin::alpha::join";
    const known = { address: "a", __provider: TEXT, __urn: urn };
    const renamed = { ...known, __urn: `${urn}-2` };

    it("begins every line, failure and error with the name of the resource", async () => {
      const log = new RecordingLog();
      const failures = [{ path: "address", reason: "Invalid value." }];
      const { provider } = bound(
        {
          check: (news) => ({ inputs: news, failures, notes: [{ severity: "warning", text: "one\ntwo" }] }),
          delete: async (_id, _state, { resource }) => {
            throw new Error(`refused for ${resource?.urn}`);
          },
        },
        log,
      );
      const result = await provider.check({}, known);
      const problems = ["alpha::join: Invalid value."];
      assert.deepEqual(result, { inputs: { address: "a", __urn: urn, __problems: problems }, failures: [] });
      assert.deepEqual(await provider.diff("a", known, result.inputs), { changes: true, replaces: [] });
      for (const call of [provider.create(result.inputs), provider.update("a", known, result.inputs)]) {
        assert.equal((await failureOf(call)).message, problems[0]);
      }
      assert.deepEqual(log.of("warn"), ["alpha::join: one\nalpha::join: two"]);
      const error = await failureOf(provider.delete("a", known));
      assert.equal(error.message, `alpha::join: refused for ${urn}`);
    });

    it("keeps the URN in inputs and states and hides it from the core", async () => {
      const { calls, provider } = bound();
      assert.deepEqual((await provider.check({}, known)).inputs, { address: "a", __urn: urn });
      assert.deepEqual((await provider.create(known)).outs, known);
      assert.deepEqual((await provider.read("a", known)).props, known);
      assert.deepEqual((await provider.update("a", known, known)).outs, known);
      assert.deepEqual(new Set(calls.flat().filter((value) => typeof value === "object")).size > 0, true);
      assert.equal(JSON.stringify(calls).includes("urn:pulumi"), false);
    });

    it("records another URN without an operation, but finishes what a failure left", async () => {
      const { calls, provider } = bound();
      assert.deepEqual(await provider.diff("a", known, renamed), { changes: true, replaces: [] });
      assert.deepEqual(await provider.diff("a", known, known), { changes: false, replaces: [] });
      assert.deepEqual((await provider.update("a", known, renamed)).outs, renamed);
      assert.deepEqual(calls, []);
      assert.deepEqual((await provider.update("a", { ...known, __unfinished: true }, renamed)).outs, renamed);
      assert.deepEqual(calls, [["update", "a", { address: "a" }, { address: "a" }]]);
    });
  });

  describe("check", () => {
    it("translates unknowns, hides provider text, and gives the core previewed outputs apart from inputs", async () => {
      const { calls, provider } = bound({
        check: (news) => {
          calls.push(["check", news]);
          return { inputs: news, failures: [], notes: [] };
        },
        preview: async (...given) => {
          calls.push(["preview", ...given.slice(0, 2)]);
          return { outputs: { steps: UNKNOWN }, failures: [], notes: [] };
        },
      });
      const news = { address: runtime.unknownValue, steps: ["before"], __provider: TEXT };
      const result = await provider.check({ __provider: TEXT, address: "old", steps: ["before"] }, news);
      assert.deepEqual(calls, [
        ["check", { address: UNKNOWN }],
        [
          "preview",
          { inputs: { address: "old" }, previewed: { steps: ["before"] }, isRenamed: false },
          { address: UNKNOWN },
        ],
      ]);
      assert.deepEqual(result, {
        inputs: { address: runtime.unknownValue, steps: runtime.unknownValue },
        failures: [],
      });
    });

    it("previews a new resource without a recorded state", async () => {
      const { calls, provider } = bound();
      await provider.check({}, { address: "a" });
      assert.deepEqual(calls, [["preview", undefined, { address: "a" }]]);
    });

    it("does not preview inputs that check refuses", async () => {
      const failures = [{ path: "address", reason: "Invalid value for address." }];
      const { calls, provider } = bound({ check: (inputs) => ({ inputs, failures, notes: [] }) });
      const result = await provider.check({}, { address: "a" });
      assert.deepEqual([calls, result.failures], [[], [{ property: "", reason: "Invalid value for address." }]]);
    });

    it("names no property in a failure, so that the engine cannot print its value", async () => {
      const failures = [
        { path: "spp.password", reason: "Invalid value for spp.password. Allowed values are: a secret text." },
        { path: "acknowledge", reason: "acknowledge: name both appliances" },
      ];
      for (const part of [
        { check: (inputs: Record<string, unknown>) => ({ inputs, failures, notes: [] }) },
        { preview: async () => ({ outputs: {}, failures, notes: [] }) },
      ]) {
        const result = await bound(part).provider.check({}, { address: "a" });
        assert.deepEqual(
          result.failures,
          failures.map(({ reason }) => ({ property: "", reason })),
        );
      }
    });

    it("logs the notes of check and preview with their severities", async () => {
      const log = new RecordingLog();
      const { provider } = bound(
        {
          check: (inputs) => ({ inputs, failures: [], notes: [{ severity: "warning", text: "unverified" }] }),
          preview: async () => ({ outputs: {}, failures: [], notes: [{ severity: "info", text: "re-join" }] }),
        },
        log,
      );
      await provider.check({}, { address: "a" });
      assert.deepEqual([log.of("warn"), log.of("info")], [["unverified"], ["re-join"]]);
    });
  });

  describe("configure", () => {
    const configured = (values: Record<string, string>) => {
      const seen: unknown[] = [];
      const { provider } = bound({
        check: (inputs, { settings }) => {
          seen.push(settings);
          return { inputs, failures: [], notes: [] };
        },
      });
      provider.configure({ config: { get: (key) => values[key] } });
      return { provider, seen };
    };

    it("passes the stack settings to every operation", async () => {
      const { provider, seen } = configured({ "safeguard:stepSeconds": "7", "other:stepSeconds": "9" });
      await provider.check({}, { address: "a" });
      assert.deepEqual(seen, [{ stepSeconds: 7 }]);
    });

    it("fails the next operation with name and allowed values of an invalid setting", async () => {
      const { provider, seen } = configured({ "safeguard:preflight": "on" });
      const error = await failureOf(provider.check({}, { address: "a" }));
      const allowed = "Allowed values are: enforce, report, off.";
      assert.equal(error.message, `Invalid value for safeguard:preflight: on. ${allowed}`);
      assert.deepEqual(seen, []);
    });
  });

  describe("diff", () => {
    const change = { path: "address", kind: "update", replaces: false } as const;

    it("ignores provider text and previewed outputs in a diff and asks for no replacement", async () => {
      const { calls, provider } = bound({
        diff: (...given) => {
          calls.push(["diff", ...given]);
          return [change];
        },
      });
      const olds = { address: "a", steps: ["read"], __provider: TEXT };
      const result = await provider.diff("id", olds, { address: "b", steps: ["planned"], __provider: "new" });
      assert.deepEqual(calls[0], ["diff", "id", { address: "a", steps: ["read"] }, { address: "b" }]);
      assert.deepEqual(result, { changes: true, replaces: [] });
    });

    it("previews a change again with the recorded state, but not an unchanged resource", async () => {
      for (const changes of [[change], []]) {
        const { calls, provider } = bound({ diff: () => changes });
        await provider.diff("id", { address: "a", __provider: TEXT }, { address: "b" });
        const state = { address: "a" };
        const previewed = ["preview", { inputs: state, state, isRepeated: true }, { address: "b" }];
        assert.deepEqual(calls, changes.length > 0 ? [previewed] : []);
      }
    });

    it("names the properties that force a replacement", async () => {
      const { provider } = bound({ diff: () => [change, { ...change, path: "platform", replaces: true }] });
      assert.deepEqual(await provider.diff("id", { address: "a" }, { address: "b" }), {
        changes: true,
        replaces: ["platform"],
      });
    });

    it("fails with all failures of the preview on one line", async () => {
      const failures = [
        { path: "", reason: "first" },
        { path: "", reason: "second" },
      ];
      const { provider } = bound({
        diff: () => [change],
        preview: async () => ({ outputs: {}, failures, notes: [] }),
      });
      const error = await failureOf(provider.diff("id", { address: "a" }, { address: "b" }));
      assert.equal(error.message, "first; second");
    });
  });

  it("records the provider text with every state", async () => {
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

  it("returns an empty read result for a deleted resource", async () => {
    const { provider } = bound({ read: async () => undefined });
    assert.deepEqual(await provider.read("id", { address: "a", __provider: TEXT }), {});
  });

  it("omits undefined members from the recorded state", async () => {
    const state = { address: "a", password: undefined, nodes: [{ lastSeen: undefined }] };
    const { provider } = bound({ create: async () => ({ id: "a", state }) });
    const { outs } = await provider.create({ address: "a", __provider: TEXT });
    assert.equal(JSON.stringify(outs), `{"address":"a","nodes":[{}],"__provider":"${TEXT}"}`);
    assert.equal(Object.hasOwn(outs as object, "password"), false);
  });

  describe("failures", () => {
    const thrown = new Error("sps 10.0.0.1: log in: user admin was refused;\n  correct it [SG1013]");
    const line = "sps 10.0.0.1: log in: user admin was refused; correct it [SG1013]";
    const throwIt = () => {
      throw thrown;
    };
    const fail = async () => throwIt();
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
      it(`reports a failed ${name} as one line that the process does not print besides`, async () => {
        const { provider } = bound({ [name]: name === "check" || name === "diff" ? throwIt : fail });
        const error = await failureOf(call(provider));
        assert.equal(error.message, line);
        const { write } = process.stderr;
        console.error(`${error}: ${error.stack}`);
        assert.notEqual(process.stderr.write, write, "the process prints nothing");
        await Promise.resolve();
        assert.equal(process.stderr.write, write);
        assert.equal("id" in error, false);
      });
    }

    it("shows what a terminal would obey as escapes in errors and failures", async () => {
      const hostile = "user \u001b]0;x\u0007\u202enimda was refused";
      const shown = "user \\u001b]0;x\\u0007\\u202enimda was refused";
      const fails = async () => {
        throw new Error(hostile);
      };
      assert.equal((await failureOf(bound({ create: fails }).provider.create(given))).message, shown);
      const failures = [{ path: "", reason: hostile }];
      const { provider } = bound({ check: (inputs) => ({ inputs, failures, notes: [] }) });
      assert.deepEqual((await provider.check({}, given)).failures, [{ property: "", reason: shown }]);
    });

    it("reports a value that cannot be recorded on one line", async () => {
      const { provider } = bound({ create: async () => ({ id: "a", state: { address: new Date(0) } }) });
      const error = await failureOf(provider.create(given));
      assert.equal(error.message, "state.address cannot be recorded: it is no plain JSON (object)");
      assert.equal(error.stack, error.message);
    });

    it("wraps a thrown value that is not an Error", async () => {
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
    const recorded = { address: "a", password, __provider: TEXT, __unfinished: true };

    it("reports a partial create with id, state, provider text and reasons", async () => {
      const error = await failureOf(bound({ create: partial }).provider.create(given));
      assert.equal(error.message, "the first reason");
      assert.equal(error.stack, "the first reason");
      assert.equal(error.id, "10.0.0.1");
      assert.deepEqual(error.properties, recorded);
      assert.deepEqual(error.reasons, ["the first reason. Done: promoted"]);
    });

    it("records the new provider text after a partial update", async () => {
      const olds = { address: "a", __provider: "old text" };
      const error = await failureOf(bound({ update: partial }).provider.update("10.0.0.1", olds, given));
      assert.equal(error.id, "10.0.0.1");
      assert.deepEqual(error.properties, recorded);
    });

    it("keeps the recorded provider text when a partial update brings none", async () => {
      const olds = { address: "a", __provider: TEXT };
      const error = await failureOf(bound({ update: partial }).provider.update("10.0.0.1", olds, { address: "a" }));
      assert.deepEqual(error.properties, recorded);
    });
  });
});
