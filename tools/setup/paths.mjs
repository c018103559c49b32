import path from "node:path";
import { fileURLToPath } from "node:url";

/** The project's root folder. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

/**
 * The lock of the steps that write into the checkout; it may be removed while no set-up runs.
 *
 * @param {string} projectRoot
 * @returns {string}
 */
export function setupLock(projectRoot) {
  return path.join(projectRoot, "dist", ".setup", "lock");
}

/** How long a step waits for another set-up in the same checkout. */
export const checkoutLockLimitSeconds = 900;
