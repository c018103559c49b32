import { addressValue, networkText } from "../../../common/ipv4";
import type { Configuration, Interface } from "../../configuration";
import type { Device, DeviceRoute } from "../../device";
import { longestMatch, routingTable, type TableRoute, vrfOf } from "../../routing/routing-table";
import { lengthOfMask } from "../../routing/static-route";
import type { ExecCommand } from "../session";

/** A route as the table shows it; `L` is the device's own address. */
export interface TableRow {
  code: "C" | "L" | "S";
  network: string;
  length: number;
  name: string | undefined;
  gateway: string | undefined;
  distance: number;
  tag?: number;
}

const LEGEND = [
  "Codes: L - local, C - connected, S - static, R - RIP, M - mobile, B - BGP",
  "       D - EIGRP, EX - EIGRP external, O - OSPF, IA - OSPF inter area ",
  "       N1 - OSPF NSSA external type 1, N2 - OSPF NSSA external type 2",
  "       E1 - OSPF external type 1, E2 - OSPF external type 2, m - OMP",
  "       n - NAT, Ni - NAT inside, No - NAT outside, Nd - NAT DIA",
  "       i - IS-IS, su - IS-IS summary, L1 - IS-IS level-1, L2 - IS-IS level-2",
  "       ia - IS-IS inter area, * - candidate default, U - per-user static route",
  "       H - NHRP, G - NHRP registered, g - NHRP registration summary",
  "       o - ODR, P - periodic downloaded static route, l - LISP",
  "       a - application route",
  "       + - replicated route, % - next hop override, p - overrides from PfR",
  "       & - replicated local route overrides by connected",
];

/** `show ip route`. The global table is that of the kernel that forwards; VRFs, which it has not, are shown as configured. */
export const ROUTE_COMMANDS: readonly ExecCommand[] = ["", " vrf <name>"].flatMap((place): ExecCommand[] => {
  const pattern = `show ip route${place}`;
  const shown = (text: (rows: readonly TableRow[], values: string[], vrf?: string) => string): ExecCommand["run"] => {
    return async ({ device }, values) => {
      const vrf = place === "" ? undefined : values[0];
      if (vrf !== undefined && !device.running.vrfs.some(({ name }) => name === vrf)) return notFound(vrf);
      const rows = await rowsOf(device, vrf);
      const title = vrf === undefined ? "" : `\nRouting Table: ${vrf}\n`;
      return title + text(rows, vrf === undefined ? values : values.slice(1), vrf);
    };
  };
  return [
    { pattern, run: shown((rows) => tableText(rows, rows)) },
    { pattern: `${pattern} summary`, run: shown((rows, _values, vrf) => summaryText(rows, vrf)) },
    { pattern: `${pattern} connected`, run: shown((rows) => blocksOf(ofCode(rows, "C", "L")).join("\n")) },
    { pattern: `${pattern} static`, run: shown((rows) => blocksOf(ofCode(rows, "S")).join("\n")) },
    { pattern: `${pattern} <ipv4>`, run: shown((rows, [address = ""]) => entryText(rows, address)) },
    {
      pattern: `${pattern} <ipv4> <ipv4>`,
      run: shown((rows, [address = "", mask = ""]) => exactText(rows, address, mask)),
    },
    {
      pattern: `${pattern} <ipv4> <ipv4> longer-prefixes`,
      run: shown((rows, [address = "", mask = ""]) => longerText(rows, address, mask)),
    },
  ];
});

