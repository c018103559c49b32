import { messageOf, PartialFailure } from "./errors";

/**
 * What an operation has changed so far. Once anything was begun, a failure must be recorded together with id and
 * partial state, because the appliances are no longer as they were.
 */
export class Journal {
  private readonly finished: string[] = [];
  private readonly begun = new Set<string>();

  /**
   * Makes and verifies one change; `step` says what it is in words that fit after "done:". `leftNothing` tells of a
   * failure that the appliances are as before; such a step counts as never begun.
   */
  async step<T>(
    step: string,
    change: () => Promise<T>,
    leftNothing: (error: unknown) => boolean = () => false,
  ): Promise<T> {
    this.begun.add(step);
    try {
      const result = await change();
      this.begun.delete(step);
      this.finished.push(step);
      return result;
    } catch (error) {
      if (leftNothing(error)) this.begun.delete(step);
      throw error;
    }
  }

  get hasSideEffects(): boolean {
    return this.finished.length > 0 || this.begun.size > 0;
  }

  /** The failure to report: the error itself while nothing was changed, else a partial failure that tells what was. */
  failure(error: unknown, id: string, state: Record<string, unknown>): unknown {
    if (!this.hasSideEffects) return error;
    const reasons = [messageOf(error)];
    reasons.push(this.finished.length > 0 ? `done: ${this.finished.join("; ")}` : "done: nothing yet");
    if (this.begun.size > 0) reasons.push(`begun, outcome to be read: ${[...this.begun].join("; ")}`);
    reasons.push("the next pulumi up reads the appliances and goes on from there");
    return new PartialFailure(id, state, reasons, { cause: error });
  }
}
