import fs from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { interruption } from "./interruption.mjs";
import { SetupError } from "./output.mjs";

const POLL_MILLISECONDS = 150;

/**
 * Runs `work` while this process alone holds a lock: a folder with one file that names its owner. Taking the lock is one
 * rename. The lock of a dead process is taken over by removing exactly that owner's file, so two processes never hold it
 * at once. Uses Node alone, because it also guards `npm ci`.
 *
 * @template T
 * @param {string} folder the lock; missing parents are created
 * @param {{limitSeconds: number, onWait?: () => void}} options how long to wait for the holder; `onWait` is called once
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 * @throws {SetupError} when another process still holds the lock after `limitSeconds`
 */
export async function withLock(folder, { limitSeconds, onWait }, work) {
  const owner = ownerName(process.pid);
  const start = Date.now();
  let isWaiting = false;
  fs.mkdirSync(path.dirname(folder), { recursive: true });
  while (!take(folder, owner)) {
    if (Date.now() - start > limitSeconds * 1000)
      throw new SetupError(`${folder} is still held by process ${holderOf(folder) ?? "unknown"}; end it and try again`);
    if (!isWaiting) onWait?.();
    isWaiting = true;
    await delay(POLL_MILLISECONDS);
    interruption.throwIfAborted();
  }
  try {
    return await work();
  } finally {
    fs.rmSync(path.join(folder, owner), { force: true });
    removeIfEmpty(folder);
  }
}

/**
 * @param {string} folder
 * @param {string} owner
 * @returns {boolean} false while another process holds the lock
 */
function take(folder, owner) {
  for (const entry of entriesOf(folder)) {
    if (!isAlive(entry)) fs.rmSync(path.join(folder, entry), { force: true });
  }
  removeIfEmpty(folder);
  const own = `${folder}.${process.pid}`;
  fs.mkdirSync(own, { recursive: true });
  fs.writeFileSync(path.join(own, owner), "");
  try {
    // Fails while the lock holds a file: a folder can only replace an empty one.
    fs.renameSync(own, folder);
    return true;
  } catch {
    fs.rmSync(own, { recursive: true, force: true });
    return false;
  }
}

/** @param {string} folder */
function removeIfEmpty(folder) {
  try {
    fs.rmdirSync(folder);
  } catch {
    // Already removed, or taken by another owner.
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
 * @param {string} owner a name from {@link ownerName}
 * @returns {boolean} whether that process still runs
 */
function isAlive(owner) {
  const pid = Number(owner.split("-")[0]);
  try {
    process.kill(pid, 0);
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
  return ownerName(pid) === owner;
}

/**
 * A process as the lock names it: its id and, on Linux, its start time, because ids are reused.
 *
 * @param {number} pid
 */
function ownerName(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    const startTicks = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    return `${pid}-${startTicks}`;
  } catch {
    return `${pid}-0`;
  }
}
