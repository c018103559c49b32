import { withoutAccess } from "../../core/json-schema";
import { withDefaults } from "../../core/settings";
import { ifKnown, UNKNOWN } from "../../core/unknown";
import { validate } from "../../core/validate";
import type { CheckContext, CheckResult } from "../operations";
import { unverifiedNotes } from "../unverified";
import { memberSearchRole, roleProblems } from "./plan";
import { type SpsClusterChecked, spsClusterSchema } from "./schema";

/** Validates the inputs and fills in defaults. */
export function check(news: Record<string, unknown>, { settings }: CheckContext): CheckResult {
  const { stepSeconds, synchronizationSeconds } = settings;
  const given = withDefaults(news, { timeouts: { stepSeconds, synchronizationSeconds } });
  const validated = validate(spsClusterSchema, given);
  if (!validated.ok) return { inputs: news, failures: validated.failures, notes: [] };
  const inputs = validated.value;
  const notes = unverifiedNotes("centralManagement", inputs.centralManagement);
  if (inputs.members !== UNKNOWN) {
    for (const [index, member] of inputs.members.entries()) {
      if (member !== UNKNOWN) notes.push(...unverifiedNotes(`members[${index}].connection`, member.connection));
    }
    inputs.members = withSearchRoles(inputs.searchRole, inputs.members);
  }
  const known = ifKnown(withoutAccess(inputs, spsClusterSchema));
  return { inputs: { ...inputs }, failures: known ? roleProblems(known) : [], notes };
}

type Members = Exclude<SpsClusterChecked["members"], typeof UNKNOWN>;

/** Stores default roles as inputs, so that a manual change of a role shows as drift. */
function withSearchRoles(centralRole: SpsClusterChecked["searchRole"], members: Members): Members {
  const roles = [centralRole, ...members.map((member) => (member === UNKNOWN ? UNKNOWN : member.searchRole))];
  const byDefault = memberSearchRole(roles);
  const mayStillChange = roles.includes(UNKNOWN) && byDefault === "search-local";
  return members.map((member) =>
    member === UNKNOWN
      ? member
      : { ...member, searchRole: member.searchRole ?? (mayStillChange ? UNKNOWN : byDefault) },
  );
}
