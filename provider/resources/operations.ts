import type { OperationContext } from "../core/context";
import type { InputFailure } from "../core/validate";

/** Inputs as they will be recorded: canonical, with defaults and with everything that follows from them. */
export interface CheckResult {
  inputs: Record<string, unknown>;
  failures: InputFailure[];
}

export interface Difference {
  changes: boolean;
  /** Paths of the properties that differ. */
  paths: string[];
}

/**
 * What a resource can do, over plain objects. A state holds every checked input besides the outputs, because a
 * front may hand back nothing but the state.
 */
export interface Operations<Inputs, State extends Inputs> {
  /** Old inputs (empty on create) and new ones, which may hold UNKNOWN. Has no side effects. */
  check(olds: Record<string, unknown>, news: Record<string, unknown>, context: OperationContext): Promise<CheckResult>;
  diff(id: string, olds: State, news: Inputs): Promise<Difference>;
  /**
   * Says in a preview what stands in the way of an update that is due, where only the recorded state tells that it is:
   * a check does not see it. Reads and logs only; `news` may hold UNKNOWN.
   */
  foresee?(id: string, olds: State, news: Inputs, context: OperationContext): Promise<void>;
  /** Brings to the wanted state and verifies it; safe to repeat after any interruption. */
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
