import { networkText } from "../../common/ipv4";
import type { Configuration, Interface, NextHop, StaticRoute } from "../configuration";
import {
  badNetwork,
  type ClishSession,
  type Command,
  type ConfigurationCommand,
  isAddress,
  isNetwork,
} from "./command";
import { dropNextHop, isRoute, setNextHop, setSpecial } from "./next-hops";

/** Static routes, from the list that `show commands` prints. */
export const STATIC_ROUTE_SETTINGS: ConfigurationCommand[] = [
  {
    pattern: "set static-route <value> off",
    run: (configuration, [destination]) => {
      configuration.staticRoutes = configuration.staticRoutes.filter((route) => route.destination !== destination);
      return undefined;
    },
  },
  {
    // Assumed: a comment needs a route.
    pattern: "set static-route <value> comment <value>",
    run: (configuration, [destination, text]) => {
      const route = configuration.staticRoutes.find((one) => one.destination === destination);
      if (route && text !== undefined) route.comment = text;
      return undefined;
    },
  },
  ...(["blackhole", "reject"] as const).map(
    (special): ConfigurationCommand => ({
      pattern: `set static-route <value> nexthop ${special}`,
      run: changeRoute((route) => {
        setSpecial(route, special);
        return undefined;
      }),
    }),
  ),
  ...(["address", "logical"] as const).flatMap((kind): ConfigurationCommand[] => {
    const hop = `set static-route <value> nexthop gateway ${kind} <value>`;
    return [
      { pattern: `${hop} on`, run: changeNextHop(kind) },
      { pattern: `${hop} priority <value> on`, run: changeNextHop(kind) },
      {
        pattern: `${hop} off`,
        run: (configuration, [destination, value]) => {
          const route = configuration.staticRoutes.find((one) => one.destination === destination);
          if (route) dropNextHop(route, kind, value);
          configuration.staticRoutes = configuration.staticRoutes.filter(isRoute);
          return undefined;
        },
      },
    ];
  }),
];

const TITLE = [
  "Codes: C - Connected, S - Static, R - RIP, B - BGP (D - Default),",
  "       O - OSPF IntraArea (IA - InterArea, E - External, N - NSSA),",
  "       A - Aggregate, K - Kernel Remnant, H - Hidden, P - Suppressed,",
  "       U - Unreachable, i - Inactive",
  "",
];

export const ROUTE_COMMANDS: Command[] = [
  ...["show route", "show route all"].map((pattern) => ({
    pattern,
    run: ({ device: { running } }: ClishSession) =>
      [...TITLE, ...staticLines(running), ...directLines(running)].join("\n"),
  })),
  ...["show route static", "show route all static", "show route static all"].map((pattern) => ({
    pattern,
    run: ({ device: { running } }: ClishSession) => [...TITLE, ...staticLines(running)].join("\n"),
  })),
  ...["show route direct", "show route all direct", "show route direct all"].map((pattern) => ({
    pattern,
    run: ({ device: { running } }: ClishSession) => [...TITLE, ...directLines(running)].join("\n"),
  })),
];

/** Routes to a destination, or by their prefix, in the form of the table. */
export const ROUTE_QUERIES: Command[] = [
  {
    pattern: "show route destination <value>",
    run: ({ device: { running } }, [address = ""]) => {
      if (!isAddress(address)) return refusedValue("show route destination", address);
      const known = prefixesOf(running).filter(({ network, length }) => networkText(address, length) === network);
      const longest = Math.max(...known.map(({ length }) => length));
      return [...TITLE, ...known.filter(({ length }) => length === longest).map(({ line }) => line)].join("\n");
    },
  },
  prefixQuery("exact", (one, asked) => one.length === asked.length && one.network === asked.network),
  prefixQuery("less-specific", (one, asked) => one.length < asked.length && contains(one, asked)),
  prefixQuery("more-specific", (one, asked) => one.length > asked.length && contains(asked, one)),
  ...["aggregate", "bgp", "inactive", "kernel", "ospf", "rip"].map((source) => ({
    pattern: `show route ${source}`,
    run: () => TITLE.join("\n"),
  })),
  { pattern: "show route summary", run: ({ device: { running } }) => summaryText(running) },
];

