import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { LabDescription } from "./common/description";

/** What is kept in the folder of a running lab for the command line tool. */
export interface RunningLab {
  description: LabDescription;
  /** Process that holds the lab. */
  pid: number;
  /** Process whose namespaces are the network; 0 without network. */
  keeperPid: number;
  /** Where the lab takes orders: a path for a local socket. */
  controlSocket: string;
}

/** Folder with one folder for each running lab of this user. */
export function registryFolder(): string {
  const folder = join(tmpdir(), `safeguard-lab-${userInfo().username}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** Folder of one lab. @throws Error when the name cannot be one. */
export function labDirectory(name: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,39}$/.test(name)) return join(registryFolder(), name);
  throw new Error(
    `Invalid value for name: ${name}. Allowed values are: 1 to 40 lower-case letters, digits and hyphens.`,
  );
}

export const runningFile = (directory: string) => join(directory, "lab.json");

/** The running lab of that name; undefined when there is none. */
export function findRunning(name: string): RunningLab | undefined {
  const file = runningFile(labDirectory(name));
  if (!existsSync(file)) return undefined;
  const running = JSON.parse(readFileSync(file, "utf8")) as RunningLab;
  return isAlive(running.pid) ? running : undefined;
}

/** Names of the labs of this user that run now. */
export function runningNames(): string[] {
  return readdirSync(registryFolder()).filter((name) => /^[a-z0-9]/.test(name) && findRunning(name) !== undefined);
}

/** File with the process id of the process that holds the lab. */
export const ownerFile = (directory: string) => join(directory, "owner");

/** Tells whether the process that made a lab's folder still runs; a folder still being made counts as alive. */
export function ownerIsAlive(directory: string): boolean {
  if (!existsSync(ownerFile(directory))) return Date.now() - statSync(directory).mtimeMs < 5000;
  return isAlive(Number(readFileSync(ownerFile(directory), "utf8")));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
