import { routerError } from "../../failures";
import { areNetworksOverlapping } from "../../networks";
import { areOverlapping } from "../../topology";
import { backendOf, otherBackendsHolding } from "../backends/backends";
import type { BackendName } from "../model/backend-names";
import type { Chain, Desired } from "../model/desired";
import type { Found } from "../model/found";
import { MARK_MASK, PROTOCOL } from "../model/next-hops";
import type { PolicyRule } from "../model/routing";
import { ENTRY_CHAIN } from "../model/saved-table";
import { markWarnings, requireFreeMarks } from "../neighbours/foreign-marks";
import { type Recipe, uncovered } from "../neighbours/recipe";
import { untrackedWarnings } from "../neighbours/untracked";
import { persistenceWarnings, requirePersistable } from "../persistence/plan";
import { bypassWarnings } from "../watchdog/bypassed";
import type { Decision, PlanContext } from "./decision";

const STEP = "check the router";

/** The first Linux whose policy rules select by protocol and ports; older kernels ignore these conditions. */
const SELECTING_KERNEL = [4, 17] as const;

/**
 * Checks everything that must hold before the first change.
 * @throws SafeguardError SG3101, SG3103 to SG3110, SG3201, SG3202 or SG3204 to SG3206
 */
export function requirePreconditions(context: PlanContext): void {
  const chosen = requireBackend(context);
  for (const chain of context.desired.chains) {
    requireInterfaces(chain, context);
    requireNextHop(chain, context);
    requireOwnName(chain, chosen, context);
    requireNothingElsewhere(chain, chosen, context);
    requireSessionsKept(chain, chosen, context);
    requireNoOverlap(chain, context);
  }
  requirePersistable(context);
  for (const recipe of context.takingRecipes) requireMovable(recipe, chosen, context);
  requireFreeMarks(context);
}

/** Conditions that may break redirected traffic although all rules are in sync. */
export function warnings(decision: Decision): string[] {
  const { desired, found } = decision;
  const texts = desired.hops.flatMap((hop) =>
    found.policyRules
      .filter((rule) => rule.priority > 0 && rule.priority < hop.priority && couldMatchMark(rule, hop.mark))
      .map(
        (rule) => `policy rule "${rule.text}" comes before ours and may send the traffic for ${hop.gateway} elsewhere`,
      ),
  );
  texts.push(...markWarnings(decision), ...untrackedWarnings(decision));
  const strict = desired.chains
    .flatMap((chain) => [...chain.redirection.clientInterfaces, ...(chain.redirection.serverInterfaces ?? [])])
    .filter((name) => Math.max(found.sourceChecks.all, found.sourceChecks.own.get(name) ?? 0) === 1);
  if (found.isMarkInSourceChecks && strict.length > 0) {
    const names = [...new Set(strict)].join(", ");
    texts.push(
      `all.src_valid_mark is 1 and rp_filter is strict on ${names}: the kernel will drop redirected packets; set rp_filter to 2 there`,
    );
  }
  return [...new Set([...texts, ...persistenceWarnings(decision), ...bypassWarnings(decision)])];
}

function requireInterfaces({ redirection }: Chain, { found, object }: PlanContext): void {
  const { clientInterfaces, spsInterface, serverInterfaces = [] } = redirection;
  for (const name of [...clientInterfaces, spsInterface, ...serverInterfaces]) {
    const cause = (what: string) => `redirection ${redirection.name}: interface ${name} ${what}`;
    if (!found.links.has(name)) {
      const known = [...found.links.keys()].filter((other) => other !== "lo").join(", ");
      const remedy = `correct the name; the router has ${known || "no interfaces"}`;
      throw routerError("missingInterface", { object, step: STEP, cause: cause("does not exist"), remedy });
    }
    const master = found.links.get(name)?.master;
    // Members of a VRF, unlike those of a bridge, receive their own packets. A VRF shows as an l3mdev policy rule.
    if (master !== undefined && !found.policyRules.some((rule) => rule.text.includes("l3mdev"))) {
      const isPart = cause(`is part of ${master}, so that no packet comes in on it`);
      throw routerError("missingInterface", { object, step: STEP, cause: isPart, remedy: `use ${master}` });
    }
    if (found.isForwarding.get(name) === false) {
      throw routerError("forwardingOff", { object, step: STEP, cause: cause("forwards no packets") });
    }
  }
  if (found.links.get(spsInterface)?.isUp === false) {
    const cause = `redirection ${redirection.name}: interface ${spsInterface} is down`;
    throw routerError("interfaceDown", { object, step: STEP, cause });
  }
}

