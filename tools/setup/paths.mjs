import path from "node:path";
import { fileURLToPath } from "node:url";

/** The project's root folder. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

/**
 * What the set-up keeps for itself in a checkout: its lock and the build's fingerprint. Ignored by git, never packed,
 * and may be removed at any time.
 *
 * @param {string} projectRoot
 * @returns {string}
 */
export function setupFolder(projectRoot) {
  return path.join(projectRoot, "dist", ".setup");
}

/**
 * The lock that the steps which write into the checkout hold.
 *
 * @param {string} projectRoot
 * @returns {string}
 */
export function setupLock(projectRoot) {
  return path.join(setupFolder(projectRoot), "lock");
}

/** How long a step waits for another set-up of the same checkout. */
export const checkoutLockLimitSeconds = 900;
