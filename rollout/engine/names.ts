/** Names in the database. Processes of different versions share them, so they never change. */
export const APPLICATION = "pulumi-safeguard-rollout";
/** Changes only when the workflows of before could not go on with this code. */
export const WORKFLOW_VERSION = "2";
export const ROLLOUT_WORKFLOW = "rollout";
export const SITE_WORKFLOW = "site";
/** Rollouts that wait for a worker. */
export const ROLLOUTS_QUEUE = "rollouts";
/** Checks of sites, which only read. */
export const CHECKS_QUEUE = "checks";
/** Changes of sites, one at a time for each SPP. */
export const CHANGES_QUEUE = "changes";
