import { type ErrorCode, SafeguardError } from "../../../core/errors";
import { interfaceSelector } from "../../fields";
import { areNetworksOverlapping } from "../../networks";
import { isSameStack, ownerText } from "../../owner";
import { hostOf } from "../../planning/addresses";
import type { Redirection } from "../../redirection";
import { areOverlapping, topologyProblems } from "../../topology";
import { backendOf } from "../backends/backends";
import type { BackendName } from "../model/backend-names";
import type { Chain } from "../model/desired";
import { UNPRINTED, UNPRINTED_REMEDY } from "../model/found";
import { interfacesOf, isInterfaceName, resolvedName } from "../model/interfaces";
import { ENTRY_CHAIN } from "../model/saved-table";
import { findingsOf } from "../neighbours/findings";
import { requireFreeMarks } from "../neighbours/marks";
import { type Recipe, uncovered } from "../neighbours/recipe";
import { recipeVariants, VARIANT_REMEDY } from "../neighbours/recipe-variants";
import { requirePersistable } from "../persistence/plan";
import { isPresent, type PlanContext } from "./decision";
import { gaiaRefusals } from "./gaia";
import { refusal } from "./refusal";

/** The first Linux whose policy rules select by protocol and ports; older kernels ignore these conditions. */
const SELECTING_KERNEL = [4, 17] as const;

/**
 * Checks everything that must hold before the first change.
 * @throws SafeguardError SG3101 to SG3107, SG3109, SG3110 or SG3201 to SG3207, the first of `refusals`
 */
export function requirePreconditions(context: PlanContext): void {
  const [first] = refusals(context);
  if (first) throw first;
}

/**
 * Every reason to refuse the change, each once. What depends on a fault that is found already is not checked: rules of
 * others, for example, cannot be judged for an interface that does not exist.
 */
export function refusals(context: PlanContext): SafeguardError[] {
  const { chains } = context.desired;
  const unsuitable = gaiaRefusals(context);
  if (unsuitable.length > 0) return unsuitable;
  const unusable = [...refusalsOf(() => requireSelectors(context)), ...refusalsOf(() => requireBackend(context))];
  if (unusable.length > 0) return unusable;
  // Without redirections no backend is needed.
  const chosen = context.backend.name ?? "ip-rule";
  const links = [
    ...interfaceFaults(context),
    ...chains.flatMap((chain) => refusalsOf(() => requireNextHop(chain, context))),
  ];
  const found = [
    ...links,
    ...chains.flatMap((chain) => [
      ...refusalsOf(() => requireFreeName(chain, context)),
      ...refusalsOf(() => requireSessionsKept(chain, chosen, context)),
      ...refusalsOf(() => requireNoOverlap(chain, context)),
    ]),
    ...refusalsOf(() => requirePersistable(context)),
    ...context.matchingRecipes.flatMap((recipe) => refusalsOf(() => requireAdoptable(recipe, chosen, context))),
  ];
  if (links.length > 0) return found;
  const others = [requireNoVariant, requireFreeMarks, requireUnfiltered].flatMap((require) =>
    refusalsOf(() => require(context)),
  );
  return [...found, ...others];
}

/** The refusal that a check throws. */
function refusalsOf(check: () => unknown): SafeguardError[] {
  try {
    check();
    return [];
  } catch (error) {
    if (error instanceof SafeguardError) return [error];
    throw error;
  }
}

/**
 * Refuses selectors that match no usable interface, and two selectors that must differ but match the same one.
 * @throws SafeguardError SG3103
 */
function requireSelectors(context: PlanContext): void {
  const { wanted, desired, found } = context;
  const selectors = interfacesOf(wanted.chains).flatMap((text) => {
    const selector = interfaceSelector(text);
    return selector ? [{ text, selector, name: resolvedName(text, found) }] : [];
  });
  for (const { text, selector, name } of selectors) {
    if (name === undefined) {
      const there = [...found.links].map(([link, { addresses }]) => [link, ...addresses].join(" ")).join(", ");
      const isAddress = selector.kind === "address";
      const cause = isAddress
        ? `no interface has the address ${selector.value}`
        : `the router has no route to ${selector.value}`;
      throw refusal("SG3103", context, cause, `correct it; the router has ${there}`);
    }
    if (isInterfaceName(name)) continue;
    const cause = `${text} is interface ${name}, whose name has characters that rules cannot contain`;
    throw refusal("SG3103", context, cause, "use another interface, or rename it");
  }
  const [problem] = selectors.length === 0 ? [] : topologyProblems(desired.chains.map((chain) => chain.redirection));
  if (!problem) return;
  const names = selectors.map(({ text, name }) => `${text} is ${name}`).join(", ");
  throw refusal("SG3103", context, `${problem.reason} (${names})`, "use other interfaces");
}

