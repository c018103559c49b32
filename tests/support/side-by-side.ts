/** Runs tasks side by side, so many at once: those against the lab mostly wait. Results are in the order of the tasks. */
export async function sideBySide<T>(tasks: readonly (() => Promise<T>)[], atOnce: number): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const work = async () => {
    for (let index = next++; index < tasks.length; index = next++) {
      const task = tasks[index];
      if (task) results[index] = await task();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return results;
}
