import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Pool } from "pg";
import { readEvents } from "../../rollout/database/journal";
import type { RolloutEvent } from "../../rollout/machine/events";

/** What workers write, and what an operator gives a rollout that needs no help: approvals, and the end of an own pause. */
const WITHOUT_HELP: ReadonlySet<RolloutEvent["type"]> = new Set(["started", "finished", "tick", "approved", "resumed"]);

/** How many decisions an operator took to help a rollout to its end: `retry`, `skip`, `freeze`, `unfreeze`, `pause`, `cancel`. */
export const decisionsIn = (events: readonly RolloutEvent[]): number =>
  events.filter(({ type }) => !WITHOUT_HELP.has(type)).length;

/**
 * What was done by hand in a rollout beyond starting its workers again: decisions that helped it, and events of its journal that no command and
 * no worker has sent. Events that are gone are not found here: the rollout ends otherwise, or not at all, without them.
 */
export async function handEditsIn(pool: Pool, rollout: string): Promise<number> {
  const { rows } = await pool.query(
    `SELECT count(*)::int AS unsent FROM rollout.journal AS written
     WHERE rollout = $1 AND event->>'type' NOT IN ('started', 'tick') AND NOT EXISTS (
       SELECT FROM rollout.inbox AS sent WHERE sent.rollout = written.rollout AND sent.is_taken AND sent.event = written.event)`,
    [rollout],
  );
  return decisionsIn(await readEvents(pool, rollout)) + rows[0].unsent;
}

/**
 * How many locks of stacks went away by other means than the CLI, by its notes `take STACK` and `free STACK` and the stacks that are locked
 * after them. A CLI notes a lock when it has it, and before it removes one.
 */
export function locksTakenAway(notes: readonly string[], left: readonly string[]): number {
  const held = new Set<string>();
  let taken = 0;
  for (const note of notes) {
    const [what, stack = ""] = note.split(" ");
    if (what === "take" && held.has(stack)) taken += 1;
    if (what === "take") held.add(stack);
    else held.delete(stack);
  }
  return taken + [...held].filter((stack) => !left.includes(stack)).length;
}

/**
 * The stacks in a file backend whose state is another one than Pulumi's copy of its end in the history of the latest change. Stacks that were
 * never changed have none.
 */
export function statesUnlikeHistory(backend: string): string[] {
  const stacks = join(backend, ".pulumi/stacks");
  const files = readdirSync(stacks, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".json"));
  return files.filter((file) => {
    const history = join(backend, ".pulumi/history", dirname(file), basename(file, ".json"));
    const copies = existsSync(history) ? readdirSync(history).filter((name) => name.endsWith(".checkpoint.json")) : [];
    // Their names hold the time in nanoseconds.
    const latest = copies.sort().at(-1);
    return latest !== undefined && !readFileSync(join(history, latest)).equals(readFileSync(join(stacks, file)));
  });
}
