import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { systemPath } from "./programs";
import { run } from "./run";
import { findTool, missingTools } from "./tools";

/** Facts about the system, for tests; the default is this machine. */
export interface SystemFacts {
  platform?: NodeJS.Platform;
  /** Search path for programs. */
  path?: string;
  /** User id of this process. */
  userId?: number;
}

/** First process in the namespaces: makes /run and /var/log private, then reaps orphans while the keeper runs. */
export const INIT_SCRIPT = [
  "mount -t tmpfs -o mode=755 lab /run || exit 1",
  "if [ -d /var/log ]; then mount -t tmpfs -o mode=755 lab /var/log || exit 1; fi",
  '"$@"',
  'exit "$?"',
].join("\n");

// Needs every kernel feature that a start needs and that a kernel, a container or a policy may refuse.
const PROBE = "ip link add probe0 type veth peer name probe1 && iptables -w 10 -t mangle -S && nft list ruleset";

/** The command line that starts a program in new mount, process and network namespaces. */
export function namespaceCommand(command: readonly string[]): string[] {
  const root = process.getuid?.() === 0;
  const user = root ? [] : ["--user", "--map-root-user", "--map-auto"];
  const flags = ["--mount", "--pid", "--net", "--fork", "--kill-child=KILL", "--mount-proc"];
  return ["unshare", ...user, ...flags, "sh", "-c", INIT_SCRIPT, "sh", ...command];
}

/** The missing requirement (operating system, programs or rights), with its remedy; undefined when all are met. */
export function missingRequirement(surroundings: SystemFacts = {}): string | undefined {
  const { platform = process.platform, path = systemPath(), userId = process.getuid?.() } = surroundings;
  if (platform !== "linux") {
    return `routed network: needs Linux network namespaces, and this system is ${platform}; run the lab on Linux or in a Linux virtual machine`;
  }
  const missing = missingTools(path);
  if (missing !== undefined) {
    return `routed network: programs not found on PATH: ${missing.programs.join(", ")}; install the Debian packages ${missing.packages.join(" ")}`;
  }
  if (userId !== 0 && !hasSubordinateIds(path)) {
    return "routed network: its OpenSSH server needs root, or newuidmap and subordinate user ids; run the lab as root, or install the Debian package uidmap and add a range for this user to /etc/subuid and /etc/subgid";
  }
  return undefined;
}

/** The reason why the network cannot start on this system, with the remedy; undefined when it can. Changes nothing. */
export async function unavailableReason(surroundings: SystemFacts = {}): Promise<string | undefined> {
  const missing = missingRequirement(surroundings);
  if (missing !== undefined) return missing;
  const path = surroundings.path ?? systemPath();
  const probe = namespaceCommand(["sh", "-c", PROBE]);
  try {
    const result = await run(["env", `PATH=${path}`, ...probe], { timeoutSeconds: 5 });
    return result.status === 0 ? undefined : kernelRefusal(result.stderr);
  } catch (error) {
    return kernelRefusal((error as Error).message);
  }
}

function kernelRefusal(messages: string): string {
  const text = messages.trim().split("\n").join("; ");
  return `routed network: the kernel or its policy refuses namespaces or rules: ${text}; run the lab as root, outside of containers or in a privileged container`;
}

function hasSubordinateIds(path: string): boolean {
  if (findTool("newuidmap", path) === undefined) return false;
  const { username, uid } = userInfo();
  return ["/etc/subuid", "/etc/subgid"].every((file) => {
    try {
      const lines = readFileSync(file, "utf8").split("\n");
      return lines.some((line) => line.startsWith(`${username}:`) || line.startsWith(`${uid}:`));
    } catch {
      return false;
    }
  });
}
