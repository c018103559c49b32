import assert from "node:assert/strict";
import type { RouterRedirectionChecked } from "../../provider/resources/router-redirection/schema";
import { plannedRules } from "../../provider/resources/router-redirection/state";
import { linux } from "../../provider/router/linux/platform";
import type { RouterPlatform } from "../../provider/router/platform";

/** The planned rules of inputs without unknown values. */
export function rulesOf(inputs: RouterRedirectionChecked, platform: RouterPlatform = linux): string[] {
  const rules = plannedRules(platform, inputs);
  assert.ok(Array.isArray(rules), "the planned rules are unknown");
  return rules;
}
