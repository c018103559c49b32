import type { OperationContext, ResourceIdentity } from "../core/context";
import { pick } from "../core/difference";
import { messageOf, PartialFailure } from "../core/errors";
import { secretPaths } from "../core/json-schema";
import { printable } from "../core/printable";
import { nameInUrn } from "../core/urn";
import type { InputFailure } from "../core/validate";
import type { ResourceDefinition } from "../resources/definition";
import type { Note } from "../resources/operations";
import type { EngineProcess } from "./engine-process";
import { untold } from "./told-mistakes";
import { fromWire, ownMembers, PROBLEMS, RESOURCE_URN, recordFromWire, toWire, UNFINISHED } from "./wire";

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
  const answer = (inputs: Record<string, unknown>, failures: readonly InputFailure[], own: Own) => {
    // A mistake that another resource tells has no words.
    const reasons = failures.map(({ reason }) => (reason === "" ? "" : named(reason, own)));
    const { [RESOURCE_URN]: urn } = own;
    // The SDK itself puts the provider text back.
    const plain = { ...(toWire(inputs, secrets, "inputs") as object), ...(urn ? { [RESOURCE_URN]: urn } : {}) };
    // Without a class of this package, nothing but the engine would report them.
    if (urn && reasons.length > 0) return { inputs: { ...plain, [PROBLEMS]: reasons }, failures: [] };
    return { inputs: plain, failures: reasons.map((reason) => ({ property: "", reason })) };
  };
  const withOwn = (state: unknown, own: Own) => ({ ...(toWire(state, secrets) as object), ...own });
  /** Runs an operation; what it throws reaches the engine as one line, or as a partial failure with id and state. */
  const withEngineErrors = async <T>(
    given: unknown,
    own: Own,
    work: (context: OperationContext) => Promise<T>,
  ): Promise<T> =>
    engine.serve(async () => {
      try {
        return await work(engine.context(identityOf(own), detailOf(given)));
      } catch (error) {
        const plain = new Error(named(messageOf(error), own));
        plain.stack = plain.message;
        plain.toString = () => {
          muteStandardError();
          return plain.message;
        };
        if (error instanceof PartialFailure) {
          const properties = { ...withOwn(error.state, own), [UNFINISHED]: true };
          Object.assign(plain, { id: error.id, properties, reasons: [named(asOneMessage(error.reasons), own)] });
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
      const own = ownMembers(news);
      return withEngineErrors(news, own, async (context) => {
        const given = inputsFromWire(news);
        const checked = operations.check(given, context);
        show(checked.notes, context);
        const before = recordFromWire(olds);
        const inputs = without(before, previewedOutputs);
        const isNew = Object.keys(inputs).length === 0;
        if (checked.failures.length > 0) {
          // Only the class reports a failure without words.
          const { [RESOURCE_URN]: urn } = own;
          const failures = urn ? untold(checked.failures, given, context.deployment.toldMistakes) : checked.failures;
          // Beside the recorded inputs, incomplete ones would look like deleted ones.
          return answer(isNew || !urn ? checked.inputs : before, failures, own);
        }
        // The engine checks before it shows the state, so whatever follows from that alone is previewed by the diff.
        const previewed = pick(before, previewedOutputs);
        const recorded = isNew ? undefined : { inputs, previewed, isRenamed: isRenamed(olds, news) };
        const { outputs, failures, notes } = await operations.preview(recorded, checked.inputs as Inputs, context);
        show(notes, context);
        return answer({ ...checked.inputs, ...outputs }, failures, own);
      });
    },

    async diff(id, olds, news) {
      const [state, inputs] = [fromWire(olds) as State, inputsFromWire(news) as Inputs];
      return withEngineErrors(news, ownMembers(news), async (context) => {
        if (problemsIn(news).length > 0) return { changes: true, replaces: [] };
        const changes = operations.diff(id, state, inputs);
        if (changes.length === 0) return { changes: isRenamed(olds, news), replaces: [] };
        const recorded = { inputs: state as Record<string, unknown>, state, isRepeated: true };
        const { failures, notes } = await operations.preview(recorded, inputs, context);
        show(notes, context);
        if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("; "));
        return { changes: true, replaces: changes.filter(({ replaces }) => replaces).map(({ path }) => path) };
      });
    },

    async create(inputs) {
      const own = ownMembers(inputs);
      return withEngineErrors(inputs, own, async (context) => {
        refuseProblems(inputs);
        const { id, state } = await operations.create(inputsFromWire(inputs) as Inputs, context);
        return { id, outs: withOwn(state, own) };
      });
    },

    async read(id, props) {
      const own = ownMembers(props);
      return withEngineErrors(props, own, async (context) => {
        const found = await operations.read(id, fromWire(props) as State, context);
        if (!found) return {};
        const inputs = { ...found.inputs, ...pick(found.state as object, previewedOutputs) };
        return { id: found.id, props: withOwn(found.state, own), inputs: withOwn(inputs, own) };
      });
    },

    async update(id, olds, news) {
      const own = ownMembers(olds, news);
      return withEngineErrors(news, own, async (context) => {
        refuseProblems(news);
        const [state, inputs] = [fromWire(olds) as State, inputsFromWire(news) as Inputs];
        const isOnlyRenamed = isRenamed(olds, news) && operations.diff(id, state, inputs).length === 0;
        if (isOnlyRenamed && !isUnfinished(olds)) return { outs: withOwn(state, own) };
        return { outs: withOwn((await operations.update(id, state, inputs, context)).state, own) };
      });
    },

    async delete(id, props) {
      await withEngineErrors(props, ownMembers(props), (context) =>
        operations.delete(id, fromWire(props) as State, context),
      );
    },
  };
}

