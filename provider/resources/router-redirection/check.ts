import { withDefaults } from "../../core/settings";
import { hasUnknown, UNKNOWN } from "../../core/unknown";
import { validate } from "../../core/validate";
import { capabilityProblems } from "../../router/capabilities";
import type { Findings, Platforms, RouterPlatform } from "../../router/platform";
import { PLATFORM_NAMES } from "../../router/platforms";
import { protectionProblems } from "../../router/protection";
import { canonicalRedirection, type Redirection } from "../../router/redirection";
import { topologyProblems } from "../../router/topology";
import type { CheckContext, CheckResult, Note } from "../operations";
import { inputSchemaOf, type RouterRedirectionChecked, routerRedirectionSchema } from "./schema";

/** Validates the inputs and brings them into canonical form. Pure. */
export function check(platforms: Platforms, given: Record<string, unknown>, { settings }: CheckContext): CheckResult {
  const news = withDefaults(given, { preview: settings.preview });
  const { platform: name } = news;
  const platform = typeof name === "string" ? platforms.get(name) : undefined;
  if (!platform && PLATFORM_NAMES.some((known) => known === name)) {
    const built = [...platforms.keys()].join(", ").replace(/, ([^,]*)$/, " or $1");
    const reason = `platform: ${String(name)} cannot be managed yet; set it to ${built}`;
    return { inputs: news, failures: [{ path: "platform", reason }], notes: [] };
  }
  const validated = validate(platform ? inputSchemaOf(platform) : routerRedirectionSchema, news);
  if (!validated.ok) return { inputs: news, failures: validated.failures, notes: [] };
  const inputs = validated.value;
  // The platform may be unknown in a preview.
  const { failures, notes } = platform ? problemsOf(platform, inputs) : { failures: [], notes: [] };
  if (failures.length > 0) return { inputs: news, failures, notes };
  const isAlwaysPersistent = platform?.capabilities(Reflect.get(inputs, platform.block)).persistence === "always";
  if (news.persist === undefined && !isAlwaysPersistent) notes.push(lostAtRestart(inputs));
  return { inputs: { ...inputs, redirections: canonical(inputs.redirections) }, failures, notes };
}

function problemsOf(platform: RouterPlatform, inputs: RouterRedirectionChecked): Findings {
  const { router: connection, redirections } = inputs;
  const options: unknown = Reflect.get(inputs, platform.block);
  const topology = redirections === UNKNOWN ? [] : topologyProblems(redirections);
  // The platform checks only redirections that do not contradict each other.
  const sound = topology.length > 0 ? UNKNOWN : redirections;
  const { failures, notes } = platform.problems({ ...inputs, connection, redirections: sound, options });
  const capabilities = platform.capabilities(options);
  if (capabilities.rollback === "provider") notes.push(onlyWhileRunning(platform));
  const lacking = capabilityProblems(platform.name, capabilities, inputs);
  return { failures: [...failures, ...topology, ...protectionProblems(inputs), ...lacking], notes };
}

function onlyWhileRunning({ name }: RouterPlatform): Note {
  const text = `platform ${name} cannot roll changes back by itself: they are rolled back only while this program runs and reaches the router`;
  return { severity: "warning", text };
}

function lostAtRestart({ router, redirections }: RouterRedirectionChecked): Note {
  const address = router === UNKNOWN || router.address === UNKNOWN ? "" : ` ${router.address}`;
  const names = redirections === UNKNOWN ? [] : redirections.map((one) => (one === UNKNOWN ? UNKNOWN : one.name));
  const known = names.filter((name) => name !== UNKNOWN).join(", ");
  const text = `router${address}: redirection ${known === "" ? "" : `${known} `}is lost when the router restarts, until the next pulumi up; set persist to true to keep it, or to false to accept that`;
  return { severity: "info", text };
}

function canonical(redirections: RouterRedirectionChecked["redirections"]): RouterRedirectionChecked["redirections"] {
  if (redirections === UNKNOWN || hasUnknown(redirections)) return redirections;
  return (redirections as Redirection[])
    .map(canonicalRedirection)
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}