interface Prefix {
  network: string;
  length: number;
}

function prefixQuery(kind: string, isMeant: (one: Prefix, asked: Prefix) => boolean): Command {
  return {
    pattern: `show route ${kind} <value>`,
    run: ({ device: { running } }, [text = ""]) => {
      if (text !== "0.0.0.0/0" && !isNetwork(text)) return refusedValue(`show route ${kind}`, text);
      const [network = "", length] = text.split("/");
      const asked = { network, length: Number(length) };
      const lines = prefixesOf(running).filter((one) => isMeant(one, asked));
      return [...TITLE, ...lines.map(({ line }) => line)].join("\n");
    },
  };
}

const refusedValue = (start: string, value: string) => badNetwork(`${start} ${value}`, value);

function contains(outer: Prefix, inner: Prefix): boolean {
  return networkText(inner.network, outer.length) === outer.network;
}

/** The rows of the table with their prefixes. */
function prefixesOf(configuration: Configuration): (Prefix & { line: string })[] {
  return [...staticLines(configuration), ...directLines(configuration)].flatMap((line) => {
    const [, network, length] = /^\S+ +([\d.]+)\/(\d+) /.exec(line) ?? [];
    return network === undefined ? [] : [{ network, length: Number(length), line }];
  });
}

/** Assumed: the columns, after published tables of the same routing daemon. */
function summaryText(configuration: Configuration): string {
  const networks = (lines: readonly string[]) => new Set(lines.map((line) => line.split(/ +/)[1])).size;
  const counts: Record<string, number> = {
    connected: networks(directLines(configuration)),
    kernel: 0,
    static: networks(staticLines(configuration)),
    aggregate: 0,
    bgp: 0,
    ospf: 0,
    rip: 0,
  };
  const rows = Object.entries(counts).map(([source, count]) => `${source.padEnd(21)}${count}`);
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return ["RouteSource          Networks", ...rows, `${"Total".padEnd(21)}${total}`].join("\n");
}

function changeRoute(
  change: (route: StaticRoute, values: string[], line: string) => string | undefined,
): ConfigurationCommand["run"] {
  return (configuration, [destination = "", ...values], line) => {
    if (destination !== "default" && !isNetwork(destination)) return badNetwork(line, destination);
    const known = configuration.staticRoutes.find((one) => one.destination === destination);
    const route = known ?? { destination, nextHops: [] };
    const refusal = change(route, values, line);
    if (refusal === undefined && !known) configuration.staticRoutes.push(route);
    return refusal;
  };
}

function changeNextHop(kind: NextHop["kind"]): ConfigurationCommand["run"] {
  return changeRoute((route, values, line) => setNextHop(route, kind, values, line));
}

/** The next hops with the lowest priority are used. Routes that reject or drop packets are marked, in assumed words. */
function staticLines({ staticRoutes, interfaces }: Configuration): string[] {
  return staticRoutes.flatMap(({ destination, nextHops, special }) => {
    const start = `S     ${(destination === "default" ? "0.0.0.0/0" : destination).padEnd(20)}`;
    if (special) return [`${start}is ${special === "reject" ? "a reject route" : "a blackhole route"}`];
    const lowest = Math.min(...nextHops.map(({ priority = 1 }) => priority));
    return nextHops
      .filter(({ priority = 1 }) => priority === lowest)
      .map(({ kind, value }) =>
        kind === "logical"
          ? `${start}is directly connected, ${value}`
          : `${start}via ${value}, ${nameFor(value, interfaces)}, cost 0, age 1234`,
      );
  });
}

function directLines({ interfaces }: Configuration): string[] {
  return interfaces.flatMap(({ name, isOn, address }) =>
    isOn && address
      ? [
          `C     ${`${networkText(address.address, address.maskLength)}/${address.maskLength}`.padEnd(20)}is directly connected, ${name}`,
        ]
      : [],
  );
}

function nameFor(gateway: string, interfaces: readonly Interface[]): string {
  const same = interfaces.find(
    ({ address }) =>
      address && networkText(gateway, address.maskLength) === networkText(address.address, address.maskLength),
  );
  return same?.name ?? interfaces[0]?.name ?? "lo";
}
