import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { run, runOrFail } from "./run";

/** Folder of the lab's own files inside the namespaces. It is in memory and ends with them. */
export const LAB_FOLDER = "/run/safeguard-lab";
const SHADOW_FIELDS = "19000:0:99999:7:::";

/**
 * Gives the hosts of the network a private copy of /etc in memory, so that users, units and sysctl files written on the
 * router do not reach this machine. Root can log in by key there. /run must already be private.
 */
export async function createPrivateFiles(): Promise<void> {
  mkdirSync("/run/root", { mode: 0o700 });
  for (const folder of [LAB_FOLDER, "/run/etc", "/run/lock", "/run/sshd", "/run/home"])
    mkdirSync(folder, { mode: 0o755 });
  // Without root some files cannot be read; none of them is needed.
  await run(["cp", "-a", "--no-preserve=ownership", "/etc/.", "/run/etc"]);
  await runOrFail(["mount", "--bind", "/run/etc", "/etc"]);
  const shell = existsSync("/bin/bash") ? "/bin/bash" : "/bin/sh";
  replaceLine("/etc/passwd", "root", `root:x:0:0:root:/run/root:${shell}`);
  // OpenSSH refuses keys for accounts that are locked with "!", as many images lock root.
  replaceLine("/etc/shadow", "root", `root:*:${SHADOW_FIELDS}`);
}

/** A further user of the router. */
export interface RouterUser {
  username: string;
  /** Password for logins. Default: no password logins. */
  password?: string;
  /** Public key for logins, one line. Default: no key logins. */
  publicKey?: string;
  /** Whether the user has user id 0. Default false. */
  root?: boolean;
}

/** Adds an account to the private /etc. @throws Error when the name exists or is invalid. */
export async function addAccount(user: RouterUser): Promise<void> {
  const { username, password, root = false } = user;
  if (!/^[a-z_][a-z0-9_-]{0,31}$/.test(username)) {
    throw new Error(
      `Invalid value for username: ${username}. Allowed values are: names of 1 to 32 lower-case letters, digits, hyphens and underscores.`,
    );
  }
  const lines = readFileSync("/etc/passwd", "utf8").split("\n");
  if (lines.some((line) => line.startsWith(`${username}:`)))
    throw new Error(`user ${username} already exists on the router`);
  const id = root ? 0 : 2000 + lines.length;
  const home = `/run/home/${username}`;
  mkdirSync(home, { mode: 0o700 });
  chownSync(home, id, id);
  replaceLine("/etc/passwd", username, `${username}:x:${id}:${id}::${home}:/bin/sh`);
  if (!root) replaceLine("/etc/group", username, `${username}:x:${id}:`);
  replaceLine("/etc/shadow", username, `${username}:*:${SHADOW_FIELDS}`);
  if (password !== undefined) await runOrFail(["chpasswd", "-c", "SHA512"], { input: `${username}:${password}\n` });
}

function replaceLine(file: string, name: string, line: string): void {
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const others = text.split("\n").filter((other) => other !== "" && !other.startsWith(`${name}:`));
  writeFileSync(file, `${[line, ...others].join("\n")}\n`, { mode: file === "/etc/shadow" ? 0o600 : 0o644 });
}