/** One fault for each interface that cannot carry redirected traffic, with the redirections that use it. */
function interfaceFaults(context: PlanContext): SafeguardError[] {
  const chains = context.desired.chains.map(({ redirection }) => redirection);
  const users = new Map<string, Redirection[]>();
  for (const redirection of chains) {
    const { clientInterfaces, spsInterface, serverInterfaces = [] } = redirection;
    for (const name of new Set([...clientInterfaces, spsInterface, ...serverInterfaces])) {
      users.set(name, [...(users.get(name) ?? []), redirection]);
    }
  }
  return [...users].flatMap(([name, using]) => {
    const toSps = using.some(({ spsInterface }) => spsInterface === name);
    const fault = interfaceFault(name, toSps, context);
    if (!fault) return [];
    const names = using.map((redirection) => redirection.name).join(", ");
    const object = `${using.length === 1 ? "redirection" : "redirections"} ${names}`;
    return [refusal(fault.code, context, `${object}: interface ${name} ${fault.problem}`, fault.remedy)];
  });
}

function interfaceFault(
  name: string,
  toSps: boolean,
  { found: { links, policyRules, isForwarding } }: PlanContext,
): { code: ErrorCode; problem: string; remedy?: string } | undefined {
  const link = links.get(name);
  if (!link) {
    const known = [...links.keys()].filter((other) => other !== "lo").join(", ");
    const remedy = `correct the name; the router has ${known || "no interfaces"}`;
    return { code: "SG3103", problem: "does not exist", remedy };
  }
  const { master } = link;
  // Members of a VRF, unlike those of a bridge, receive their own packets. A VRF shows as an l3mdev policy rule.
  if (master !== undefined && !policyRules.some((rule) => rule.text.includes("l3mdev"))) {
    const problem = `is a port of ${master} and receives no packets itself`;
    return { code: "SG3103", problem, remedy: `use ${master}` };
  }
  if (isForwarding.get(name) === false) return { code: "SG3105", problem: "forwards no packets" };
  return toSps && !link.isUp ? { code: "SG3104", problem: "is down" } : undefined;
}

/** Whether SPS is on link; an interface that does not exist is the fault of `interfaceFaults`. */
function requireNextHop({ redirection }: Chain, context: PlanContext): void {
  const { name, spsAddress, spsInterface } = redirection;
  const { links } = context.found;
  const sps = `redirection ${name}: spsAddress ${spsAddress}`;
  for (const [owner, { addresses }] of links) {
    const isOwn = addresses.some((address) => hostOf(address) === spsAddress);
    if (isOwn) throw refusal("SG3107", context, `${sps} is the router's own address on ${owner}`);
  }
  const networks = links.get(spsInterface)?.networks;
  if (networks === undefined) return;
  if (networks.some((network) => network !== "default" && areNetworksOverlapping(network, spsAddress))) return;
  const reachable = networks.length > 0 ? `which reaches ${networks.join(", ")}` : "which has no network";
  throw refusal("SG3106", context, `${sps} is not directly reachable on ${spsInterface}, ${reachable}`);
}

/**
 * Rules in a backend that is no longer usable cannot be read, but they may still exist.
 * @throws SafeguardError SG3101 or SG3102 when a resource owns such rules
 */
export function requireReadable(context: Pick<PlanContext, "owned" | "found" | "object">): void {
  const { chains, backend } = context.owned;
  if (chains.length > 0 && backend !== "auto") requireUsable(backend, context);
}

function requireUsable(backend: BackendName, context: Pick<PlanContext, "found" | "object">): void {
  const { unusable, kernel } = context.found;
  if (backend === "ip-rule") {
    if (!isOlder(kernel, SELECTING_KERNEL)) return;
    const cause = `backend ip-rule: Linux ${kernel} ignores ports in policy rules, so the redirection would match all traffic`;
    throw refusal("SG3101", context, cause, `use Linux ${SELECTING_KERNEL.join(".")} or newer, or another backend`);
  }
  const cause = unusable.get(backend);
  if (cause === UNPRINTED) throw refusal("SG3102", context, `backend ${backend}: ${cause}`, UNPRINTED_REMEDY);
  if (cause !== undefined) throw refusal("SG3101", context, `backend ${backend}: ${cause}`);
}

/** Whether a kernel is older; a version that cannot be parsed is not older. */
function isOlder(kernel: string, [major, minor]: readonly [number, number]): boolean {
  const [, ofMajor, ofMinor] = /^(\d+)\.(\d+)/.exec(kernel) ?? [];
  return Number(ofMajor) < major || (Number(ofMajor) === major && Number(ofMinor) < minor);
}

