import { createHash } from "node:crypto";
import { awaitedApproval } from "../machine/approval";
import type { Approval } from "../machine/events";
import type { RolloutState } from "../machine/state";

/** Names what waits for approval in a rollout, so that an operator approves what `status` showed. Another check has another id. */
export function approvalId(rollout: string, approval: Approval): string {
  const content =
    "fingerprint" in approval
      ? approval.fingerprint
      : [approval.wave, ...Object.entries(approval.checks).map((check) => check.join(" "))].sort();
  return createHash("sha256")
    .update(JSON.stringify([rollout, content]))
    .digest("hex")
    .slice(0, 8);
}

/** The id of what waits for approval now; undefined when nothing does. */
export function awaitedId(rollout: string, state: RolloutState): string | undefined {
  const awaited = awaitedApproval(state);
  return awaited && approvalId(rollout, awaited);
}
