import type { Configuration, MatchLines, NextHop, PbrMatch, PbrRule, TableRoute } from "../configuration";
import { badNetwork, type ConfigurationCommand, invalid, isNetwork, refused } from "./command";
import { dropNextHop, isRoute, setNextHop, setSpecial } from "./next-hops";

/** Highest priority of a rule; higher ones are those of the kernel's own rules. */
const HIGHEST_PRIORITY = 32_765;

const ROUTE = "set pbr table <value> static-route <value>";

/** The commands of policy-based routing, from the list that `show commands` prints. */
export const PBR_COMMANDS: ConfigurationCommand[] = [
  {
    pattern: "set pbr table <value> off",
    run: (configuration, [name]) => {
      configuration.tables = configuration.tables.filter((table) => table.name !== name);
      return undefined;
    },
  },
  {
    pattern: `${ROUTE} off`,
    run: (configuration, [name, destination]) => {
      const table = configuration.tables.find((one) => one.name === name);
      if (table) table.routes = table.routes.filter((route) => route.destination !== destination);
      configuration.tables = configuration.tables.filter(({ routes }) => routes.length > 0);
      return undefined;
    },
  },
  ...(["blackhole", "reject"] as const).map(
    (special): ConfigurationCommand => ({
      pattern: `${ROUTE} nexthop ${special}`,
      run: changeRoute((route) => {
        setSpecial(route, special);
        return undefined;
      }),
    }),
  ),
  ...(["address", "logical"] as const).flatMap((kind): ConfigurationCommand[] => [
    { pattern: `${ROUTE} nexthop gateway ${kind} <value> on`, run: changeNextHop(kind) },
    { pattern: `${ROUTE} nexthop gateway ${kind} <value> priority <value>`, run: changeNextHop(kind) },
    { pattern: `${ROUTE} nexthop gateway ${kind} <value> off`, run: removeNextHop(kind) },
  ]),
  { pattern: "set pbr rule priority <value> match <rest>", run: changeMatch },
  ...["main-table", "prohibit", "unreachable"].map(
    (action): ConfigurationCommand => ({
      pattern: `set pbr rule priority <value> action ${action}`,
      run: changeRule((rule) => {
        rule.action = action;
        return undefined;
      }),
    }),
  ),
  {
    pattern: "set pbr rule priority <value> action table <value>",
    run: changeRule((rule, { tables }, [, name = ""], line) => {
      if (!tables.some((table) => table.name === name)) return refused("Table does not exist", line, name);
      rule.action = `table ${name}`;
      return undefined;
    }),
  },
  {
    pattern: "set pbr rule priority <value> off",
    run: (configuration, [priority]) => {
      configuration.rules = configuration.rules.filter((rule) => rule.priority !== Number(priority));
      return undefined;
    },
  },
];

function changeRoute(
  change: (route: TableRoute, values: string[], line: string) => string | undefined,
): ConfigurationCommand["run"] {
  return (configuration, [name = "", destination = "", ...values], line) => {
    if (!/^[A-Za-z][A-Za-z0-9]{0,63}$/.test(name)) return refused("Table name check fails", line, name);
    if (destination !== "default" && !isNetwork(destination)) return badNetwork(line, destination);
    const table = configuration.tables.find((one) => one.name === name) ?? { name, routes: [] };
    const route = table.routes.find((one) => one.destination === destination) ?? { destination, nextHops: [] };
    const refusal = change(route, values, line);
    if (refusal !== undefined) return refusal;
    if (!table.routes.includes(route)) table.routes.push(route);
    if (!configuration.tables.includes(table)) configuration.tables.push(table);
    return undefined;
  };
}

function changeNextHop(kind: NextHop["kind"]): ConfigurationCommand["run"] {
  return changeRoute((route, values, line) => setNextHop(route, kind, values, line));
}

/** A table whose last route has lost its last next hop is gone. */
function removeNextHop(kind: NextHop["kind"]): ConfigurationCommand["run"] {
  return (configuration, [name, destination, value]) => {
    const table = configuration.tables.find((one) => one.name === name);
    const route = table?.routes.find((one) => one.destination === destination);
    if (!table || !route) return undefined;
    dropNextHop(route, kind, value);
    table.routes = table.routes.filter(isRoute);
    configuration.tables = configuration.tables.filter(({ routes }) => routes.length > 0);
    return undefined;
  };
}

function changeRule(
  change: (rule: PbrRule, configuration: Configuration, values: string[], line: string) => string | undefined,
): ConfigurationCommand["run"] {
  return (configuration, values, line) => {
    const [priority = ""] = values;
    const number = Number(priority);
    if (!/^\d+$/.test(priority) || number < 1 || number > HIGHEST_PRIORITY) {
      return refused("Range check fails", line, priority);
    }
    const rule = configuration.rules.find((one) => one.priority === number) ?? { priority: number, match: {} };
    const refusal = change(rule, configuration, values, line);
    if (refusal === undefined && !configuration.rules.includes(rule)) configuration.rules.push(rule);
    return refusal;
  };
}

/** What a line may hold together: the grammar lists networks and interface, port, and protocol apart. */
const GROUPS = [["from", "to", "interface"], ["protocol"], ["port"]];

function changeMatch(
  configuration: Configuration,
  [priority = "", ...words]: string[],
  line: string,
  matchLines: MatchLines,
): string | undefined {
  const pairs = Array.from({ length: Math.ceil(words.length / 2) }, (_, index) =>
    words.slice(2 * index, 2 * index + 2),
  );
  const keys = pairs.map(([key = ""]) => key);
  const groups = matchLines === "single" ? [GROUPS.flat()] : GROUPS;
  const isKnown = groups.some((group) => keys.every((key) => group.includes(key)));
  if (!isKnown || new Set(keys).size < keys.length) return invalid(line);
  if (words.length % 2 === 1) return "CLINFR0349  Incomplete command.";
  const match: PbrMatch = {};
  for (const [key = "", value = ""] of pairs) {
    if ((key === "from" || key === "to") && !isNetwork(value)) return badNetwork(line, value);
    if (key === "interface" && !configuration.interfaces.some(({ name }) => name === value)) {
      return refused("Interface does not exist", line, value);
    }
    const isNumber = /^\d{1,5}$/.test(value) && Number(value) >= 1;
    if (key === "port" && !(isNumber && Number(value) <= 65_535)) return refused("Range check fails", line, value);
    if (key === "protocol" && !/^(tcp|udp|icmp)$/.test(value) && !(isNumber && Number(value) <= 255)) {
      return refused("Protocol check fails", line, value);
    }
    Object.assign(match, { [key]: key === "port" ? Number(value) : value });
  }
  const change = changeRule((rule) => {
    Object.assign(rule.match, match);
    return undefined;
  });
  return change(configuration, [priority], line, matchLines);
}
