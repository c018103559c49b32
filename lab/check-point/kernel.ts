import type { Configuration, NextHop, PbrMatch, PbrRule, TableRoute } from "./configuration";

/** The kernel interfaces of the lab's router by the names of the emulated device. */
export type InterfaceNames = ReadonlyMap<string, string>;

/** First number of the routing tables that the kernel gets for PBR tables. */
const FIRST_TABLE = 5000;

/** Stands for the table of the gateway's own routes; no PBR table has a name like this. */
const MAIN = "";

/**
 * Makes the kernel of the lab's router forward as the configuration says. Documented: rules are evaluated by priority, before
 * all routes, and their tables hold static routes. Assumed: they are rules of the kernel, so that a table without a route for
 * a packet leaves it to the next rule.
 */
export class PolicyKernel {
  private readonly tableNumbers = new Map<string, string | number>([[MAIN, "main"]]);
  /** What the kernel has. */
  private rules = new Set<string>();
  private routes = new Map<string, string[]>();
  private states = new Map<string, boolean>();
  private mtus = new Map<string, number>();

  constructor(private readonly names: InterfaceNames) {}

  /** The commands from the last configuration to this one: rules and routes that stay are never removed. */
  scriptFor({ tables, rules, interfaces, staticRoutes }: Configuration): string {
    const allRoutes = [{ name: MAIN, routes: staticRoutes }, ...tables];
    const wantedRoutes = new Map(allRoutes.map(({ name, routes }) => [name, this.routesOf(routes)]));
    const wantedRules = new Set(rules.flatMap((rule) => this.ruleText(rule) ?? []));
    const wantedStates = new Map(interfaces.map(({ name, isOn }) => [name, isOn]));
    const wantedMtus = new Map(interfaces.map(({ name, mtu = 1500 }) => [name, mtu]));
    const commands = [
      ...interfaces.flatMap(({ name, isOn }) => {
        const device = this.names.get(name);
        if (device === undefined || this.states.get(name) === isOn) return [];
        return [
          // Anti-spoofing is in the policy of the firewall, which this lab has not.
          `echo 0 >/proc/sys/net/ipv4/conf/${device}/rp_filter`,
          `ip link set ${device} ${isOn ? "up" : "down"}`,
        ];
      }),
      ...[...wantedMtus].flatMap(([name, mtu]) => {
        const device = this.names.get(name);
        return device === undefined || (this.mtus.get(name) ?? 1500) === mtu
          ? []
          : [`ip link set ${device} mtu ${mtu}`];
      }),
      ...[...wantedRoutes].flatMap(([name, routes]) =>
        routes
          .filter((route) => !this.routes.get(name)?.includes(route))
          // A next hop that cannot be reached has no route.
          .map((route) => `ip route replace ${route} table ${this.numberOf(name)} 2>/dev/null || true`),
      ),
      ...[...wantedRules].filter((rule) => !this.rules.has(rule)).map((rule) => `ip rule add ${rule}`),
      ...[...this.rules].filter((rule) => !wantedRules.has(rule)).map((rule) => `ip rule del ${rule}`),
      ...[...this.routes].flatMap(([name, routes]) =>
        routes
          .filter((route) => !wantedRoutes.get(name)?.includes(route))
          .map((route) => `ip route del ${route} table ${this.numberOf(name)} 2>/dev/null || true`),
      ),
    ];
    this.rules = wantedRules;
    this.routes = wantedRoutes;
    this.states = wantedStates;
    this.mtus = wantedMtus;
    return commands.join("\n");
  }

  private numberOf(name: string): string | number {
    const number = this.tableNumbers.get(name) ?? FIRST_TABLE + this.tableNumbers.size - 1;
    this.tableNumbers.set(name, number);
    return number;
  }

  private routesOf(routes: readonly TableRoute[]): string[] {
    return routes.flatMap(({ destination, nextHops, special }) => {
      if (special) return [`${special === "reject" ? "unreachable" : "blackhole"} ${destination}`];
      return nextHops.map((hop) => `${destination} ${this.viaText(hop)} metric ${hop.priority ?? 1}`);
    });
  }

  private viaText({ kind, value }: NextHop): string {
    return kind === "address" ? `via ${value}` : `dev ${this.names.get(value) ?? "lo"}`;
  }

  private ruleText({ priority, match, action }: PbrRule): string | undefined {
    const selector = this.selectorOf(match);
    if (action === undefined || selector === undefined) return undefined;
    const table = /^table (.*)$/.exec(action)?.[1];
    const target = table === undefined ? { "main-table": "lookup main" }[action] : `lookup ${this.numberOf(table)}`;
    return `pref ${priority} ${selector} ${target ?? action}`;
  }

  /** Undefined for interfaces that the lab has not, which never match. */
  private selectorOf({ from, to, interface: name, protocol, port }: PbrMatch): string | undefined {
    const device = name === undefined ? undefined : this.names.get(name);
    if (name !== undefined && device === undefined) return undefined;
    return [
      `from ${from ?? "all"}`,
      ...(to === undefined ? [] : [`to ${to}`]),
      ...(device === undefined ? [] : [`iif ${device}`]),
      ...(protocol === undefined ? [] : [`ipproto ${protocol}`]),
      // Assumed: the port is that of the destination.
      ...(port === undefined ? [] : [`dport ${port}`]),
    ].join(" ");
  }
}
