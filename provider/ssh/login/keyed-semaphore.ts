interface Slots {
  taken: number;
  waiting: { go: () => void; isUrgent: boolean }[];
}

/** Limits how many users each key has at the same time. */
export class KeyedSemaphore {
  private readonly slots = new Map<string, Slots>();

  constructor(private readonly limit: number) {}

  /**
   * Waits for a slot of the key: urgent users first, then in order of arrival. @returns a function that releases the slot
   * @throws the abort reason when the signal ends the wait.
   */
  async acquire(key: string, signal: AbortSignal, isUrgent = false): Promise<() => void> {
    signal.throwIfAborted();
    const slots = this.slots.get(key) ?? { taken: 0, waiting: [] };
    this.slots.set(key, slots);
    if (slots.taken < this.limit) slots.taken += 1;
    else await this.awaitSlot(slots, signal, isUrgent);
    let isReleased = false;
    return () => {
      if (!isReleased) this.release(key, slots);
      isReleased = true;
    };
  }

  private async awaitSlot(slots: Slots, signal: AbortSignal, isUrgent: boolean): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const waiter = {
        isUrgent,
        go: () => {
          signal.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      const onAbort = () => {
        slots.waiting.splice(slots.waiting.indexOf(waiter), 1);
        reject(signal.reason);
      };
      signal.addEventListener("abort", onAbort, { once: true });
      const firstOrdinary = slots.waiting.findIndex((other) => !other.isUrgent);
      slots.waiting.splice(isUrgent && firstOrdinary >= 0 ? firstOrdinary : slots.waiting.length, 0, waiter);
    });
  }

  private release(key: string, slots: Slots): void {
    const next = slots.waiting.shift();
    // Handed over directly, so that no new user takes the slot first.
    if (next) {
      next.go();
      return;
    }
    slots.taken -= 1;
    if (slots.taken === 0) this.slots.delete(key);
  }
}
