import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { CollectingEngine, type ReportedLine } from "./engine";
import type { Front, FrontProcess } from "./front";
import { type Properties, type Provider, ProviderError, sentencesOf } from "./provider";
import type { ResourceCase, TestBed } from "./resource-case";
import { skipTests } from "./skip";

/**
 * Tests the behaviour that every front owes every resource, over `pulumirpc`. Does not prove the engine's own part: marking
 * secrets in the state, and the order of resources.
 */
export function describeContract<Own extends TestBed>(front: Front, testCase: ResourceCase<Own>): void {
  describe(`${testCase.resource} through the ${front.name}`, function () {
    this.timeout(60_000);
    const { resource } = testCase;
    let engine: CollectingEngine;
    let process: FrontProcess;
    let provider: Provider;
    let testBed: Own;
    /** Every failure and error of the front so far. */
    const shownTexts: string[] = [];
    let checked: Properties;
    let id = "";
    let recorded: Properties;
    let initialSnapshot: unknown;

    before(async function () {
      const reason = await testCase.unavailable?.();
      if (reason !== undefined) skipTests(this, reason);
      engine = await CollectingEngine.start();
      process = await front.start(engine.address);
      provider = process.provider(front.type(resource));
      await provider.configure();
      testBed = await testCase.open(`contract-${resource.toLowerCase()}`);
    });
    after(async () => {
      provider?.close();
      await process?.end("SIGKILL");
      engine?.stop();
      await testBed?.close();
    });

    const encode = (properties: Properties) => front.encode(resource, properties);
    const decode = (properties: Properties) => front.decode(resource, properties);

    /** Checks inputs; without recorded ones as before the first create. */
    async function check(inputs: Properties, olds: Properties = {}) {
      const result = await provider.check(olds, encode(inputs));
      shownTexts.push(JSON.stringify(result.failures));
      return { failures: result.failures, inputs: decode(result.inputs) };
    }

    /** The checked inputs. @throws AssertionError when check refuses them */
    async function accepted(inputs: Properties, olds: Properties = {}): Promise<Properties> {
      const result = await check(inputs, olds);
      assert.deepEqual(result.failures, []);
      return result.inputs;
    }

    async function errorOf(call: Promise<unknown>): Promise<ProviderError> {
      const error = await call.then(
        () => assert.fail("the call succeeded"),
        (reason: unknown) => reason,
      );
      assert.ok(error instanceof ProviderError, String(error));
      shownTexts.push(error.message, ...(error.partial?.reasons ?? []));
      return error;
    }

    /** Runs work that must not change the appliances. */
    async function withoutChanges<T>(work: () => Promise<T>): Promise<T> {
      const snapshot = await testBed.snapshot();
      const result = await work();
      assert.deepEqual(await testBed.snapshot(), snapshot);
      return result;
    }

    /** Runs work that must not send a request to any appliance. */
    async function withoutRequests<T>(work: () => Promise<T>): Promise<T> {
      const requests = testBed.requests();
      const result = await withoutChanges(work);
      assert.equal(testBed.requests(), requests);
      return result;
    }

    it("accepts unknown inputs in a preview and computes the outputs that do not depend on them", () =>
      withoutRequests(async () => {
        for (const { title, inputs, checked: expected } of testCase.previews(testBed)) {
          assertIncludes(await accepted(inputs), expected, title);
        }
      }));

    it("refuses each bad input with its own message and names no property to the engine", () =>
      withoutRequests(async () => {
        for (const { title, inputs, reasons } of testCase.refusals(testBed)) {
          const { failures } = await check(inputs);
          assert.deepEqual(
            failures.map(({ property }) => property),
            reasons.map(() => ""),
            `${title}: ${JSON.stringify(failures)}`,
          );
          for (const [index, reason] of reasons.entries()) assertText(failures[index]?.reason ?? "", reason, title);
        }
      }));

    it("fills in defaults and planned outputs, and a second check gives the same result", () =>
      withoutRequests(async () => {
        checked = await accepted(testBed.inputs);
        assert.deepEqual(await accepted(testBed.inputs, encode(checked)), checked);
        assert.deepEqual(await accepted(checked, encode(checked)), checked);
      }));

    it("changes and records nothing when an appliance does not match the inputs", () =>
      withoutChanges(async () => {
        for (const { title, inputs, error: expected, arrange } of testCase.mismatches(testBed)) {
          const remove = arrange?.();
          const error = await errorOf(provider.create(encode(await accepted(inputs)))).finally(remove);
          assertText(error.message, expected, title);
          assert.equal(error.partial, undefined, title);
        }
      }));

    it("creates the resource, logs each phase and records inputs and outputs", async () => {
      initialSnapshot = await testBed.snapshot();
      const from = engine.lines.length;
      const created = await provider.create(encode(checked));
      id = created.id;
      recorded = decode(created.properties);
      assert.notEqual(id, "");
      assertIncludes(recorded, testCase.outputs(testBed), "outputs");
      assertIncludes(recorded, checked, "the recorded inputs");
      assertPhases(engine.lines.slice(from), testCase.phases);
    });

    it("reports no difference for unchanged inputs", () =>
      withoutRequests(async () => {
        const again = await accepted(testBed.inputs, encode(checked));
        const { changes, replaces } = await provider.diff(id, encode(recorded), encode(again));
        assert.deepEqual({ changes, replaces }, { changes: false, replaces: [] });
      }));

    it("creates the resource again without a change on the appliances", async () => {
      const again = await withoutChanges(() => provider.create(encode(checked)));
      assert.equal(again.id, id);
      // An engine creates again only what it has not recorded.
      recorded = decode(again.properties);
      assertIncludes(recorded, checked, "the recorded inputs");
    });

    it("previews a change without sending a request", () =>
      withoutRequests(async () => {
        const { inputs } = testCase.change(testBed);
        const news = await accepted(inputs, encode(checked));
        const { changes, replaces } = await provider.diff(id, encode(recorded), encode(news));
        assert.deepEqual({ changes, replaces }, { changes: true, replaces: [] });
        for (const { title, inputs: unknown, isUnchanged = false } of testCase.previews(testBed)) {
          const preview = await accepted(unknown, encode(checked));
          assert.equal((await provider.diff(id, encode(recorded), encode(preview))).changes, !isUnchanged, title);
        }
      }));

    it("reads the resource back without a difference", async () => {
      const found = await withoutChanges(() => provider.read(id, encode(recorded), encode(checked)));
      assert.equal(found.id, id);
      assert.deepEqual(decode(found.inputs), checked);
      assertIncludes(decode(found.properties), testCase.outputs(testBed), "outputs");
      assert.equal((await provider.diff(id, found.properties, encode(checked))).changes, false);
      recorded = decode(found.properties);
    });

    const { access, gone } = testCase;
    if (access)
      it("records changed credentials without sending a request", async () => {
        const news = await accepted(access(testBed), encode(checked));
        assert.equal((await provider.diff(id, encode(recorded), encode(news))).changes, true);
        const state = decode(await withoutRequests(() => provider.update(id, encode(recorded), encode(news))));
        assertIncludes(state, news, "the recorded inputs");
        assertIncludes(state, testCase.outputs(testBed), "outputs");
        assert.equal((await provider.diff(id, encode(state), encode(news))).changes, false);
      });

    it("updates the resource and reports no difference afterwards", async () => {
      const { inputs, outputs } = testCase.change(testBed);
      const news = await accepted(inputs, encode(checked));
      recorded = decode(await provider.update(id, encode(recorded), encode(news)));
      assertIncludes(recorded, { ...news, ...outputs }, "inputs and outputs");
      assert.equal((await provider.diff(id, encode(recorded), encode(news))).changes, false);
      checked = news;
    });

    if (gone)
      it("reads a resource that is definitely gone as deleted", async () => {
        const found = await provider.read(id, encode(await gone(testBed, recorded)), encode(checked));
        assert.equal(found.id, "");
      });

    it("undoes only reversible changes on delete and reports those that stay", async () => {
      if (testCase.deleteRefusal) {
        const error = await withoutRequests(() => errorOf(provider.delete(id, encode(recorded))));
        const refusal = testCase.deleteRefusal(testBed);
        assert.equal(error.message, refusal);
        assert.equal(process.output.includes(refusal), false, "the engine would show the refusal a second time");
      }
      if (testCase.deletableInputs) {
        const news = await accepted(testCase.deletableInputs(testBed), encode(checked));
        recorded = decode(await provider.update(id, encode(recorded), encode(news)));
      }
      const from = engine.lines.length;
      const remove = () => provider.delete(id, encode(recorded));
      if (!testCase.forgetWarning) {
        await remove();
        assert.deepEqual(await testBed.snapshot(), initialSnapshot, "changes are left after the delete");
        return;
      }
      await withoutRequests(remove);
      const warnings = engine.lines.slice(from).filter((line) => line.severity === "warning");
      assert.deepEqual(
        warnings.map((line) => line.message),
        [testCase.forgetWarning(testBed)],
      );
    });

    it("deletes an already deleted resource without an error", () =>
      withoutChanges(() => provider.delete(id, encode(recorded))));

    it("sends each changing request exactly as often as needed", () => {
      for (const [requests, actual, expected] of testCase.counts(testBed)) assert.equal(actual, expected, requests);
    });

    const { interruption } = testCase;
    if (interruption) {
      it(`resumes from a partial state when ${interruption.title}`, async () => {
        const own = await testCase.open(`contract-${resource.toLowerCase()}-half`);
        try {
          const inputs = await accepted(interruption.inputs(own));
          const endFault = interruption.arrange(own);
          const { partial } = await errorOf(provider.create(encode(inputs)));
          endFault();
          assert.ok(partial, "without a partial state the engine records no resource");
          assert.equal(partial.id, interruption.id(own));
          const wanted = interruption.reasons(own);
          const [failed = "", ...others] = sentencesOf(partial.reasons);
          const reasons = [failed, ...others.map((text) => text.replace(/^./, (first) => first.toLowerCase()))];
          assert.equal(reasons.length, wanted.length, partial.reasons.join("\n"));
          for (const [index, reason] of wanted.entries()) assertText(reasons[index] ?? "", reason, "a reason");
          const partialState = decode(partial.properties);
          assertIncludes(partialState, inputs, "the recorded inputs");

          const completeState = decode(await provider.update(partial.id, encode(partialState), encode(inputs)));
          assertIncludes(completeState, testCase.outputs(own), "outputs");
          for (const [requests, actual, expected] of interruption.counts(own)) assert.equal(actual, expected, requests);
          testBed.secrets.push(...own.secrets);
        } finally {
          await own.close();
        }
      });
    }

    it("shows no secret in log lines, failures or errors", () => {
      const lines = engine.lines.map((line) => line.message);
      const everything = [...shownTexts, ...lines, process.output].join("\n");
      assert.equal(testBed.secrets.length > 0, access !== undefined);
      for (const secret of testBed.secrets) assert.equal(everything.includes(secret), false, "a secret was shown");
    });
  });
}

