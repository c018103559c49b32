import type { OperationContext } from "../../core/context";
import { pick } from "../../core/difference";
import { withoutAccess } from "../../core/json-schema";
import { ifKnown, UNKNOWN } from "../../core/unknown";
import { validate } from "../../core/validate";
import type { CheckResult } from "../operations";
import { warnUnverified } from "../unverified";
import { compareClusters } from "./changes";
import { foresee } from "./foresee";
import { describeSteps, memberSearchRole, roleProblems } from "./plan";
import { type SpsClusterChecked, spsClusterSchema } from "./schema";

/**
 * Validates the inputs, fills in defaults, and adds the steps for the preview to show. Asks an appliance only where
 * members are added to a cluster or a node would lose recordings; reads only.
 */
export async function check(
  olds: Record<string, unknown>,
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
      if (member !== UNKNOWN) warnUnverified(context, `members[${index}].connection`, member.connection);
    }
    inputs.members = withSearchRoles(inputs.searchRole, inputs.members);
  }
  // Steps do not depend on credentials, so they show while credentials are unknown.
  const known = ifKnown(withoutAccess(inputs, spsClusterSchema));
  const failures = known ? roleProblems(known) : [];
  const steps = known ? describeSteps(known) : UNKNOWN;
  const before = recordedInputs(olds);
  if (known && before && failures.length === 0) {
    failures.push(...(await foresee(compareClusters(before, known), inputs.centralManagement, context)));
  }
  return { inputs: { ...inputs, steps }, failures };
}

/** The checked inputs of before; undefined at the creation, and where another version recorded another shape. */
function recordedInputs(olds: Record<string, unknown>) {
  const parsed = spsClusterSchema.safeParse(pick(olds, Object.keys(spsClusterSchema.shape)));
  return parsed.success ? ifKnown(withoutAccess(parsed.data, spsClusterSchema)) : undefined;
}

type Checked = Omit<SpsClusterChecked, "steps">;
type Members = Exclude<Checked["members"], typeof UNKNOWN>;

/** Filled in here, so that a role changed by hand shows as a difference even where the default was meant. */
function withSearchRoles(centralRole: Checked["searchRole"], members: Members): Members {
  const roles = [centralRole, ...members.map((member) => (member === UNKNOWN ? UNKNOWN : member.searchRole))];
  const byDefault = memberSearchRole(roles);
  const mayStillChange = roles.includes(UNKNOWN) && byDefault === "search-local";
  return members.map((member) =>
    member === UNKNOWN
      ? member
      : { ...member, searchRole: member.searchRole ?? (mayStillChange ? UNKNOWN : byDefault) },
  );
}