function requireNextHop({ redirection }: Chain, { found, object }: PlanContext): void {
  const { name, spsAddress, spsInterface } = redirection;
  for (const [owner, link] of found.links) {
    if (!link.addresses.some((address) => address.split("/")[0] === spsAddress)) continue;
    const cause = `redirection ${name}: spsAddress ${spsAddress} is the router's own address on ${owner}`;
    throw routerError("nextHopIsRouter", { object, step: STEP, cause });
  }
  const link = found.links.get(spsInterface);
  const networks = link?.networks ?? [];
  if (networks.some((network) => network !== "default" && areNetworksOverlapping(network, spsAddress))) return;
  const reachable = networks.length > 0 ? `which reaches ${networks.join(", ")}` : "which has no network";
  const cause = `redirection ${name}: spsAddress ${spsAddress} is not directly reachable on ${spsInterface}, ${reachable}`;
  throw routerError("nextHopOffLink", { object, step: STEP, cause });
}

/**
 * Rules in a backend that is no longer usable cannot be read, but they may still exist.
 * @throws SafeguardError SG3101 when a resource owns such rules
 */
export function requireReadable(owned: Desired, found: Found, object: string): void {
  if (owned.chains.length > 0 && owned.backend !== "auto") requireUsable(owned.backend, found, object);
}

function requireUsable(backend: BackendName, { unusable, kernel }: Found, object: string): void {
  if (backend === "ip-rule" && isOlder(kernel, SELECTING_KERNEL)) {
    const cause = `backend ip-rule: Linux ${kernel} leaves ports out of policy rules without a word, which would take all traffic`;
    const remedy = `use Linux ${SELECTING_KERNEL.join(".")} or newer, or another backend`;
    throw routerError("missingTool", { object, step: STEP, cause, remedy });
  }
  const cause = backend === "ip-rule" ? undefined : unusable.get(backend);
  if (cause === undefined) return;
  throw routerError("missingTool", { object, step: STEP, cause: `backend ${backend}: ${cause}` });
}

/** Whether a kernel is older; a version that is not understood is not older. */
function isOlder(kernel: string, [major, minor]: readonly [number, number]): boolean {
  const [, ofMajor, ofMinor] = /^(\d+)\.(\d+)/.exec(kernel) ?? [];
  return Number(ofMajor) < major || (Number(ofMajor) === major && Number(ofMinor) < minor);
}

/** @throws SafeguardError SG3101 when the wanted backend, or the backend to leave, is unusable */
function requireBackend({ desired, found, owned, object, backend: { name, reason } }: PlanContext): BackendName {
  requireReadable(owned, found, object);
  if (desired.chains.length === 0) return name ?? "ip-rule";
  if (name === undefined) {
    const remedy = "install iptables or nftables on the router, or set linux.backend to ip-rule";
    throw routerError("missingTool", { object, step: STEP, cause: reason, remedy });
  }
  requireUsable(name, found, object);
  return name;
}

