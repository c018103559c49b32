import type { OperationContext } from "../../core/context";
import { ifKnown, UNKNOWN } from "../../core/unknown";
import { type InputFailure, validate } from "../../core/validate";
import { backendProblems } from "../../router/linux/backends/limits";
import { desiredState } from "../../router/linux/desired";
import { desiredLines } from "../../router/linux/lines";
import { nextHopProblems } from "../../router/linux/next-hops";
import { canonicalRedirection, type KnownRedirection } from "../../router/redirection";
import { topologyProblems } from "../../router/topology";
import type { CheckResult } from "../operations";
import { livePreview } from "./live-preview";
import { BUILT_PLATFORMS, PLATFORMS, type RouterRedirectionChecked, routerRedirectionSchema } from "./schema";
import { wayInProblems } from "./way-in";

/** Properties that are planned and that nothing must pretend to honour until they are there. */
const NOT_BUILT_YET = ["persist"];

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
  const routerProblems = inputs.router === UNKNOWN ? [] : wayInProblems("router", inputs.router, context);
  const failures = [...routerProblems, ...redirectionProblems(inputs)];
  if (failures.length > 0) return { inputs: given, failures };
  const checked = withRules(inputs);
  const isLive = checked.preview !== UNKNOWN && checked.preview.live === true;
  return { inputs: { ...checked }, failures: isLive ? await livePreview(olds, checked, context) : [] };
}

function unbuilt(given: Record<string, unknown>): InputFailure[] {
  const { platform } = given;
  if (PLATFORMS.some((known) => known === platform) && !BUILT_PLATFORMS.includes(String(platform))) {
    const reason = `platform ${String(platform)} is not built yet; only ${BUILT_PLATFORMS.join(", ")} is`;
    return [{ path: "platform", reason }];
  }
  return NOT_BUILT_YET.filter((name) => Object.hasOwn(given, name) && given[name] !== undefined).map((name) => ({
    path: name,
    reason: `Unknown property ${name}: it is not built yet. Remove it.`,
  }));
}

type Checked = Omit<RouterRedirectionChecked, "rules">;

function redirectionProblems({ redirections, linux }: Checked): InputFailure[] {
  if (redirections === UNKNOWN) return [];
  const problems = topologyProblems(redirections);
  if (problems.length > 0 || linux === UNKNOWN) return problems;
  return [...nextHopProblems(redirections, linux), ...backendProblems(redirections, linux)];
}

function withRules(inputs: Checked): RouterRedirectionChecked {
  // What leads to the router may stay unknown without hiding the rules: they do not depend on it.
  const { redirections: given, linux }: Pick<Checked, "redirections" | "linux"> = inputs;
  const known = given === UNKNOWN || linux === UNKNOWN ? undefined : ifKnown({ redirections: given, linux });
  if (!known) return { ...inputs, rules: UNKNOWN };
  const redirections = known.redirections.map(canonicalRedirection).sort(byName);
  return { ...inputs, redirections, rules: desiredLines(desiredState(redirections, known.linux)) };
}

function byName(left: KnownRedirection, right: KnownRedirection): number {
  return left.name < right.name ? -1 : 1;
}
