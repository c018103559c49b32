interface Place {
  inside: number;
  waiting: { go: () => void; isUrgent: boolean }[];
}

/** Lets only so many do something at one place at a time. */
export class Turns {
  private readonly places = new Map<string, Place>();

  constructor(private readonly most: number) {}

  /**
   * Waits for a turn at the place; the urgent come first, else whoever came first. @returns what ends the turn.
   * @throws the abort reason when the signal ends the wait.
   */
  async take(name: string, signal: AbortSignal, isUrgent = false): Promise<() => void> {
    signal.throwIfAborted();
    const place = this.places.get(name) ?? { inside: 0, waiting: [] };
    this.places.set(name, place);
    if (place.inside < this.most) place.inside += 1;
    else await this.awaitTurn(place, signal, isUrgent);
    let isOver = false;
    return () => {
      if (!isOver) this.leave(name, place);
      isOver = true;
    };
  }

  private async awaitTurn(place: Place, signal: AbortSignal, isUrgent: boolean): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const waiter = {
        isUrgent,
        go: () => {
          signal.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      const onAbort = () => {
        place.waiting.splice(place.waiting.indexOf(waiter), 1);
        reject(signal.reason);
      };
      signal.addEventListener("abort", onAbort, { once: true });
      const firstPatient = place.waiting.findIndex((other) => !other.isUrgent);
      place.waiting.splice(isUrgent && firstPatient >= 0 ? firstPatient : place.waiting.length, 0, waiter);
    });
  }

  private leave(name: string, place: Place): void {
    const next = place.waiting.shift();
    // The turn goes on to whoever waits, so that nobody slips in between.
    if (next) {
      next.go();
      return;
    }
    place.inside -= 1;
    if (place.inside === 0) this.places.delete(name);
  }
}
