import assert from "node:assert/strict";
import { plannedRules } from "../../provider/resources/router-redirection/preview";
import type { RouterRedirectionChecked } from "../../provider/resources/router-redirection/schema";
import { linux } from "../../provider/router/linux/platform";
import type { RouterPlatform } from "../../provider/router/platform";

/** The rules that known inputs lead to. */
export function rulesOf(inputs: RouterRedirectionChecked, platform: RouterPlatform = linux): string[] {
  const rules = plannedRules(platform, inputs);
  assert.ok(Array.isArray(rules), "the rules are not known");
  return rules;
}
