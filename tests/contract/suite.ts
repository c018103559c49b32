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
  describe(`the ${front.name} with ${subject.resource}`, function () {
    this.timeout(60_000);
    const { resource } = subject;
    let engine: CollectingEngine;
    let process: FrontProcess;
    let provider: Provider;
    let stage: Own;
    /** Everything that was told to anybody. */
    const told: string[] = [];
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
      told.push(JSON.stringify(result.failures));
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
      told.push(error.message, ...(error.partial?.reasons ?? []));
      return error;
    }

    /** Runs something that must leave the appliances as they are. */
    async function changingNothing<T>(work: () => Promise<T>): Promise<T> {
      const footprint = await stage.footprint();
      const result = await work();
      assert.deepEqual(await stage.footprint(), footprint);
      return result;
    }

    /** Runs something that must not even ask an appliance. */
    async function askingNobody<T>(work: () => Promise<T>): Promise<T> {
      const requests = stage.requests();
      const result = await changingNothing(work);
      assert.equal(stage.requests(), requests);
      return result;
    }

    it("checks inputs in which something is not known yet, and tells what can be told", () =>
      askingNobody(async () => {
        for (const { what, inputs, checked: expected } of subject.previews(stage)) {
          assertIncludes(await accepted(inputs), expected, what);
        }
      }));

    it("refuses every bad input with its own sentence, naming no property whose value would be shown", () =>
      askingNobody(async () => {
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

    it("fills in what follows from the inputs, and the same when they are checked again", () =>
      askingNobody(async () => {
        checked = await accepted(stage.inputs);
        assert.deepEqual(await accepted(stage.inputs, dress(checked)), checked);
        assert.deepEqual(await accepted(checked, dress(checked)), checked);
      }));

    it("changes nothing and records nothing where an appliance cannot be what the inputs say", () =>
      changingNothing(async () => {
        for (const { what, inputs, error: expected, raise } of subject.obstacles(stage)) {
          const remove = raise?.();
          const error = await errorOf(provider.create(dress(await accepted(inputs)))).finally(remove);
          assertText(error.message, expected, what);
          assert.equal(error.partial, undefined, what);
        }
      }));

    it("creates, telling its phases to the engine, and records inputs and what was read back", async () => {
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

    it("finds nothing to do with the same inputs", () =>
      askingNobody(async () => {
        const again = await accepted(stage.inputs, dress(checked));
        const { changes, replaces } = await provider.diff(id, dress(recorded), dress(again));
        assert.deepEqual({ changes, replaces }, { changes: false, replaces: [] });
      }));

    it("creates again what is already so, without changing anything", async () => {
      const again = await changingNothing(() => provider.create(dress(checked)));
      assert.equal(again.id, id);
      assertIncludes(undress(again.properties), checked, "the echo of the inputs");
    });

    it("previews a change without sending anything", () =>
      askingNobody(async () => {
        const { inputs } = subject.change(stage);
        const news = await accepted(inputs, dress(checked));
        const { changes, replaces } = await provider.diff(id, dress(recorded), dress(news));
        assert.deepEqual({ changes, replaces }, { changes: true, replaces: [] });
        for (const { what, inputs: unknown } of subject.previews(stage)) {
          const preview = await accepted(unknown, dress(checked));
          assert.equal((await provider.diff(id, dress(recorded), dress(preview))).changes, true, what);
        }
      }));

    it("reads back what it made, as a state that needs no change", async () => {
      const found = await changingNothing(() => provider.read(id, dress(recorded), dress(checked)));
      assert.equal(found.id, id);
      assert.deepEqual(undress(found.inputs), checked);
      assertIncludes(undress(found.properties), subject.outputs(stage), "outputs");
      assert.equal((await provider.diff(id, found.properties, dress(checked))).changes, false);
      recorded = undress(found.properties);
    });

    it("takes over changed credentials without asking any appliance", async () => {
      const news = await accepted(subject.access(stage), dress(checked));
      assert.equal((await provider.diff(id, dress(recorded), dress(news))).changes, true);
      const state = undress(await askingNobody(() => provider.update(id, dress(recorded), dress(news))));
      assertIncludes(state, news, "the echo of the inputs");
      assertIncludes(state, subject.outputs(stage), "outputs");
      assert.equal((await provider.diff(id, dress(state), dress(news))).changes, false);
    });

    it("updates, and needs no further change then", async () => {
      const { inputs, outputs } = subject.change(stage);
      const news = await accepted(inputs, dress(checked));
      recorded = undress(await provider.update(id, dress(recorded), dress(news)));
      assertIncludes(recorded, { ...news, ...outputs }, "inputs and outputs");
      assert.equal((await provider.diff(id, dress(recorded), dress(news))).changes, false);
      checked = news;
    });

    it("answers with nothing for what is definitely gone", async () => {
      const gone = await subject.gone(stage, recorded);
      const found = await provider.read(id, dress(gone), dress(checked));
      assert.equal(found.id, "");
    });

    it("deletes only what can be undone, and says so of all else", async () => {
      if (subject.deleteRefusal) {
        const error = await askingNobody(() => errorOf(provider.delete(id, dress(recorded))));
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
      await askingNobody(remove);
      const warnings = engine.lines.slice(from).filter((line) => line.severity === "warning");
      assert.deepEqual(
        warnings.map((line) => line.message),
        [subject.forgetting(stage)],
      );
    });

    it("deletes what is already gone without an error", () =>
      changingNothing(() => provider.delete(id, dress(recorded))));

    it("has sent nothing more often than needed in all this", () => {
      for (const [what, is, wanted] of subject.counts(stage)) assert.equal(is, wanted, what);
    });

    const { interruption } = subject;
    if (interruption) {
      it(`records what was made when ${interruption.what}, and goes on from there`, async () => {
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

    it("never shows a secret, in lines, failures and errors", () => {
      const lines = engine.lines.map((line) => line.message);
      const everything = [...told, ...lines, process.output].join("\n");
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
