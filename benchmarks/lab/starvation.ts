import { readFileSync } from "node:fs";

/** Above this share of stolen processor time a machine is too slow to judge whether something was in time. */
const LIMIT = 0.1;

/**
 * Starts to watch how much processor time the hypervisor takes from this machine. The returned function says whether it
 * was too much since then; false when the kernel does not report it.
 */
export function watchStarvation(): () => boolean {
  const begin = times();
  return () => {
    const end = times();
    const all = end.all - begin.all;
    return all > 0 && (end.stolen - begin.stolen) / all > LIMIT;
  };
}

/** Processor time since boot, in ticks. */
function times(): { all: number; stolen: number } {
  try {
    const [, line = ""] = /^cpu +(.*)$/m.exec(readFileSync("/proc/stat", "utf8")) ?? [];
    // user, nice, system, idle, iowait, irq, softirq, steal; guest time is part of user.
    const ticks = line.split(" ").slice(0, 8).map(Number);
    return { all: ticks.reduce((sum, one) => sum + one, 0), stolen: ticks[7] ?? 0 };
  } catch {
    return { all: 0, stolen: 0 };
  }
}
