const tails = new Map<string, Promise<unknown>>();

/**
 * Runs `work` alone among all work under the same key in this process, in order of arrival. Used per appliance:
 * the engine runs resources in parallel, an appliance's configuration has one writer.
 */
export async function exclusively<T>(key: string, work: () => Promise<T>): Promise<T> {
  const before = tails.get(key) ?? Promise.resolve();
  const mine = before.then(work, work);
  const tail = mine.catch(() => undefined);
  tails.set(key, tail);
  try {
    return await mine;
  } finally {
    if (tails.get(key) === tail) tails.delete(key);
  }
}
