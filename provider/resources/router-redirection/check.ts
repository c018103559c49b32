import { ifKnown, UNKNOWN } from "../../core/unknown";
import { type InputFailure, validate } from "../../core/validate";
import { backendProblems } from "../../router/linux/backends/limits";
import { nextHopProblems } from "../../router/linux/next-hops";
import { protectionProblems } from "../../router/protection";
import { canonicalRedirection, type KnownRedirection } from "../../router/redirection";
import { removalProblems } from "../../router/removal";
import { topologyProblems } from "../../router/topology";
import type { CheckResult } from "../operations";
import { BUILT_PLATFORMS, PLATFORMS, type RouterRedirectionChecked, routerRedirectionSchema } from "./schema";
import { connectionProblems } from "./way-in";

/** Validates the inputs and brings them into canonical form. */
export function check(news: Record<string, unknown>): CheckResult {
  const early = unbuilt(news);
  if (early.length > 0) return { inputs: news, failures: early, notes: [] };
  const validated = validate(routerRedirectionSchema, news);
  if (!validated.ok) return { inputs: news, failures: validated.failures, notes: [] };
  const inputs = validated.value;
  const connection = inputs.router === UNKNOWN ? { failures: [], notes: [] } : connectionProblems(inputs.router);
  const failures = [
    ...connection.failures,
    ...redirectionProblems(inputs),
    ...protectionProblems(inputs),
    ...removalProblems(inputs),
  ];
  if (failures.length > 0) return { inputs: news, failures, notes: connection.notes };
  const checked = canonical(inputs);
  const { notes } = connection;
  if (news.persist === undefined) notes.push({ severity: "info", text: lostAtRestart(checked) });
  return { inputs: { ...checked }, failures: [], notes };
}

function unbuilt(given: Record<string, unknown>): InputFailure[] {
  const { platform } = given;
  if (PLATFORMS.some((known) => known === platform) && !BUILT_PLATFORMS.includes(String(platform))) {
    const reason = `platform ${String(platform)} is not built yet; only ${BUILT_PLATFORMS.join(", ")} is`;
    return [{ path: "platform", reason }];
  }
  return [];
}

function lostAtRestart({ router, redirections }: RouterRedirectionChecked): string {
  const address = router === UNKNOWN || router.address === UNKNOWN ? "" : ` ${router.address}`;
  const names = redirections === UNKNOWN ? [] : redirections.map((one) => (one === UNKNOWN ? UNKNOWN : one.name));
  const known = names.filter((name) => name !== UNKNOWN).join(", ");
  return `router${address}: what redirects ${known === "" ? "the traffic" : known} is lost when the router restarts, until the next pulumi up; set persist to true to keep it, or to false if that is meant`;
}

function redirectionProblems({ redirections, linux }: RouterRedirectionChecked): InputFailure[] {
  if (redirections === UNKNOWN) return [];
  const problems = topologyProblems(redirections);
  if (problems.length > 0 || linux === UNKNOWN) return problems;
  return [...nextHopProblems(redirections, linux), ...backendProblems(redirections, linux)];
}

function canonical(inputs: RouterRedirectionChecked): RouterRedirectionChecked {
  const known = ifKnown(inputs.redirections);
  if (!known) return inputs;
  return { ...inputs, redirections: known.map(canonicalRedirection).sort(byName) };
}

function byName(left: KnownRedirection, right: KnownRedirection): number {
  return left.name < right.name ? -1 : 1;
}
