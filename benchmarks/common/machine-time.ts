import { readFileSync } from "node:fs";

/** Processor time of a machine since boot, in ticks, of all processors together. */
export interface MachineTime {
  all: number;
  /** Without work; also while waiting for disks. */
  idle: number;
  /** Taken by the hypervisor. */
  stolen: number;
}

/** All zero where the kernel does not report it. */
export function machineTime(): MachineTime {
  try {
    const [, line = ""] = /^cpu +(.*)$/m.exec(readFileSync("/proc/stat", "utf8")) ?? [];
    // user, nice, system, idle, iowait, irq, softirq, steal; guest time is part of user.
    const ticks = line.split(" ").slice(0, 8).map(Number);
    const [, , , idle = 0, waiting = 0, , , stolen = 0] = ticks;
    return { all: ticks.reduce((sum, one) => sum + one, 0), idle: idle + waiting, stolen };
  } catch {
    return { all: 0, idle: 0, stolen: 0 };
  }
}
