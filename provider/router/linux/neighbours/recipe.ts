import { isRangeWithin } from "../../../core/ranges";
import type { Step } from "../../guard/scripts/shell-text";
import { commandText } from "../../guard/scripts/shell-text";
import { areNetworksOverlapping, isWithin } from "../../networks";
import { arePortsOverlapping, type Port, portRanges } from "../../ports";
import type { Chain, Desired } from "../model/desired";
import type { Found } from "../model/found";
import type { PolicyRule, Route } from "../model/routing";
import { ENTRY_CHAIN, type FoundRule } from "../model/saved-table";
import * as steps from "../plan/steps";

/** A rule of the recipe that marks connections. */
interface Selection {
  found: FoundRule;
  arrivesOn?: string;
  clients?: string;
  servers?: string;
  ports: Port[];
  /** True for the answers of servers; the recipe of the vendor selects them by the address of the client only. */
  isAnswer: boolean;
}

/**
 * The manual recipe of the vendor: rules directly in PREROUTING, marks without a mask, a table with a default route to
 * SPS, and a policy rule for the mark. Source: One Identity SPS Administration Guide, "Configuring external devices",
 * Linux.
 */
export interface Recipe {
  backend: "iptables-nft" | "iptables-legacy";
  /** The command prefix of its firewall. */
  tool: string;
  mark: number;
  selections: Selection[];
  /** Its rules that copy the mark of the connection to packets. */
  restoring: FoundRule[];
  policyRules: PolicyRule[];
  table: number;
  /** Its route to SPS. */
  route: Route;
}

const SELECTION =
  /^(?:-s (\S+) )?(?:-d (\S+) )?(?:-i (\S+) )?-p tcp -m (?:tcp|multiport) --([ds])ports? (\S+) -j CONNMARK --set-xmark (0x[0-9a-f]+)\/0xffffffff$/;
const RESTORING = /^! -i \S+ -m connmark --mark (0x[0-9a-f]+) -j MARK --set-xmark (0x[0-9a-f]+)\/0xffffffff$/;

/** All recipes on a router, one for each mark. */
export function recipesIn(found: Found): Recipe[] {
  return (["iptables-nft", "iptables-legacy"] as const).flatMap((backend) => {
    const firewall = found.firewalls.get(backend);
    const rules = firewall?.table.chains.get(ENTRY_CHAIN) ?? [];
    const restoring = rules.filter((rule) => markRestoredBy(rule) !== undefined);
    const marks = new Set(restoring.flatMap((rule) => markRestoredBy(rule) ?? []));
    return [...marks].flatMap((mark) => {
      const selections = rules.flatMap((rule) => selectionOf(rule, mark) ?? []);
      const policyRules = found.policyRules.filter(
        (rule) => rule.isPlain && !rule.selector && rule.mark?.value === mark && rule.mark.mask === 0xffffffff,
      );
      const table = policyRules[0]?.table;
      const route = found.routes
        .get(table ?? 0)
        ?.find((one) => one.type === "unicast" && one.destination === "default");
      if (!firewall || table === undefined || !route?.isPlain || selections.length === 0) return [];
      const own = restoring.filter((rule) => markRestoredBy(rule) === mark);
      return [{ backend, tool: firewall.tool, mark, selections, restoring: own, policyRules, table, route }];
    });
  });
}

/** Whether a recipe redirects traffic of these redirections. */
export function isMatching({ selections }: Recipe, { chains }: Pick<Desired, "chains">): boolean {
  return chains.some((chain) => selections.some((selection) => isTaking(selection, chain)));
}

/** A rule of the recipe whose traffic no redirection covers; undefined when there is none. */
export function uncovered({ selections, route }: Recipe, desired: Desired): FoundRule | undefined {
  const chains = desired.chains.filter(({ redirection }) => redirection.spsAddress === route.gateway);
  return selections.find((selection) => !chains.some((chain) => isCovered(selection, chain)))?.found;
}