function requireOwnName(chain: Chain, chosen: BackendName, { found, owned, isAdopting, object }: PlanContext): void {
  const isOwned = owned.chains.some((other) => other.name === chain.name);
  // Equal rules come from our own run that was interrupted before its state was recorded.
  if (isOwned || isAdopting || !backendOf(chosen).isNameTaken(chain, found)) return;
  const cause = `redirection ${chain.redirection.name} exists already with other rules (chain ${chain.name})`;
  throw routerError("nameTaken", { object, step: STEP, cause });
}

function requireNothingElsewhere(
  chain: Chain,
  chosen: BackendName,
  { found, owned, isAdopting, object }: PlanContext,
): void {
  if (isAdopting || owned.chains.some((other) => other.name === chain.name)) return;
  const [other] = otherBackendsHolding(chain, chosen, found);
  if (!other) return;
  const cause = `redirection ${chain.redirection.name} exists already in ${other.name}, and not in ${chosen}`;
  throw routerError("otherBackend", { object, step: STEP, cause });
}

/**
 * Policy rules mark no connections. Sessions that continue would have to be marked before the policy rules are removed.
 */
function requireSessionsKept({ redirection }: Chain, chosen: BackendName, { found, owned, object }: PlanContext): void {
  if (chosen === "ip-rule" || redirection.existingConnections === "cut") return;
  const before = owned.chains.find((other) => other.redirection.name === redirection.name);
  if (!before || !backendOf("ip-rule").holds(before, found)) return;
  const cause = `redirection ${redirection.name} goes from ip-rule to ${chosen} with existingConnections leave, which would break the sessions that SPS records`;
  throw routerError("sessionsAtRisk", { object, step: STEP, cause });
}

/** @throws SafeguardError SG3205 for a manual recipe that may not be adopted, SG3109 when sessions would break */
function requireMovable(recipe: Recipe, chosen: BackendName, { desired, isAdopting, object }: PlanContext): void {
  const { mark, table, route, backend } = recipe;
  const what = `the vendor's recipe, typed by hand in ${backend} (mark ${mark}, table ${table}, to ${route.gateway}), takes the same traffic`;
  if (!isAdopting) throw routerError("recipeFound", { object, step: STEP, cause: what });
  const rule = uncovered(recipe, desired);
  if (rule) {
    const cause = `${what}, and its rule "-A ${ENTRY_CHAIN} ${rule.text}" is covered by no redirection to ${route.gateway} here`;
    const remedy = "add that traffic to redirections, or delete the rule on the router";
    throw routerError("recipeFound", { object, step: STEP, cause, remedy });
  }
  const breaking = desired.chains.find(({ redirection: { existingConnections, addressMode }, hop }) => {
    const isKept =
      chosen === "ip-rule" || hop.mark === mark || (existingConnections === "cut" && addressMode === "own");
    return !isKept && hop.gateway === route.gateway;
  });
  if (!breaking) return;
  const cause = `${what}, and its sessions have mark ${mark}, while redirection ${breaking.redirection.name} has mark ${breaking.hop.mark}`;
  const remedy = `set linux.mark to ${mark} while taking it over`;
  throw routerError("sessionsAtRisk", { object, step: STEP, cause, remedy });
}

function requireNoOverlap({ redirection, hop }: Chain, { others, object }: PlanContext): void {
  const other = others.find(
    (candidate) => candidate.mark !== hop.mark && candidate.traffic.some((taken) => areOverlapping(taken, redirection)),
  );
  if (!other) return;
  const cause = `redirection ${redirection.name} overlaps with redirection ${other.name} of another resource, which goes to another SPS`;
  throw routerError("redirectionOverlaps", { object, step: STEP, cause });
}

/** Whether a foreign policy rule could match packets with our mark. */
function couldMatchMark(rule: PolicyRule, mark: number): boolean {
  if (!rule.isPlain || rule.protocol === PROTOCOL || rule.selector) return false;
  if (!rule.mark) return true;
  const ourBits = rule.mark.mask & MARK_MASK;
  return ourBits !== 0 && (rule.mark.value & ourBits) === (mark & ourBits);
}