/** Compares only the members that `expected` has. */
function assertIncludes(actual: Properties, expected: Properties, title: string): void {
  assert.deepEqual(included(actual, expected), expected, title);
}

/** The part of a value whose members also exist in another value. */
function included(actual: unknown, expected: unknown): unknown {
  if (Array.isArray(actual) && Array.isArray(expected)) {
    return actual.map((value, index) => (index < expected.length ? included(value, expected[index]) : value));
  }
  if (!isRecord(actual) || !isRecord(expected)) return actual;
  return Object.fromEntries(
    Object.keys(expected)
      .filter((key) => Object.hasOwn(actual, key))
      .map((key) => [key, included(actual[key], expected[key])]),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function assertText(actual: string, expected: string | RegExp, title: string): void {
  if (typeof expected === "string") assert.equal(actual, expected, title);
  else assert.match(actual, expected, title);
}

function assertPhases(lines: readonly ReportedLine[], phases: ResourceCase["phases"]): void {
  const shown = lines.filter((line) => line.severity === "info");
  let from = 0;
  for (const phase of phases) {
    const at = shown.findIndex(
      ({ message }, index) =>
        index >= from && (typeof phase === "string" ? message.includes(phase) : phase.test(message)),
    );
    assert.notEqual(
      at,
      -1,
      `no line "${phase}" in the expected order among:\n${shown.map((line) => line.message).join("\n")}`,
    );
    from = at + 1;
  }
}
