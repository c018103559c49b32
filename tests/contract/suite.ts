import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { CollectingEngine, type ReportedLine } from "./engine";
import type { Front, FrontProcess } from "./front";
import { leaveOut } from "./needs";
import { type Properties, type Provider, ProviderError } from "./provider";
import type { Stage, Subject } from "./subject";

/**
 * What every front has to do for every resource, over the wire of `pulumirpc`. It does not prove the engine's own part:
 * the marking of secrets in the state, the order of resources.
 */
export function describeContract<Own extends Stage>(front: Front, subject: Subject<Own>): void {
  describe(`${subject.resource} through the ${front.name}`, function () {
    this.timeout(60_000);
    const { resource } = subject;
    let engine: CollectingEngine;
    let process: FrontProcess;
    let provider: Provider;
    let stage: Own;
    /** Every text that a front has shown. */
    const shownTexts: string[] = [];
    let checked: Properties;
    let id = "";
    let recorded: Properties;
    let untouched: unknown;

    before(async function () {
      const reason = await subject.unavailable?.();
      if (reason !== undefined) leaveOut(this, reason);
      engine = await CollectingEngine.start();
      process = await front.start(engine.address);
      provider = process.provider(front.type(resource));
      await provider.configure();
      stage = await subject.open(`contract-${resource.toLowerCase()}`);
    });
    after(async () => {
      provider?.close();
      await process?.end("SIGKILL");
      engine?.stop();
      await stage?.close();
    });

    const dress = (properties: Properties) => front.dress(resource, properties);
    const undress = (properties: Properties) => front.undress(resource, properties);

    /** Checks inputs as at the first creation. */
    async function check(inputs: Properties, olds: Properties = {}) {
      const result = await provider.check(olds, dress(inputs));
      shownTexts.push(JSON.stringify(result.failures));
      return { failures: result.failures, inputs: undress(result.inputs) };
    }

    /** Right inputs after check. */
    async function accepted(inputs: Properties, olds: Properties = {}): Promise<Properties> {
      const result = await check(inputs, olds);
      assert.deepEqual(result.failures, []);
      return result.inputs;
    }

    async function errorOf(call: Promise<unknown>): Promise<ProviderError> {
      const error = await call.then(
        () => assert.fail("it was not refused"),
        (reason: unknown) => reason,
      );
      assert.ok(error instanceof ProviderError, String(error));
      shownTexts.push(error.message, ...(error.partial?.reasons ?? []));
      return error;
    }

    /** Runs something that must leave the appliances as they are. */
    async function withoutChanges<T>(work: () => Promise<T>): Promise<T> {
      const footprint = await stage.footprint();
      const result = await work();
      assert.deepEqual(await stage.footprint(), footprint);
      return result;
    }

    /** Runs work that must not send a request to any appliance. */
    async function withoutRequests<T>(work: () => Promise<T>): Promise<T> {
      const requests = stage.requests();
      const result = await withoutChanges(work);
      assert.equal(stage.requests(), requests);
      return result;
    }

    it("accepts unknown inputs in a preview and computes the outputs that do not depend on them", () =>
      withoutRequests(async () => {
        for (const { what, inputs, checked: expected } of subject.previews(stage)) {
          assertIncludes(await accepted(inputs), expected, what);
        }
      }));

    it("refuses each bad input with its own message and names no property to the engine", () =>
      withoutRequests(async () => {
        for (const { what, inputs, reasons } of subject.refusals(stage)) {
          const { failures } = await check(inputs);
          assert.deepEqual(
            failures.map(({ property }) => property),
            reasons.map(() => ""),
            `${what}: ${JSON.stringify(failures)}`,
          );
          for (const [index, reason] of reasons.entries()) assertText(failures[index]?.reason ?? "", reason, what);
        }
      }));

    it("fills in defaults and planned outputs, and a second check gives the same result", () =>
      withoutRequests(async () => {
        checked = await accepted(stage.inputs);
        assert.deepEqual(await accepted(stage.inputs, dress(checked)), checked);
        assert.deepEqual(await accepted(checked, dress(checked)), checked);
      }));

    it("changes and records nothing when an appliance does not match the inputs", () =>
      withoutChanges(async () => {
        for (const { what, inputs, error: expected, raise } of subject.obstacles(stage)) {
          const remove = raise?.();
          const error = await errorOf(provider.create(dress(await accepted(inputs)))).finally(remove);
          assertText(error.message, expected, what);
          assert.equal(error.partial, undefined, what);
        }
      }));

    it("creates the resource, logs each phase and records inputs and outputs", async () => {
      untouched = await stage.footprint();
      const from = engine.lines.length;
      const created = await provider.create(dress(checked));
      id = created.id;
      recorded = undress(created.properties);
      assert.notEqual(id, "");
      assertIncludes(recorded, subject.outputs(stage), "outputs");
      assertIncludes(recorded, checked, "the echo of the inputs");
      assertPhases(engine.lines.slice(from), subject.phases);
    });

    it("reports no difference for unchanged inputs", () =>
      withoutRequests(async () => {
        const again = await accepted(stage.inputs, dress(checked));
        const { changes, replaces } = await provider.diff(id, dress(recorded), dress(again));
        assert.deepEqual({ changes, replaces }, { changes: false, replaces: [] });
      }));

    it("creates the resource again without a change on the appliances", async () => {
      const again = await withoutChanges(() => provider.create(dress(checked)));
      assert.equal(again.id, id);
      assertIncludes(undress(again.properties), checked, "the echo of the inputs");
    });

    it("previews a change without sending a request", () =>
      withoutRequests(async () => {
        const { inputs } = subject.change(stage);
        const news = await accepted(inputs, dress(checked));
        const { changes, replaces } = await provider.diff(id, dress(recorded), dress(news));
        assert.deepEqual({ changes, replaces }, { changes: true, replaces: [] });
        for (const { what, inputs: unknown } of subject.previews(stage)) {
          const preview = await accepted(unknown, dress(checked));
          assert.equal((await provider.diff(id, dress(recorded), dress(preview))).changes, true, what);
        }
      }));

    it("reads the resource back without a difference", async () => {
      const found = await withoutChanges(() => provider.read(id, dress(recorded), dress(checked)));
      assert.equal(found.id, id);
      assert.deepEqual(undress(found.inputs), checked);
      assertIncludes(undress(found.properties), subject.outputs(stage), "outputs");
      assert.equal((await provider.diff(id, found.properties, dress(checked))).changes, false);
      recorded = undress(found.properties);
    });

    it("records changed credentials without sending a request", async () => {
      const news = await accepted(subject.access(stage), dress(checked));
      assert.equal((await provider.diff(id, dress(recorded), dress(news))).changes, true);
      const state = undress(await withoutRequests(() => provider.update(id, dress(recorded), dress(news))));
      assertIncludes(state, news, "the echo of the inputs");
      assertIncludes(state, subject.outputs(stage), "outputs");
      assert.equal((await provider.diff(id, dress(state), dress(news))).changes, false);
    });

    it("updates the resource and reports no difference afterwards", async () => {
      const { inputs, outputs } = subject.change(stage);
      const news = await accepted(inputs, dress(checked));
      recorded = undress(await provider.update(id, dress(recorded), dress(news)));
      assertIncludes(recorded, { ...news, ...outputs }, "inputs and outputs");
      assert.equal((await provider.diff(id, dress(recorded), dress(news))).changes, false);
      checked = news;
    });

    it("reads a resource that is definitely gone as deleted", async () => {
      const gone = await subject.gone(stage, recorded);
      const found = await provider.read(id, dress(gone), dress(checked));
      assert.equal(found.id, "");
    });

    it("undoes only reversible changes on delete and reports those that stay", async () => {
      if (subject.deleteRefusal) {
        const error = await withoutRequests(() => errorOf(provider.delete(id, dress(recorded))));
        const sentence = subject.deleteRefusal(stage);
        assert.equal(error.message, sentence);
        assert.ok(process.output.split(sentence).length <= 2, "the sentence is shown more than once");
      }
      if (subject.deletable) {
        const news = await accepted(subject.deletable(stage), dress(checked));
        recorded = undress(await provider.update(id, dress(recorded), dress(news)));
      }
      const from = engine.lines.length;
      const remove = () => provider.delete(id, dress(recorded));
      if (!subject.forgetting) {
        await remove();
        assert.deepEqual(await stage.footprint(), untouched, "something was left");
        return;
      }
      await withoutRequests(remove);
      const warnings = engine.lines.slice(from).filter((line) => line.severity === "warning");
      assert.deepEqual(
        warnings.map((line) => line.message),
        [subject.forgetting(stage)],
      );
    });

    it("deletes an already deleted resource without an error", () =>
      withoutChanges(() => provider.delete(id, dress(recorded))));

    it("sends each changing request exactly as often as needed", () => {
      for (const [what, is, wanted] of subject.counts(stage)) assert.equal(is, wanted, what);
    });

    const { interruption } = subject;
    if (interruption) {
      it(`resumes from a partial state when ${interruption.what}`, async () => {
        const own = await subject.open(`contract-${resource.toLowerCase()}-half`);
        try {
          const inputs = await accepted(interruption.inputs(own));
          const end = interruption.arrange(own);
          const { partial } = await errorOf(provider.create(dress(inputs)));
          end();
          assert.ok(partial, "the engine would believe that nothing was made");
          assert.equal(partial.id, interruption.id(own));
          const wanted = interruption.reasons(own);
          assert.equal(partial.reasons.length, wanted.length, partial.reasons.join("\n"));
          for (const [index, reason] of wanted.entries()) assertText(partial.reasons[index] ?? "", reason, "a reason");
          const half = undress(partial.properties);
          assertIncludes(half, inputs, "the echo of the inputs");

          const whole = undress(await provider.update(partial.id, dress(half), dress(inputs)));
          assertIncludes(whole, subject.outputs(own), "outputs");
          for (const [what, is, count] of interruption.counts(own)) assert.equal(is, count, what);
          stage.secrets.push(...own.secrets);
        } finally {
          await own.close();
        }
      });
    }

    it("shows no secret in log lines, failures or errors", () => {
      const lines = engine.lines.map((line) => line.message);
      const everything = [...shownTexts, ...lines, process.output].join("\n");
      assert.ok(stage.secrets.length > 0);
      for (const secret of stage.secrets) assert.equal(everything.includes(secret), false, "a secret was shown");
    });
  });
}

/** Compares the members that `expected` names. */
function assertIncludes(actual: Properties, expected: Properties, what: string): void {
  assert.deepEqual(included(actual, expected), expected, what);
}

/** The part of a value that has the members of another one. */
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

function assertText(actual: string, expected: string | RegExp, what: string): void {
  if (typeof expected === "string") assert.equal(actual, expected, what);
  else assert.match(actual, expected, what);
}

function assertPhases(lines: readonly ReportedLine[], phases: Subject["phases"]): void {
  const lasting = lines.filter((line) => line.severity === "info" && !line.isEphemeral);
  let from = 0;
  for (const phase of phases) {
    const at = lasting.findIndex(
      ({ message }, index) =>
        index >= from && (typeof phase === "string" ? message.includes(phase) : phase.test(message)),
    );
    assert.notEqual(at, -1, `no line "${phase}" in time among:\n${lasting.map((line) => line.message).join("\n")}`);
    from = at + 1;
  }
}
