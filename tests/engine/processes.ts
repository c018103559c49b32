import { execFileSync } from "node:child_process";

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
  const all = listProcesses();
  const ours = descendants(all, process.pid);
  const providers = ours.filter(({ command }) => /\bnode\b.*cmd\/dynamic-provider/.test(command));
  const [provider] = providers;
  if (!provider || providers.length > 1) throw new Error(`there are ${providers.length} provider processes`);
  process.kill(provider.pid, "SIGKILL");
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
