import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Every program of the system the network needs, with the Debian package that has it. */
const TOOLS = {
  conntrack: "conntrack",
  ip: "iproute2",
  iptables: "iptables",
  "iptables-restore": "iptables",
  "iptables-save": "iptables",
  mount: "mount",
  nft: "nftables",
  nsenter: "util-linux",
  "ssh-keygen": "openssh-client",
  sshd: "openssh-server",
  unshare: "util-linux",
} as const;

/** Absolute path of a program, looked for in the folders of a search path; undefined where none has it. */
export function findTool(name: string, path: string): string | undefined {
  for (const folder of path.split(delimiter)) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // The next folder may have it.
    }
  }
  return undefined;
}

/** The programs a search path lacks, and the Debian packages to install for them; undefined when it has all. */
export function missingTools(path: string): { programs: string[]; packages: string[] } | undefined {
  const missing = Object.entries(TOOLS).filter(([name]) => findTool(name, path) === undefined);
  if (missing.length === 0) return undefined;
  return { programs: missing.map(([name]) => name), packages: [...new Set(missing.map(([, from]) => from))].sort() };
}
