import { messageOf, PartialFailure } from "./errors";

/** The changes that an operation has made. After the first one, a failure is recorded with the id and the partial state. */
export class Journal {
  private readonly completed: string[] = [];
  private readonly started = new Set<string>();

  /**
   * Makes and verifies one change.
   * @param step describes the change; follows `done:`
   * @param leftNothing whether a failure has changed nothing; the step then counts as not started
   */
  async step<T>(
    step: string,
    change: () => Promise<T>,
    leftNothing: (error: unknown) => boolean = () => false,
  ): Promise<T> {
    this.started.add(step);
    try {
      const result = await change();
      this.started.delete(step);
      this.completed.push(step);
      return result;
    } catch (error) {
      if (leftNothing(error)) this.started.delete(step);
      throw error;
    }
  }

  get hasSideEffects(): boolean {
    return this.completed.length > 0 || this.started.size > 0;
  }

  /** The failure to report: the error itself before the first change, otherwise a partial failure that lists the changes. */
  failure(error: unknown, id: string, state: Record<string, unknown>): unknown {
    if (!this.hasSideEffects) return error;
    const reasons = [messageOf(error)];
    reasons.push(this.completed.length > 0 ? `done: ${this.completed.join("; ")}` : "done: nothing yet");
    if (this.started.size > 0) reasons.push(`interrupted, outcome unknown: ${[...this.started].join("; ")}`);
    reasons.push("the next pulumi up reads the appliances and continues from there");
    return new PartialFailure(id, state, reasons, { cause: error });
  }
}