/** `show ip route summary`. Assumed: the bytes of a route, 96 and 312, as published tables have them. */
function summaryText(rows: readonly TableRow[], vrf: string | undefined): string {
  const row = (...cells: (string | number)[]) =>
    cells.map((cell, index) => String(cell).padEnd([16, 12, 12, 12, 12, 0][index] ?? 0)).join("");
  const counts = (["C", "S"] as const).map((code) => {
    const found = new Set(
      rows
        .filter((one) => one.code === code || (code === "C" && one.code === "L"))
        .map(({ network, length }) => `${network}/${length}`),
    );
    const networks = [...found].filter((key) => classOf(key.split("/")[0] ?? "") === key || key.endsWith("/0")).length;
    return [networks, found.size - networks] as const;
  });
  const line = (source: string, networks: number, subnets: number) =>
    row(source, networks, subnets, 0, (networks + subnets) * 96, (networks + subnets) * 312);
  const total = counts.reduce(([networks, subnets], one) => [networks + one[0], subnets + one[1]] as const);
  return [
    `IP routing table name is ${vrf ?? "default"} (0x${vrf === undefined ? 0 : 1})`,
    "IP routing table maximum-paths is 32",
    row("Route Source", "Networks", "Subnets", "Replicates", "Overhead", "Memory (bytes)"),
    line("application", 0, 0),
    ...counts.map(([networks, subnets], index) => line(index === 0 ? "connected" : "static", networks, subnets)),
    line("Total", ...total),
  ].join("\n");
}

const notFound = (vrf: string) => `% IP routing table ${vrf} does not exist`;

/** The rows with one of these codes. */
export const ofCode = (rows: readonly TableRow[], ...codes: TableRow["code"][]) =>
  rows.filter(({ code }) => codes.includes(code));

/** The rows of the global table, or of a VRF. */
export async function rowsOf({ running, effects, monitor }: Device, vrf?: string): Promise<TableRow[]> {
  const isUp = (track: number) => monitor.isUp(track);
  const configured = routingTable(running, isUp, vrf);
  const others = vrf === undefined ? await effects.routes(running, isUp) : [];
  const statics = ofKind(configured, "static");
  // What the kernel does not have is not shown, and what it has got from others is.
  const isForwarding = (route: TableRoute) =>
    vrf !== undefined || others.some((one) => one.distance === route.distance && isSame(one, route));
  const rows = [
    ...statics.filter(isForwarding).map((route) => toRow(route, "S")),
    ...(vrf === undefined
      ? others.filter(({ distance }) => distance === undefined).map(otherRow)
      : ofKind(configured, "connected").map((route) => toRow(route, "C"))),
    ...ownRows(running, vrf),
  ];
  return rows.sort(
    (left, right) => addressValue(left.network) - addressValue(right.network) || left.length - right.length,
  );
}

const ofKind = (table: readonly TableRoute[], kind: TableRoute["kind"]) => table.filter((one) => one.kind === kind);

function isSame(one: DeviceRoute, other: TableRoute): boolean {
  return one.network === other.network && one.length === other.length;
}

function toRow({ network, length, interface: name, gateway, distance, tag }: TableRoute, code: "C" | "S"): TableRow {
  return { code, network, length, name, gateway, distance, ...(tag !== undefined && { tag }) };
}

function otherRow({ network, length, name, gateway }: DeviceRoute): TableRow {
  const isConnected = gateway === undefined && name !== undefined;
  return {
    code: isConnected ? "C" : "S",
    network,
    length,
    name: name === undefined ? "Null0" : isConnected ? name : undefined,
    gateway,
    distance: isConnected ? 0 : 1,
  };
}

function ownRows({ interfaces }: Configuration, vrf: string | undefined): TableRow[] {
  const isShown = (one: Interface) => one.address !== undefined && !one.isShutDown && vrfOf(one) === vrf;
  return interfaces.filter(isShown).flatMap(({ name, address, secondaries }) =>
    [...(address ? [address] : []), ...secondaries].map((one): TableRow => {
      return { code: "L", network: one.address, length: 32, name, gateway: undefined, distance: 0 };
    }),
  );
}

function tableText(rows: readonly TableRow[], shown: readonly TableRow[]): string {
  const last = rows.find(({ length, code }) => length === 0 && code === "S");
  return [
    ...LEGEND,
    "",
    last
      ? `Gateway of last resort is ${last.gateway ?? "0.0.0.0"} to network 0.0.0.0`
      : "Gateway of last resort is not set",
    "",
    ...blocksOf(shown),
  ].join("\n");
}