/**
 * Drops what is written to standard error until the current step of the event loop ends. Pulumi's process writes each error of
 * check, diff, read and delete there, as text, before it answers; the engine would show the message a second time.
 */
function muteStandardError(): void {
  const { stderr } = process;
  const { write } = stderr;
  // A second error in the same step would otherwise put back the muted function.
  if (write === drop) return;
  stderr.write = drop;
  queueMicrotask(() => {
    stderr.write = write;
  });
}

const drop = () => true;

type Own = Record<string, unknown>;

/** The engine shows each reason as an error of its own, although all of them tell of one failure. */
function asOneMessage(reasons: readonly string[]): string {
  return reasons
    .map((reason, index) => (index === 0 ? reason : reason.replace(/^./, (first) => first.toUpperCase())))
    .join(". ");
}

/** An alias keeps the resource and changes its URN, which messages have to name from then on. */
function isRenamed(olds: unknown, news: unknown): boolean {
  const renamed = ownMembers(news)[RESOURCE_URN];
  return renamed !== undefined && renamed !== ownMembers(olds)[RESOURCE_URN];
}

function problemsIn(inputs: unknown): string[] {
  const problems = (inputs as Record<string, unknown> | undefined)?.[PROBLEMS];
  return Array.isArray(problems) ? problems : [];
}

/** @throws Error in an update whose check failed */
function refuseProblems(inputs: unknown): void {
  const problems = problemsIn(inputs);
  if (problems.length > 0) throw new Error(problems.filter((problem) => problem !== "").join("; "));
}

function isUnfinished(state: unknown): boolean {
  return (state as Record<string, unknown> | undefined)?.[UNFINISHED] === true;
}

function identityOf({ [RESOURCE_URN]: urn }: Own): ResourceIdentity | undefined {
  return typeof urn === "string" ? { urn, name: nameInUrn(urn) } : undefined;
}

/** The input of resources that overrides the setting `detail`. */
function detailOf(given: unknown): "result" | "all" | undefined {
  const detail = (given as { detail?: unknown } | undefined)?.detail;
  return detail === "all" || detail === "result" ? detail : undefined;
}

/** Limit of one message, in characters. */
const MAX_MESSAGE_CHARACTERS = 50_000;

/** A message that is safe to show and begins with the name of the resource it is about. */
function named(message: string, own: Own): string {
  const resource = identityOf(own);
  const isNamed = !resource || message.startsWith(`${resource.name}: `);
  return printable(isNamed ? message : `${resource.name}: ${message}`, MAX_MESSAGE_CHARACTERS);
}

function show(notes: readonly Note[], { log }: OperationContext): void {
  for (const { severity, text } of notes) {
    if (severity === "warning") log.warn(text);
    else log.result(text);
  }
}

function without(record: Record<string, unknown>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)));
}
