import type { OperationContext } from "../../core/context";
import { ifKnown, UNKNOWN } from "../../core/unknown";
import { type InputFailure, validate } from "../../core/validate";
import { backendProblems } from "../../router/linux/backends/limits";
import { desiredLines } from "../../router/linux/lines";
import { nextHopProblems } from "../../router/linux/next-hops";
import { protectionProblems } from "../../router/protection";
import { canonicalRedirection, type KnownRedirection } from "../../router/redirection";
import { removalProblems } from "../../router/removal";
import { topologyProblems } from "../../router/topology";
import type { CheckResult } from "../operations";
import { wantedBy } from "./holdings";
import { livePreview } from "./live-preview";
import {
  BUILT_PLATFORMS,
  type Holdings,
  PLATFORMS,
  type RouterRedirectionChecked,
  routerRedirectionSchema,
} from "./schema";
import { wayInProblems } from "./way-in";

/** Validates the inputs, brings them into canonical form, and adds the rules for the preview to show. */
export async function check(
  olds: Record<string, unknown>,
  news: Record<string, unknown>,
  context: OperationContext,
): Promise<CheckResult> {
  const { rules: _derived, ...given } = news;
  const early = unbuilt(given);
  if (early.length > 0) return { inputs: given, failures: early };
  const validated = validate(routerRedirectionSchema, given);
  if (!validated.ok) return { inputs: given, failures: validated.failures };
  const inputs = validated.value;
  const routerProblems = inputs.router === UNKNOWN ? [] : wayInProblems(inputs.router, context);
  const failures = [
    ...routerProblems,
    ...redirectionProblems(inputs),
    ...protectionProblems(inputs),
    ...removalProblems(inputs),
  ];
  if (failures.length > 0) return { inputs: given, failures };
  const checked = withRules(inputs);
  if (given.persist === undefined) context.log.info(lostAtRestart(checked));
  const isLive = checked.preview !== UNKNOWN && checked.preview.live === true;
  return { inputs: { ...checked }, failures: isLive ? await livePreview(olds, checked, context) : [] };
}

function unbuilt(given: Record<string, unknown>): InputFailure[] {
  const { platform } = given;
  if (PLATFORMS.some((known) => known === platform) && !BUILT_PLATFORMS.includes(String(platform))) {
    const reason = `platform ${String(platform)} is not built yet; only ${BUILT_PLATFORMS.join(", ")} is`;
    return [{ path: "platform", reason }];
  }
  return [];
}

type Checked = Omit<RouterRedirectionChecked, "rules">;

function lostAtRestart({ router, redirections }: RouterRedirectionChecked): string {
  const address = router === UNKNOWN || router.address === UNKNOWN ? "" : ` ${router.address}`;
  const names = redirections === UNKNOWN ? [] : redirections.map((one) => (one === UNKNOWN ? UNKNOWN : one.name));
  const known = names.filter((name) => name !== UNKNOWN).join(", ");
  return `router${address}: what redirects ${known === "" ? "the traffic" : known} is lost when the router restarts, until the next pulumi up; set persist to true to keep it, or to false if that is meant`;
}

function redirectionProblems({ redirections, linux }: Checked): InputFailure[] {
  if (redirections === UNKNOWN) return [];
  const problems = topologyProblems(redirections);
  if (problems.length > 0 || linux === UNKNOWN) return problems;
  return [...nextHopProblems(redirections, linux), ...backendProblems(redirections, linux)];
}

function withRules(inputs: Checked): RouterRedirectionChecked {
  // What leads to the router may stay unknown without hiding the rules: they do not depend on it.
  const { redirections: given, linux, persist, bypass, watchdog } = inputs;
  const known = ifKnown({ redirections: given, linux, persist, bypass, watchdog }) as Holdings | undefined;
  if (!known) return { ...inputs, rules: UNKNOWN };
  const redirections = known.redirections.map(canonicalRedirection).sort(byName);
  return { ...inputs, redirections, rules: desiredLines(wantedBy({ ...known, redirections })) };
}

function byName(left: KnownRedirection, right: KnownRedirection): number {
  return left.name < right.name ? -1 : 1;
}
