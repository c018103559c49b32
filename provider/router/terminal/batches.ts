import type { CommandStep } from "./steps";

/** How many commands are sent together; devices keep typed lines of some thousand characters. */
const COMMANDS_TOGETHER = 20;

/** How many steps are begun together, so that the end of a commit window is noticed soon. */
const STEPS_TOGETHER = 20;

/** Steps that are begun together. */
export interface Batch {
  steps: readonly CommandStep[];
  /** Their commands in the order in which they are entered. Those of one element are sent together. */
  sendings: readonly (readonly string[])[];
}

/** The steps in batches: each one alone, or those in a row that belong to the same group. */
export function batchesOf(steps: readonly CommandStep[]): Batch[] {
  const batches: [CommandStep, ...CommandStep[]][] = [];
  for (const step of steps) {
    const last = batches.at(-1);
    const isJoining = step.group !== undefined && last?.[0].group === step.group && last.length < STEPS_TOGETHER;
    if (isJoining) last.push(step);
    else batches.push([step]);
  }
  return batches.map((batch) => ({ steps: batch, sendings: sendingsOf(batch) }));
}

/** First what has no effect before the rest is entered, of all steps; then the rest. */
function sendingsOf(steps: readonly [CommandStep, ...CommandStep[]]): string[][] {
  const first = steps.flatMap(({ commands, together = 0 }) => commands.slice(0, together));
  const rest = steps.flatMap(({ commands, together = 0 }) => commands.slice(together));
  return [...inParts(first, COMMANDS_TOGETHER), ...inParts(rest, steps.length > 1 ? COMMANDS_TOGETHER : 1)];
}

function inParts(commands: readonly string[], size: number): string[][] {
  const count = Math.ceil(commands.length / size);
  return Array.from({ length: count }, (_, index) => commands.slice(index * size, (index + 1) * size));
}
