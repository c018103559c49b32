import type { OperationContext } from "../core/context";
import type { Note } from "../core/note";
import type { InputFailure } from "../core/validate";

export type { Note };

/** What a check is given besides the inputs. */
export type CheckContext = Pick<OperationContext, "settings">;

/** What a check makes of the inputs. */
export interface CheckResult {
  /** Inputs as they will be recorded: canonical and with defaults; as given while there are failures. */
  inputs: Record<string, unknown>;
  failures: InputFailure[];
  notes: Note[];
}

/** The recorded resource, as far as a front knows it. */
export interface Recorded<State> {
  inputs: Record<string, unknown>;
  /** Absent where the engine has not shown it yet, as in the check of Pulumi's dynamic providers. */
  state?: State;
  /** Outputs that a preview has told and the front keeps among the inputs; after a refresh as read. */
  previewed?: Record<string, unknown>;
  /** True when the resource has another URN now, by an alias. */
  isRenamed?: boolean;
  /** True when a preview of the same inputs ran already, without the state; its findings are not repeated. */
  isRepeated?: boolean;
}

/** What a preview finds out before anything is changed. */
export interface PreviewResult {
  /** Outputs that are known already; UNKNOWN where they follow from something that is not known yet. */
  outputs: Record<string, unknown>;
  /** Reasons for which the update would fail. */
  failures: InputFailure[];
  notes: Note[];
}

/** One property that an update would change. */
export interface PropertyChange {
  /** Path such as `members[0].searchRole`; also that of an output, where the appliance is not as recorded. */
  path: string;
  kind: "add" | "update" | "delete";
  /** True when the change needs a new resource. */
  replaces: boolean;
}

/**
 * What a resource can do, over plain objects. A state holds every checked input besides the outputs, because a
 * front may hand back nothing but the state. Inputs hold UNKNOWN for values that are not known yet, but for those of
 * `create` and `update`.
 */
export interface Operations<Inputs, State extends Inputs> {
  /** Validates and completes inputs; what they leave out follows from the settings, then from the defaults. Pure. */
  check(news: Record<string, unknown>, context: CheckContext): CheckResult;
  /** What an update would change; empty when there is nothing to do. Pure. */
  diff(id: string, olds: State, news: Inputs): PropertyChange[];
  /**
   * Asks the appliances whether the update will work. Reads only. The lines of `context.log` show progress; what the
   * user has to know is in the result. `olds` is undefined for a new resource; `news` passed the check.
   */
  preview(olds: Recorded<State> | undefined, news: Inputs, context: OperationContext): Promise<PreviewResult>;
  /** Makes what is wanted and verifies it; safe to repeat after any interruption. */
  create(inputs: Inputs, context: OperationContext): Promise<{ id: string; state: State }>;
  /** What is there now, and the inputs that would describe it; undefined when it is definitely gone. */
  read(
    id: string,
    state: State,
    context: OperationContext,
  ): Promise<{ id: string; state: State; inputs: Record<string, unknown> } | undefined>;
  update(id: string, olds: State, news: Inputs, context: OperationContext): Promise<{ state: State }>;
  delete(id: string, state: State, context: OperationContext): Promise<void>;
}
