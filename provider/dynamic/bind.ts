import { type OperationContext, operationContext } from "../core/context";
import { messageOf, PartialFailure } from "../core/errors";
import type { Operations } from "../resources/operations";
import { engineLog } from "./engine-log";
import { fromWire, PROVIDER_TEXT, recordFromWire, toWire } from "./wire";

/** What the engine's dynamic provider calls, through the stub. Values are the engine's. */
export interface Bound {
  configure(request: unknown): void;
  check(olds: unknown, news: unknown): Promise<{ inputs: unknown; failures: { property: string; reason: string }[] }>;
  diff(id: string, olds: unknown, news: unknown): Promise<{ changes: boolean; replaces: string[] }>;
  create(inputs: unknown): Promise<{ id: string; outs: unknown }>;
  read(id: string, props: unknown): Promise<{ id?: string; props?: unknown; inputs?: unknown }>;
  update(id: string, olds: unknown, news: unknown): Promise<{ outs: unknown }>;
  delete(id: string, props: unknown): Promise<void>;
}

/** One log for the process: it serves one deployment. */
const log = engineLog();

/** The engine tells a dynamic provider of no cancel; when it ends, it sends SIGINT, and work stops then. */
const ending = new AbortController();
let running = 0;
/** What the last answer needs at most to leave this process. */
const ANSWER_MILLISECONDS = 100;
let isListening = false;

function context(): OperationContext {
  if (!isListening) {
    isListening = true;
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, end);
  }
  return operationContext({ log, signal: ending.signal });
}

function end(): void {
  ending.abort(new Error("cancelled"));
  exitWhenIdle();
}

/** Listening to the signal keeps Node from ending by itself; the engine would kill the process only after 5 s. */
function exitWhenIdle(): void {
  if (ending.signal.aborted && running === 0) setTimeout(() => process.exit(), ANSWER_MILLISECONDS);
}

/**
 * Puts a resource of the core behind the calls of Pulumi's dynamic provider: translates unknown values, keeps the
 * provider text in every state, names no property in a check failure (the engine would print its value, secrets in
 * clear), and turns partial failures into the form the engine records.
 */
export function bindToEngine<Inputs, State extends Inputs>(operations: Operations<Inputs, State>): Bound {
  return {
    configure() {},

    async check(olds, news) {
      return plainly(async () => {
        const result = await operations.check(recordFromWire(olds), recordFromWire(news), context());
        const failures = result.failures.map(({ reason }) => ({ property: "", reason }));
        return { inputs: toWire(result.inputs, "inputs"), failures };
      });
    },

    async diff(id, olds, news) {
      const [before, after] = [fromWire(olds) as State, fromWire(news) as Inputs];
      return plainly(async () => {
        const { changes } = await operations.diff(id, before, after);
        if (changes) await operations.foresee?.(id, before, after, context());
        return { changes, replaces: [] };
      });
    },

    async create(inputs) {
      const text = providerText(inputs);
      return plainly(async () => {
        const { id, state } = await operations.create(fromWire(inputs) as Inputs, context());
        return { id, outs: withText(state, text) };
      }, text);
    },

    async read(id, props) {
      const text = providerText(props);
      return plainly(async () => {
        const found = await operations.read(id, fromWire(props) as State, context());
        if (!found) return {};
        return { id: found.id, props: withText(found.state, text), inputs: withText(found.inputs, text) };
      });
    },

    async update(id, olds, news) {
      const text = providerText(news) ?? providerText(olds);
      return plainly(async () => {
        const { state } = await operations.update(id, fromWire(olds) as State, fromWire(news) as Inputs, context());
        return { outs: withText(state, text) };
      }, text);
    },

    async delete(id, props) {
      await plainly(() => operations.delete(id, fromWire(props) as State, context()));
    },
  };
}

function providerText(props: unknown): unknown {
  return props !== null && typeof props === "object" ? (props as Record<string, unknown>)[PROVIDER_TEXT] : undefined;
}

function withText(state: unknown, text: unknown): unknown {
  const plain = toWire(state) as Record<string, unknown>;
  return text === undefined ? plain : { ...plain, [PROVIDER_TEXT]: text };
}

/** Runs an operation; what it throws reaches the engine as one line, or as a partial failure with id and state. */
async function plainly<T>(work: () => Promise<T>, text?: unknown): Promise<T> {
  running += 1;
  try {
    return await work();
  } catch (error) {
    const plain = new Error(messageOf(error));
    // The provider process writes "<error>: <stack>" for the user to see: the message should stand there once.
    plain.stack = plain.message;
    plain.toString = () => "error";
    if (error instanceof PartialFailure) {
      Object.assign(plain, { id: error.id, properties: withText(error.state, text), reasons: error.reasons });
    }
    throw plain;
  } finally {
    // The engine may end this process once it has the answer, and with it every line still on its way.
    await log.settled();
    running -= 1;
    exitWhenIdle();
  }
}
