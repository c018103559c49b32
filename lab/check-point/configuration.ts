/** A next hop of a route in a PBR table. */
export interface NextHop {
  kind: "address" | "logical";
  value: string;
  /** 1 to 8; the lowest one that is reachable is used. Absent for one that was turned `on`. */
  priority?: number;
}

/** A static route, of the gateway or of a PBR table. */
export interface TableRoute {
  /** `default`, or a network. */
  destination: string;
  nextHops: NextHop[];
  special?: "blackhole" | "reject";
}

/** A static route of the gateway. */
export interface StaticRoute extends TableRoute {
  comment?: string;
}

export interface PbrTable {
  name: string;
  routes: TableRoute[];
}

/** What a PBR rule matches; a packet has to match all of it. */
export interface PbrMatch {
  from?: string;
  to?: string;
  interface?: string;
  protocol?: string;
  port?: number;
}

export interface PbrRule {
  priority: number;
  match: PbrMatch;
  /** `table NAME`, `main-table`, `prohibit` or `unreachable`; without one the rule has no effect. */
  action?: string;
}

export interface Interface {
  name: string;
  isOn: boolean;
  comments?: string;
  /** In bytes; 1500 unless set. */
  mtu?: number;
  address?: { address: string; maskLength: number };
  /** Further addresses: `10.0.0.2/24`. */
  aliases: string[];
}

/** The configuration of a gateway. */
export interface Configuration {
  hostname: string;
  interfaces: Interface[];
  staticRoutes: StaticRoute[];
  tables: PbrTable[];
  rules: PbrRule[];
  /** Other lines, which only have to be kept. */
  others: string[];
}

/**
 * How rules are printed, which is not documented: a line for the networks and the interface, one for the protocol and one for
 * the port, as the grammar of the command has them; or everything in one line, which is then accepted too.
 */
export type MatchLines = "grouped" | "single";

/** The configuration as `show configuration` prints it. */
export function configurationText(configuration: Configuration, matchLines: MatchLines, head: string[]): string {
  const { hostname, interfaces, others, staticRoutes } = configuration;
  const lines = [
    "#",
    `# Configuration of ${hostname}`,
    "# Language version: 14.1v1",
    "#",
    ...head,
    "#",
    `set hostname ${hostname}`,
    ...others,
    ...staticRouteLines(staticRoutes),
    "#",
    ...interfaces.flatMap(interfaceLines),
    ...pbrLines(configuration, matchLines),
  ];
  return lines.join("\n");
}

/** The part of policy-based routing: tables by name, rules by priority. */
export function pbrLines({ tables, rules }: Configuration, matchLines: MatchLines): string[] {
  const byName = [...tables].sort((left, right) => (left.name < right.name ? -1 : 1));
  const byPriority = [...rules].sort((left, right) => left.priority - right.priority);
  return [
    ...byName.flatMap(({ name, routes }) => routes.flatMap((route) => routeLines(`set pbr table ${name}`, route))),
    ...byPriority.flatMap((rule) => ruleLines(rule, matchLines)),
  ];
}

/** The part of static routes; a priority is followed by `on` here, unlike in PBR tables. */
export function staticRouteLines(routes: readonly StaticRoute[]): string[] {
  return routes.flatMap((route) => {
    const start = `set static-route ${route.destination}`;
    const comment = route.comment === undefined ? [] : [`${start} comment "${route.comment}"`];
    return [...routeLines("set", route, " on"), ...comment];
  });
}

function interfaceLines({ name, isOn, comments, mtu, address, aliases }: Interface): string[] {
  const [, parent, vlan] = /^(.+)\.(\d+)$/.exec(name) ?? [];
  return [
    ...(vlan === undefined ? [] : [`add interface ${parent} vlan ${vlan}`]),
    `set interface ${name} state ${isOn ? "on" : "off"}`,
    ...(comments === undefined ? [] : [`set interface ${name} comments "${comments}"`]),
    ...(address ? [`set interface ${name} ipv4-address ${address.address} mask-length ${address.maskLength}`] : []),
    ...(mtu === undefined ? [] : [`set interface ${name} mtu ${mtu}`]),
    ...aliases.map((alias) => `add interface ${name} alias ${alias}`),
  ];
}

function routeLines(table: string, { destination, nextHops, special }: TableRoute, afterPriority = ""): string[] {
  const start = `${table} static-route ${destination} nexthop`;
  if (special) return [`${start} ${special}`];
  return nextHops.map(({ kind, value, priority }) => {
    const state = priority === undefined ? "on" : `priority ${priority}${afterPriority}`;
    return `${start} gateway ${kind} ${value} ${state}`;
  });
}

function ruleLines({ priority, match, action }: PbrRule, matchLines: MatchLines): string[] {
  const start = `set pbr rule priority ${priority}`;
  const words = (keys: readonly (keyof PbrMatch)[]) =>
    keys.flatMap((key) => (match[key] === undefined ? [] : [`${key} ${match[key]}`])).join(" ");
  const groups =
    matchLines === "single"
      ? [words(["from", "to", "interface", "protocol", "port"])]
      : [words(["from", "to", "interface"]), words(["protocol"]), words(["port"])];
  return [
    ...groups.filter((text) => text !== "").map((text) => `${start} match ${text}`),
    ...(action === undefined ? [] : [`${start} action ${action}`]),
  ];
}
