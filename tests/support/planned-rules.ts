import assert from "node:assert/strict";
import { plannedRules } from "../../provider/resources/router-redirection/preview";
import type { RouterRedirectionChecked } from "../../provider/resources/router-redirection/schema";

/** The rules that known inputs lead to. */
export function rulesOf(inputs: RouterRedirectionChecked): string[] {
  const rules = plannedRules(inputs);
  assert.ok(Array.isArray(rules), "the rules are not known");
  return rules;
}
