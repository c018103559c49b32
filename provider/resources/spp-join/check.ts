import { withDefaults } from "../../core/settings";
import { validate } from "../../core/validate";
import type { CheckContext, CheckResult } from "../operations";
import { unverifiedNotes } from "../unverified";
import { sppJoinSchema } from "./schema";

/**
 * Validates the inputs and fills in defaults. Only the preview compares the acknowledgement, because it knows the side effects of the join
 * and can show the complete block to paste.
 */
export function check(news: Record<string, unknown>, { settings }: CheckContext): CheckResult {
  const { trustSeconds, policySeconds, backupSeconds, synchronizationSeconds } = settings;
  const timeouts = { trustSeconds, policySeconds, backupSeconds, synchronizationSeconds };
  const validated = validate(sppJoinSchema, withDefaults(news, { timeouts }));
  if (!validated.ok) return { inputs: news, failures: validated.failures, notes: [] };
  const inputs = validated.value;
  const notes = [...unverifiedNotes("sps", inputs.sps), ...unverifiedNotes("spp", inputs.spp)];
  return { inputs: { ...inputs }, failures: [], notes };
}
