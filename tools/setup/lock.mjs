import fs from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { interruption } from "./interruption.mjs";
import { SetupError } from "./output.mjs";

const POLL_MILLISECONDS = 150;

/**
 * Runs `work` while this process alone holds the lock, which is a folder with one file in it that names its owner.
 * Taking the lock is one rename, and a lock left by a dead process is taken over by removing exactly that owner's file,
 * so two processes can never believe they hold it.
 *
 * @template T
 * @param {string} folder the lock; its parent is made when missing
 * @param {{limitSeconds: number, onWait?: () => void}} options how long to wait for another holder, and what to say once
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 * @throws {SetupError} when another process still holds the lock after `limitSeconds`
 */
export async function withLock(folder, options, work) {
  const owner = nameOf(process.pid);
  const start = Date.now();
  let announced = false;
  fs.mkdirSync(path.dirname(folder), { recursive: true });
  while (!take(folder, owner)) {
    if (Date.now() - start > options.limitSeconds * 1000)
      throw new SetupError(`${folder} is still held by process ${holderOf(folder) ?? "unknown"}; end it and try again`);
    if (!announced) options.onWait?.();
    announced = true;
    await delay(POLL_MILLISECONDS);
    interruption.throwIfAborted();
  }
  try {
    return await work();
  } finally {
    fs.rmSync(path.join(folder, owner), { force: true });
    removeEmpty(folder);
  }
}

/**
 * @param {string} folder
 * @param {string} owner
 */
function take(folder, owner) {
  for (const entry of entriesOf(folder)) {
    if (!isAlive(entry)) fs.rmSync(path.join(folder, entry), { force: true });
  }
  removeEmpty(folder);
  const own = `${folder}.${process.pid}`;
  fs.mkdirSync(own, { recursive: true });
  fs.writeFileSync(path.join(own, owner), "");
  try {
    // Fails while the lock holds an owner's file: a folder can be renamed onto an empty one only.
    fs.renameSync(own, folder);
    return true;
  } catch {
    fs.rmSync(own, { recursive: true, force: true });
    return false;
  }
}

/** @param {string} folder */
function removeEmpty(folder) {
  try {
    fs.rmdirSync(folder);
  } catch {
    // It is gone already, or another owner has it.
  }
}

/** @param {string} folder */
function entriesOf(folder) {
  try {
    return fs.readdirSync(folder);
  } catch {
    return [];
  }
}

/** @param {string} folder */
function holderOf(folder) {
  return entriesOf(folder)[0]?.split("-")[0];
}

/**
 * Whether the process that an owner's file names still runs.
 *
 * @param {string} owner
 */
function isAlive(owner) {
  const pid = Number(owner.split("-")[0]);
  try {
    process.kill(pid, 0);
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
  return nameOf(pid) === owner;
}

/**
 * A process by its id and, where the kernel tells, its start time, so that a reused id is not taken for the old process.
 *
 * @param {number} pid
 */
function nameOf(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    const startTicks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    return `${pid}-${startTicks}`;
  } catch {
    return `${pid}-0`;
  }
}
