import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { must, run } from "./run";

/** Folder of the lab's own files inside the namespaces; in memory, gone with them. */
export const LAB_FOLDER = "/run/safeguard-lab";
const SHADOW_FIELDS = "19000:0:99999:7:::";

/**
 * Gives the network's hosts an /etc of their own, a copy in memory, so that nothing the router is told to keep
 * (users, units, sysctl files) reaches this machine. Its root account can log in by key whatever this machine's can.
 * Expects /run to be private already.
 */
export async function makePrivateFiles(): Promise<void> {
  mkdirSync("/run/root", { mode: 0o700 });
  for (const folder of [LAB_FOLDER, "/run/etc", "/run/lock", "/run/sshd", "/run/home"])
    mkdirSync(folder, { mode: 0o755 });
  // Without root's rights some files cannot be read; none of them is needed.
  await run(["cp", "-a", "--no-preserve=ownership", "/etc/.", "/run/etc"]);
  await must(["mount", "--bind", "/run/etc", "/etc"]);
  const shell = existsSync("/bin/bash") ? "/bin/bash" : "/bin/sh";
  replaceLine("/etc/passwd", "root", `root:x:0:0:root:/run/root:${shell}`);
  // An account locked with "!", as many images have it, could not log in by key either.
  replaceLine("/etc/shadow", "root", `root:*:${SHADOW_FIELDS}`);
}

/** Somebody who may log in to the router besides root's own key. */
export interface RouterUser {
  username: string;
  /** Password for logging in; none when not given. */
  password?: string;
  /** Public key for logging in, one line; none when not given. */
  publicKey?: string;
  /** Gives the user root's rights (user id 0). */
  root?: boolean;
}

/** Makes an account in the private /etc. @throws Error for names the system cannot have or that exist. */
export async function addAccount(user: RouterUser): Promise<void> {
  const { username, password, root = false } = user;
  if (!/^[a-z_][a-z0-9_-]{0,31}$/.test(username)) {
    throw new Error(
      `Invalid value for username: ${username}. Allowed values are: lower-case names of 1 to 32 letters.`,
    );
  }
  const lines = readFileSync("/etc/passwd", "utf8").split("\n");
  if (lines.some((line) => line.startsWith(`${username}:`))) throw new Error(`user ${username} exists on the router`);
  const id = root ? 0 : 2000 + lines.length;
  const home = `/run/home/${username}`;
  mkdirSync(home, { mode: 0o700 });
  chownSync(home, id, id);
  replaceLine("/etc/passwd", username, `${username}:x:${id}:${id}::${home}:/bin/sh`);
  if (!root) replaceLine("/etc/group", username, `${username}:x:${id}:`);
  replaceLine("/etc/shadow", username, `${username}:*:${SHADOW_FIELDS}`);
  if (password !== undefined) await must(["chpasswd", "-c", "SHA512"], { input: `${username}:${password}\n` });
}

function replaceLine(file: string, name: string, line: string): void {
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const others = text.split("\n").filter((other) => other !== "" && !other.startsWith(`${name}:`));
  writeFileSync(file, `${[line, ...others].join("\n")}\n`, { mode: file === "/etc/shadow" ? 0o600 : 0o644 });
}