/** @throws SafeguardError SG3101 when the wanted backend, or the backend to leave, is unusable */
function requireBackend(context: PlanContext): void {
  const { name, reason } = context.backend;
  requireReadable(context);
  if (context.desired.chains.length === 0) return;
  if (name === undefined) {
    const remedy = "install iptables or nftables on the router, or set linux.backend to ip-rule";
    throw refusal("SG3101", context, reason, remedy);
  }
  requireUsable(name, context);
}

/** @throws SafeguardError SG3201 for a redirection of that name that the resource neither owns nor adopts */
function requireFreeName(chain: Chain, context: PlanContext): void {
  const { wanted, found, owned, isAdopting } = context;
  const { name } = chain.redirection;
  if (isAdopting || owned.chains.some((other) => other.name === chain.name) || !isPresent(chain, found)) return;
  const recorded = found.owners.get(name);
  if (!recorded) {
    throw refusal("SG3201", context, `redirection ${name} exists already, and the router records no owner for it`);
  }
  const cause = `redirection ${name} exists already and belongs to ${ownerText(recorded)}`;
  const isRenamed = wanted.owner !== undefined && isSameStack(recorded, wanted.owner);
  if (!isRenamed) throw refusal("SG3201", context, cause);
  const remedy =
    "if that is this resource under its former name, set the option aliases; otherwise choose another name";
  throw refusal("SG3201", context, `${cause}, with other rules`, remedy);
}

/**
 * Policy rules mark no connections. Sessions that continue would have to be marked before the policy rules are removed.
 */
function requireSessionsKept({ redirection }: Chain, chosen: BackendName, context: PlanContext): void {
  const { name, existingConnections } = redirection;
  if (chosen === "ip-rule" || existingConnections === "cut") return;
  const before = context.owned.chains.find((other) => other.redirection.name === name);
  if (!before || !backendOf("ip-rule").holds(before, context.found)) return;
  const cause = `redirection ${name} moves from ip-rule to ${chosen} with existingConnections leave, which would break its sessions through SPS`;
  throw refusal("SG3109", context, cause);
}

/** @throws SafeguardError SG3205 for a manual recipe that may not be adopted, SG3109 when sessions would break */
function requireAdoptable(recipe: Recipe, chosen: BackendName, context: PlanContext): void {
  const { desired, isAdopting } = context;
  const { mark, table, route, backend } = recipe;
  const what = `the vendor's manual recipe in ${backend} (mark ${mark}, table ${table}, to ${route.gateway}) matches the same traffic`;
  if (!isAdopting) throw refusal("SG3205", context, what);
  const rule = uncovered(recipe, desired);
  if (rule) {
    const cause = `${what}, and its rule "-A ${ENTRY_CHAIN} ${rule.text}" matches traffic of no redirection to ${route.gateway}`;
    throw refusal("SG3205", context, cause, "add that traffic to redirections, or delete the rule on the router");
  }
  const breaking = desired.chains.find(({ redirection: { existingConnections, addressMode }, hop }) => {
    const isKept =
      chosen === "ip-rule" || hop.mark === mark || (existingConnections === "cut" && addressMode === "own");
    return !isKept && hop.gateway === route.gateway;
  });
  if (!breaking) return;
  const cause = `${what}; its sessions have mark ${mark}, but redirection ${breaking.redirection.name} has mark ${breaking.hop.mark}`;
  throw refusal("SG3109", context, cause, `set linux.mark to ${mark} to keep them`);
}

/**
 * Refuses a new redirection whose packets a rule of another program surely drops. For one that the resource owns
 * already, `warnings` reports the rule, so that it can be repaired and changed.
 * @throws SafeguardError SG3207
 */
function requireUnfiltered(context: PlanContext): void {
  const owned = new Set(context.owned.chains.map(({ redirection }) => redirection.name));
  const [breaking] = findingsOf(context).breaking.filter(({ redirection }) => !owned.has(redirection));
  if (breaking) throw refusal("SG3207", context, breaking.cause, breaking.remedy);
}

/** @throws SafeguardError SG3205 for a new redirection whose traffic another form of the manual recipe redirects */
function requireNoVariant(context: PlanContext): void {
  const owned = new Set(context.owned.chains.map(({ redirection }) => redirection.name));
  const [variant] = recipeVariants(context).filter(({ redirection }) => !owned.has(redirection));
  if (variant) throw refusal("SG3205", context, variant.text, VARIANT_REMEDY);
}

function requireNoOverlap({ redirection, hop }: Chain, context: PlanContext): void {
  const other = context.others.find(
    (candidate) => candidate.mark !== hop.mark && candidate.traffic.some((taken) => areOverlapping(taken, redirection)),
  );
  if (!other) return;
  const cause = `redirection ${redirection.name} overlaps with redirection ${other.name} of another resource, which goes to another SPS`;
  throw refusal("SG3204", context, cause);
}
