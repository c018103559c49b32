import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { systemPath } from "./programs";
import { run } from "./run";
import { findTool, missingTools } from "./tools";

/** What the network would run on; for tests. Everything not given is this machine's own. */
export interface Surroundings {
  platform?: NodeJS.Platform;
  /** Search path for programs. */
  path?: string;
  /** User id of this process. */
  userId?: number;
}

/** First process in the namespaces: makes /run and the login records private, then reaps orphans while the keeper runs. */
export const INIT_SCRIPT = [
  "mount -t tmpfs -o mode=755 lab /run || exit 1",
  "if [ -d /var/log ]; then mount -t tmpfs -o mode=755 lab /var/log || exit 1; fi",
  '"$@"',
  'exit "$?"',
].join("\n");

// Everything of the kernel that a start needs and that a kernel, a container or a policy may refuse.
const TRIAL = "ip link add trial0 type veth peer name trial1 && iptables -w 10 -t mangle -S && nft list ruleset";

/** The command line that starts a program as the only owner of new mount, process and network namespaces. */
export function namespaceCommand(command: readonly string[]): string[] {
  const root = process.getuid?.() === 0;
  const user = root ? [] : ["--user", "--map-root-user", "--map-auto"];
  const flags = ["--mount", "--pid", "--net", "--fork", "--kill-child=KILL", "--mount-proc"];
  return ["unshare", ...user, ...flags, "sh", "-c", INIT_SCRIPT, "sh", ...command];
}

/** Why the network cannot even be tried: the system, its programs, or the rights of this user. */
export function missingPart(surroundings: Surroundings = {}): string | undefined {
  const { platform = process.platform, path = systemPath(), userId = process.getuid?.() } = surroundings;
  if (platform !== "linux") {
    return `the routed network of the lab needs Linux's network namespaces, and this system is ${platform}; run it on Linux or in a Linux virtual machine`;
  }
  const missing = missingTools(path);
  if (missing !== undefined) {
    return `the routed network of the lab needs programs that are not on PATH: ${missing.programs.join(", ")}; install the Debian packages ${missing.packages.join(" ")}`;
  }
  if (userId !== 0 && !hasSubordinateIds(path)) {
    return "the routed network of the lab needs root's rights, or newuidmap and subordinate user ids for its OpenSSH server; run as root, or install the Debian package uidmap and give this user a range in /etc/subuid and /etc/subgid";
  }
  return undefined;
}

/** Why the network cannot be made here, in one line with what to do; undefined when it can. Leaves nothing behind. */
export async function unavailableReason(surroundings: Surroundings = {}): Promise<string | undefined> {
  const missing = missingPart(surroundings);
  if (missing !== undefined) return missing;
  const path = surroundings.path ?? systemPath();
  const trial = namespaceCommand(["sh", "-c", TRIAL]);
  try {
    const result = await run(["env", `PATH=${path}`, ...trial], { timeoutSeconds: 5 });
    return result.status === 0 ? undefined : refusal(result.stderr);
  } catch (error) {
    return refusal((error as Error).message);
  }
}

function refusal(messages: string): string {
  const text = messages.trim().split("\n").join("; ");
  return `the kernel or its policy refuses the routed network of the lab: ${text}; run as root, outside of containers or in a privileged one`;
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
