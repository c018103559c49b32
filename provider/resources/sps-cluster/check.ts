import type { OperationContext } from "../../core/context";
import { withoutCredentials } from "../../core/credential";
import { ifKnown, UNKNOWN } from "../../core/unknown";
import { validate } from "../../core/validate";
import type { CheckResult } from "../operations";
import { warnUnverified } from "../unverified";
import { describeSteps, memberSearchRole, roleProblems } from "./plan";
import { spsClusterSchema } from "./schema";

/** Validates the inputs, fills in defaults, and adds the steps for the preview to show. */
export async function check(
  _olds: Record<string, unknown>,
  news: Record<string, unknown>,
  context: OperationContext,
): Promise<CheckResult> {
  const { steps: _derived, ...given } = news;
  const validated = validate(spsClusterSchema, given);
  if (!validated.ok) return { inputs: given, failures: validated.failures };
  const inputs = validated.value;
  warnUnverified(context, "centralManagement", inputs.centralManagement);
  if (inputs.members !== UNKNOWN) {
    for (const [index, member] of inputs.members.entries()) {
      warnUnverified(context, `members[${index}].connection`, member.connection);
    }
    // Filled in here, so that a role changed by hand shows as a difference even where the default was meant.
    const memberRole = memberSearchRole([inputs.searchRole, ...inputs.members.map((member) => member.searchRole)]);
    inputs.members = inputs.members.map((member) => ({ ...member, searchRole: member.searchRole ?? memberRole }));
  }
  // Credentials may stay unknown without hiding the steps: those do not depend on them.
  const known = ifKnown(withoutCredentials(inputs));
  const failures = known ? roleProblems(known) : [];
  const steps = known ? describeSteps(known) : UNKNOWN;
  return { inputs: { ...inputs, steps }, failures };
}
