/**
 * Does work that nobody awaits. A fault of it is reported on standard error and ends nothing but itself: a lab serves
 * others at the same time.
 */
export function detached(what: string, work: () => unknown, whenFailed: () => void = () => undefined): void {
  void (async () => {
    try {
      await work();
    } catch (error) {
      console.error(`lab: ${what} failed:`, error);
      whenFailed();
    }
  })();
}
