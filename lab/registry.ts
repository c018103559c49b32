import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { LabDescription } from "./common/description";

/** The file in the folder of a running lab that the command line reads. */
export interface RunningLab {
  description: LabDescription;
  /** Process of the lab. */
  pid: number;
  /** Process that holds the namespaces of the network; 0 without a network. */
  keeperPid: number;
  /** Path of the local socket on which the lab serves commands. */
  controlSocket: string;
}

/** Parent folder of the folders of this user's labs. */
export function registryFolder(): string {
  const folder = join(tmpdir(), `safeguard-lab-${userInfo().username}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** Folder of one lab. @throws Error when the name is invalid. */
export function labDirectory(name: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,39}$/.test(name)) return join(registryFolder(), name);
  throw new Error(
    `Invalid value for name: ${name}. Allowed values are: 1 to 40 lower-case letters, digits and hyphens.`,
  );
}

/** File that describes the running lab. */
export const runningFile = (directory: string) => join(directory, "lab.json");

/** The running lab with this name; undefined when there is none. */
export function findRunning(name: string): RunningLab | undefined {
  const file = runningFile(labDirectory(name));
  if (!existsSync(file)) return undefined;
  const running = JSON.parse(readFileSync(file, "utf8")) as RunningLab;
  return isAlive(running.pid) ? running : undefined;
}

/** Names of this user's running labs. */
export function runningNames(): string[] {
  return readdirSync(registryFolder()).filter((name) => /^[a-z0-9]/.test(name) && findRunning(name) !== undefined);
}

/** File with the process id of the lab. */
export const ownerFile = (directory: string) => join(directory, "owner");

/** Whether the process that created a lab's folder still runs. A folder without an owner file is new for 5 s. */
export function ownerIsAlive(directory: string): boolean {
  if (!existsSync(ownerFile(directory))) return Date.now() - statSync(directory).mtimeMs < 5000;
  return isAlive(Number(readFileSync(ownerFile(directory), "utf8")));
}

/** Whether a process of this user exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
