import { execFileSync } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";

interface ListedProcess {
  pid: number;
  parent: number;
  command: string;
}

/**
 * Kills the provider's process that an engine run of this process has started, as the system does when it is short of
 * memory. @throws Error when there is not exactly one
 */
export function killProvider(): void {
  process.kill(onlyOne(listProviders(), "provider").pid, "SIGKILL");
}

/** The process of the dynamic providers, and the script that starts it. */
const PROVIDER = /cmd\/dynamic-provider|pulumi-resource-pulumi-nodejs/;

/** A Pulumi CLI that this process has started, with the provider processes below it. */
export class RunningCli {
  private constructor(
    private readonly cli: number,
    private readonly below: readonly number[],
  ) {}

  /** @throws Error when there is not exactly one */
  static find(): RunningCli {
    const all = listProcesses();
    const { pid } = onlyOne(clisIn(all), "CLI");
    return new RunningCli(
      pid,
      descendants(all, pid)
        .filter(({ command }) => PROVIDER.test(command))
        .map((one) => one.pid),
    );
  }

  signal(name: "SIGKILL" | "SIGINT"): void {
    process.kill(this.cli, name);
  }

  /** Waits until no process below the CLI is left. @returns how long that took, in milliseconds. @throws Error after a limit */
  async ended(limitMilliseconds: number): Promise<number> {
    const started = Date.now();
    for (;;) {
      const left = listProcesses().filter(({ pid, command }) => this.below.includes(pid) && !/<defunct>/.test(command));
      const milliseconds = Date.now() - started;
      if (left.length === 0) return milliseconds;
      if (milliseconds > limitMilliseconds) throw new Error(`still running: ${left.map(({ command }) => command)}`);
      await pause(100);
    }
  }
}

/**
 * Watches the provider's process that an engine run of this process starts from now on.
 * @returns when it had ended, as Date.now() counts. @throws Error after a minute
 */
export async function endOfProvider(): Promise<number> {
  const limit = Date.now() + 60_000;
  for (let wasSeen = false; Date.now() < limit; await pause(100)) {
    const isThere = listProviders().length > 0;
    if (wasSeen && !isThere) return Date.now();
    wasSeen ||= isThere;
  }
  throw new Error("no provider process came and went within a minute");
}

function clisIn(all: ListedProcess[]): ListedProcess[] {
  return descendants(all, process.pid).filter(({ command }) => /^\S*pulumi (up|refresh|destroy)\b/.test(command));
}

function onlyOne(found: ListedProcess[], what: string): ListedProcess {
  const [first] = found;
  if (!first || found.length > 1) throw new Error(`there are ${found.length} ${what} processes`);
  return first;
}

function listProviders(): ListedProcess[] {
  const ours = descendants(listProcesses(), process.pid);
  return ours.filter(({ command }) => /\bnode\b.*cmd\/dynamic-provider/.test(command));
}

function descendants(all: ListedProcess[], pid: number): ListedProcess[] {
  const children = all.filter(({ parent }) => parent === pid);
  return children.flatMap((child) => [child, ...descendants(all, child.pid)]);
}

/** Ends a process and all that it has started, as the end of its machine does. */
export function killWithDescendants(pid: number): void {
  for (const one of [pid, ...processesBelow(pid)]) killQuietly(one);
}

/** The processes that a process has started, and those that they have started, by their numbers. */
export function processesBelow(pid: number): number[] {
  return descendants(listProcesses(), pid).map((below) => below.pid);
}

/** Sends SIGKILL to a process, or to a group by its negative number, that may have ended by itself. */
export function killQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

function listProcesses(): ListedProcess[] {
  const output = execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" });
  return output.split("\n").flatMap((line) => {
    const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid && parent && command ? [{ pid: Number(pid), parent: Number(parent), command }] : [];
  });
}