/** The rows under the networks of their classes, as IOS has them. */
function blocksOf(rows: readonly TableRow[]): string[] {
  const classes = grouped(rows, ({ network, length }) =>
    length < classLength(network) ? `${network}/${length}` : classOf(network),
  );
  return [...classes].flatMap(([key, members]) => {
    const isSubnetted = members.some(({ length }) => length > classLength(key));
    const networks = grouped(members, ({ network, length }) => `${network}/${length}`);
    if (!isSubnetted) return [...networks.values()].flatMap((ways) => networkRows(ways, 6));
    const lengths = new Set(members.map(({ length }) => length));
    const count = `${networks.size} subnets`;
    const [only] = lengths;
    const head =
      lengths.size > 1
        ? `${key} is variably subnetted, ${count}, ${lengths.size} masks`
        : `${key.split("/")[0]}/${only} is subnetted, ${count}`;
    return [`      ${head}`, ...[...networks.values()].flatMap((ways) => networkRows(ways, 9))];
  });
}

function grouped(rows: readonly TableRow[], keyOf: (row: TableRow) => string): Map<string, TableRow[]> {
  const groups = new Map<string, TableRow[]>();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  return groups;
}

/** The rows of the ways to one network; its name stands in the first. */
function networkRows(ways: readonly TableRow[], column: number): string[] {
  return ways.map((row, index) => {
    const { code, network, length } = row;
    const start = `${`${code}${length === 0 ? "*" : ""}`.padEnd(column)}${network}/${length} `;
    return `${index === 0 ? start : " ".repeat(start.length)}${wayText(row)}`;
  });
}

function wayText({ code, name, gateway, distance }: TableRow): string {
  if (code !== "S" || gateway === undefined) return `is directly connected, ${name}`;
  return `[${distance}/0] via ${gateway}${name === undefined ? "" : `, ${name}`}`;
}

/** The most specific route to an address in detail. The default route is shown for its own address only. */
function entryText(rows: readonly TableRow[], address: string): string {
  const found = longestMatch(
    address,
    rows.filter(({ length, network }) => length > 0 || network === address),
  );
  return found ? detailText(rows, found) : notInTable(rows, address);
}

function exactText(rows: readonly TableRow[], address: string, mask: string): string {
  const found = rows.find(({ network, length }) => network === address && length === lengthOfMask(mask));
  return found ? detailText(rows, found) : notInTable(rows, address);
}

/** The routes inside a network, with the head of the table. */
function longerText(rows: readonly TableRow[], address: string, mask: string): string {
  const within = lengthOfMask(mask) ?? 32;
  const isInside = ({ network, length }: TableRow) => length >= within && networkText(network, within) === address;
  return tableText(rows, rows.filter(isInside));
}

/** Assumed, after older releases: an address in a network of which only other subnets are known has words of its own. */
function notInTable(rows: readonly TableRow[], address: string): string {
  const hasSubnets = rows.some(({ network, length }) => length > 0 && classOf(network) === classOf(address));
  return `% ${hasSubnets ? "Subnet" : "Network"} not in table\n`;
}

function detailText(rows: readonly TableRow[], found: TableRow): string {
  const { code, network, length, distance, gateway, tag } = found;
  const ways = rows.filter((one) => one.network === network && one.length === length && one.code === code);
  const isDefault = length === 0;
  const source = code === "S" ? (gateway === undefined ? " (connected)" : "") : " (connected, via interface)";
  return [
    `Routing entry for ${network}/${length}${isDefault || length < classLength(network) ? ", supernet" : ""}`,
    `  Known via "${code === "S" ? "static" : "connected"}", distance ${distance}, metric 0${source}${isDefault ? ", candidate default path" : ""}`,
    ...(tag === undefined ? [] : [`  Tag ${tag}`]),
    "  Routing Descriptor Blocks:",
    ...ways.flatMap((way, index) => [
      `  ${index === 0 ? "*" : " "} ${[way.gateway ?? "directly connected", ...(way.name === undefined ? [] : [`via ${way.name}`])].join(", ")}`,
      "      Route metric is 0, traffic share count is 1",
      ...(way.tag === undefined ? [] : [`      Route tag ${way.tag}`]),
    ]),
  ].join("\n");
}

function classLength(address: string): number {
  const first = Number(address.split(".")[0]);
  return first < 128 ? 8 : first < 192 ? 16 : 24;
}

function classOf(address: string): string {
  return `${networkText(address, classLength(address))}/${classLength(address)}`;
}