/** The rules of the recipe as their firewall prints them. */
function rulesOf({ selections, restoring }: Recipe): string[] {
  return [...selections.map(({ found }) => found), ...restoring].map(({ text }) => text);
}

/** The rules of the recipe, one canonical line each. */
export function recipeLines(recipe: Recipe): string[] {
  return rulesOf(recipe).map((text) => `mangle: -A ${ENTRY_CHAIN} ${text} (manual recipe)`);
}

/** The rules of recipes as rules of other programs are shown. */
export function recipeTexts(recipes: readonly Recipe[]): ReadonlySet<string> {
  return new Set(recipes.flatMap(rulesOf).map((text) => `-A ${ENTRY_CHAIN} ${text}`));
}

/** Removes a recipe; its table only when no other policy rule uses it. */
export function removeRecipe(recipe: Recipe, desired: Desired, found: Found): Step[] {
  const { tool, policyRules, table, route } = recipe;
  const rules = rulesOf(recipe);
  const restore = (lines: string[]) =>
    commandText({ words: [`${tool}-restore`, "-w", "10", "--noflush"], input: ["*mangle", ...lines, "COMMIT"] });
  const classification: Step = {
    title: "remove the rules of the manual recipe",
    run: restore(rules.map((text) => `-D ${ENTRY_CHAIN} ${text}`)),
    // Insert in reverse order, to restore the original order.
    undo: restore([...rules].reverse().map((text) => `-I ${ENTRY_CHAIN} 1 ${text}`)),
  };
  const isStillUsed =
    desired.hops.some((hop) => hop.table === table) ||
    found.policyRules.some((rule) => rule.table === table && !policyRules.includes(rule));
  return [
    classification,
    ...policyRules.map(steps.removePolicyRule),
    ...(isStillUsed ? [] : [steps.removeRoute(route, table)]),
  ];
}

function markRestoredBy({ text }: FoundRule): number | undefined {
  const [, asked, set] = RESTORING.exec(text) ?? [];
  return asked !== undefined && asked === set ? Number(asked) : undefined;
}

function selectionOf(found: FoundRule, mark: number): Selection | undefined {
  const [, source, destination, arrivesOn, direction, ports = "", set] = SELECTION.exec(found.text) ?? [];
  if (Number(set) !== mark) return undefined;
  const isAnswer = direction === "s";
  const [clients, servers] = isAnswer ? [destination, source] : [source, destination];
  return {
    found,
    ...(arrivesOn !== undefined && { arrivesOn }),
    ...(clients !== undefined && { clients }),
    ...(servers !== undefined && { servers }),
    ports: ports.split(",").map((one) => (one.includes(":") ? one.replace(":", "-") : Number(one))),
    isAnswer,
  };
}

function isTaking(selection: Selection, { redirection }: Chain): boolean {
  const { arrivesOn, servers, ports, isAnswer } = selection;
  const isFromClients = arrivesOn === undefined || redirection.clientInterfaces.includes(arrivesOn);
  return (
    !isAnswer &&
    isFromClients &&
    (servers === undefined || redirection.serverCidrs.some((network) => areNetworksOverlapping(network, servers))) &&
    arePortsOverlapping(ports, redirection.ports)
  );
}

/** Answers need no rule of their own here: the connections of SPS are marked when SPS opens them. */
function isCovered({ arrivesOn, servers, ports, isAnswer }: Selection, { redirection }: Chain): boolean {
  const isFromClients = isAnswer || (arrivesOn !== undefined && redirection.clientInterfaces.includes(arrivesOn));
  const taken = portRanges(redirection.ports);
  return (
    isFromClients &&
    servers !== undefined &&
    redirection.serverCidrs.some((network) => isWithin(servers, network)) &&
    portRanges(ports).every((range) => taken.some((one) => isRangeWithin(range, one)))
  );
}
