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
  const providers = listProviders();
  const [provider] = providers;
  if (!provider || providers.length > 1) throw new Error(`there are ${providers.length} provider processes`);
  process.kill(provider.pid, "SIGKILL");
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

function listProviders(): ListedProcess[] {
  const ours = descendants(listProcesses(), process.pid);
  return ours.filter(({ command }) => /\bnode\b.*cmd\/dynamic-provider/.test(command));
}

function descendants(all: ListedProcess[], pid: number): ListedProcess[] {
  const children = all.filter(({ parent }) => parent === pid);
  return children.flatMap((child) => [child, ...descendants(all, child.pid)]);
}

function listProcesses(): ListedProcess[] {
  const output = execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" });
  return output.split("\n").flatMap((line) => {
    const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid && parent && command ? [{ pid: Number(pid), parent: Number(parent), command }] : [];
  });
}
