import { readFileSync } from "node:fs";

/** The start of a process in ticks since boot, on Linux; undefined when there is none or it has ended and waits for its parent. */
export function startTicks(pid: number): string | undefined {
  // The name of the program, in brackets, may hold anything.
  const fields = contentOf(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, "")
    .split(" ");
  return fields[0] === "Z" ? undefined : fields[19];
}

/** Whether a process is suspended, on Linux. */
export function isSuspended(pid: number): boolean {
  return /^.*\) [Tt] /s.test(contentOf(`/proc/${pid}/stat`));
}

/** Whether a process with this number exists, also one of another user. */
export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The text of a file of the kernel; empty where the system does not have it. */
export function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return "";
  }
}
