import { readFileSync } from "node:fs";

/** Above this share of its time a machine stood still too often to tell whether something was in time. */
const LIMIT = 0.1;

/**
 * Begins to watch how much of its processor time the machine lends to others, as a virtual one does. What is returned
 * tells whether that was too much since then; never where the kernel does not say.
 */
export function watchStarvation(): () => boolean {
  const begin = times();
  return () => {
    const end = times();
    const all = end.all - begin.all;
    return all > 0 && (end.stolen - begin.stolen) / all > LIMIT;
  };
}

/** Processor time since the start of the machine, in ticks. */
function times(): { all: number; stolen: number } {
  try {
    const [, line = ""] = /^cpu +(.*)$/m.exec(readFileSync("/proc/stat", "utf8")) ?? [];
    // user, nice, system, idle, iowait, irq, softirq, steal; what guests have is part of user.
    const ticks = line.split(" ").slice(0, 8).map(Number);
    return { all: ticks.reduce((sum, one) => sum + one, 0), stolen: ticks[7] ?? 0 };
  } catch {
    return { all: 0, stolen: 0 };
  }
}
