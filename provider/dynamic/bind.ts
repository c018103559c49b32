import type { OperationContext } from "../core/context";
import { messageOf, PartialFailure } from "../core/errors";
import { secretPaths } from "../core/json-schema";
import type { InputFailure } from "../core/validate";
import type { ResourceDefinition } from "../resources/definition";
import type { Note } from "../resources/operations";
import type { EngineProcess } from "./engine-process";
import { fromWire, PROVIDER_TEXT, recordFromWire, toWire } from "./wire";

/** The stack configuration, of all namespaces. */
export interface ConfigureRequest {
  config: { get(key: string): string | undefined };
}

/** What this front needs of a resource. */
type BoundResource<Inputs, State extends Inputs> = Pick<
  ResourceDefinition<Inputs, State>,
  "inputs" | "outputs" | "operations" | "previewedOutputs"
>;

/** What the engine's dynamic provider calls, through the stub. Values are the engine's. */
export interface Bound {
  configure(request: ConfigureRequest): void;
  check(olds: unknown, news: unknown): Promise<{ inputs: unknown; failures: { property: string; reason: string }[] }>;
  diff(id: string, olds: unknown, news: unknown): Promise<{ changes: boolean; replaces: string[] }>;
  create(inputs: unknown): Promise<{ id: string; outs: unknown }>;
  read(id: string, props: unknown): Promise<{ id?: string; props?: unknown; inputs?: unknown }>;
  update(id: string, olds: unknown, news: unknown): Promise<{ outs: unknown }>;
  delete(id: string, props: unknown): Promise<void>;
}

/**
 * Puts a resource of the core behind the calls of Pulumi's dynamic provider: translates unknown values, keeps the
 * provider text in every state, names no property in a check failure (the engine would print its value, secrets in
 * clear), and turns partial failures into the form the engine records.
 */
export function bindToEngine<Inputs, State extends Inputs>(
  { operations, inputs: inputSchema, outputs: outputSchema, previewedOutputs }: BoundResource<Inputs, State>,
  engine: EngineProcess,
): Bound {
  const secrets = new Set([...secretPaths(inputSchema), ...secretPaths(outputSchema)]);
  const answer = (inputs: Record<string, unknown>, failures: readonly InputFailure[]) => ({
    inputs: toWire(inputs, secrets, "inputs"),
    failures: failures.map(({ reason }) => ({ property: "", reason })),
  });
  const withText = (state: unknown, text: unknown): unknown => {
    const plain = toWire(state, secrets) as Record<string, unknown>;
    return text === undefined ? plain : { ...plain, [PROVIDER_TEXT]: text };
  };
  /** Runs an operation; what it throws reaches the engine as one line, or as a partial failure with id and state. */
  const withEngineErrors = async <T>(work: () => Promise<T>, text?: unknown): Promise<T> =>
    engine.serve(async () => {
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
      }
    });
  const inputsFromWire = (value: unknown) => without(recordFromWire(value), previewedOutputs);

  return {
    configure({ config }) {
      engine.configure((key) => config.get(key));
    },

    async check(olds, news) {
      return withEngineErrors(async () => {
        const context = engine.context();
        const checked = operations.check(inputsFromWire(news), context);
        show(checked.notes, context);
        if (checked.failures.length > 0) return answer(checked.inputs, checked.failures);
        // The engine checks before it shows the state, so whatever follows from that alone is previewed by the diff.
        const inputs = inputsFromWire(olds);
        const recorded = Object.keys(inputs).length === 0 ? undefined : { inputs };
        const { outputs, failures, notes } = await operations.preview(recorded, checked.inputs as Inputs, context);
        show(notes, context);
        return answer({ ...checked.inputs, ...outputs }, failures);
      });
    },

    async diff(id, olds, news) {
      const [state, inputs] = [fromWire(olds) as State, inputsFromWire(news) as Inputs];
      return withEngineErrors(async () => {
        const changes = operations.diff(id, state, inputs);
        if (changes.length === 0) return { changes: false, replaces: [] };
        const context = engine.context();
        const recorded = { inputs: state as Record<string, unknown>, state, isRepeated: true };
        const { failures, notes } = await operations.preview(recorded, inputs, context);
        show(notes, context);
        if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("; "));
        return { changes: true, replaces: changes.filter(({ replaces }) => replaces).map(({ path }) => path) };
      });
    },

    async create(inputs) {
      const text = providerText(inputs);
      return withEngineErrors(async () => {
        const { id, state } = await operations.create(inputsFromWire(inputs) as Inputs, engine.context());
        return { id, outs: withText(state, text) };
      }, text);
    },

    async read(id, props) {
      const text = providerText(props);
      return withEngineErrors(async () => {
        const found = await operations.read(id, fromWire(props) as State, engine.context());
        if (!found) return {};
        const shown = Object.entries(found.state as object).filter(([key]) => previewedOutputs.includes(key));
        const inputs = { ...found.inputs, ...Object.fromEntries(shown) };
        return { id: found.id, props: withText(found.state, text), inputs: withText(inputs, text) };
      });
    },

    async update(id, olds, news) {
      const text = providerText(news) ?? providerText(olds);
      return withEngineErrors(async () => {
        const [state, inputs] = [fromWire(olds) as State, inputsFromWire(news) as Inputs];
        return { outs: withText((await operations.update(id, state, inputs, engine.context())).state, text) };
      }, text);
    },

    async delete(id, props) {
      await withEngineErrors(() => operations.delete(id, fromWire(props) as State, engine.context()));
    },
  };
}

function show(notes: readonly Note[], { log }: OperationContext): void {
  for (const { severity, text } of notes) {
    if (severity === "warning") log.warn(text);
    else log.info(text);
  }
}

function without(record: Record<string, unknown>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)));
}

function providerText(props: unknown): unknown {
  return props !== null && typeof props === "object" ? (props as Record<string, unknown>)[PROVIDER_TEXT] : undefined;
}
