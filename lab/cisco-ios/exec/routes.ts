import { addressValue, networkText } from "../../common/ipv4";
import type { Device, DeviceRoute } from "../device";
import type { ExecCommand } from "./session";

/** A route as the table shows it; `L` is the device's own address. */
interface TableRow {
  code: "C" | "L" | "S";
  address: string;
  length: number;
  name: string | undefined;
  gateway: string | undefined;
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

/** `show ip route`. The routes are those of the kernel that forwards; `ip route` of the configuration has no effect on it. */
export const ROUTE_COMMANDS: readonly ExecCommand[] = [
  { pattern: "show ip route", run: ({ device }) => tableText(device) },
  { pattern: "show ip route connected", run: ({ device }) => listText(device, "C", "L") },
  { pattern: "show ip route static", run: ({ device }) => listText(device, "S") },
  { pattern: "show ip route <ipv4>", run: ({ device }, [address = ""]) => entryText(device, address) },
];

async function rowsOf({ running, effects }: Device): Promise<TableRow[]> {
  const own = running.interfaces.flatMap(({ name, address, isShutDown }): TableRow[] =>
    address && !isShutDown ? [{ code: "L", address: address.address, length: 32, name, gateway: undefined }] : [],
  );
  const routes = (await effects.routes(running)).map(({ network, length, name, gateway }: DeviceRoute): TableRow => {
    return { code: gateway === undefined && name !== undefined ? "C" : "S", address: network, length, name, gateway };
  });
  return [...routes, ...own].sort(
    (left, right) => addressValue(left.address) - addressValue(right.address) || left.length - right.length,
  );
}

async function tableText(device: Device): Promise<string> {
  const rows = await rowsOf(device);
  const last = rows.find(({ length, gateway }) => length === 0 && gateway !== undefined);
  return [
    ...LEGEND,
    "",
    last ? `Gateway of last resort is ${last.gateway} to network 0.0.0.0` : "Gateway of last resort is not set",
    "",
    ...blocksOf(rows),
  ].join("\n");
}

async function listText(device: Device, ...codes: TableRow["code"][]): Promise<string> {
  return blocksOf((await rowsOf(device)).filter(({ code }) => codes.includes(code))).join("\n");
}

/** The rows under the networks of their classes, as IOS has them. */
function blocksOf(rows: readonly TableRow[]): string[] {
  const classes = new Map<string, TableRow[]>();
  for (const row of rows) {
    const key =
      row.length === 0
        ? "default"
        : `${networkText(row.address, classLength(row.address))}/${classLength(row.address)}`;
    classes.set(key, [...(classes.get(key) ?? []), row]);
  }
  return [...classes].flatMap(([key, members]) => {
    const isSubnetted = key !== "default" && members.some(({ length }) => `/${length}` !== key.slice(key.indexOf("/")));
    if (!isSubnetted) return members.map((row) => rowText(row, 6));
    const lengths = new Set(members.map(({ length }) => length));
    const count = `${members.length} subnets`;
    const [only] = lengths;
    const head =
      lengths.size > 1
        ? `${key} is variably subnetted, ${count}, ${lengths.size} masks`
        : `${key.split("/")[0]}/${only} is subnetted, ${count}`;
    return [`      ${head}`, ...members.map((row) => rowText(row, 9))];
  });
}

function rowText({ code, address, length, name, gateway }: TableRow, column: number): string {
  const start = `${code}${length === 0 ? "*" : ""}`.padEnd(column);
  const to = `${address}/${length}`;
  if (code === "S")
    return `${start}${to} ${gateway === undefined ? "is directly connected, Null0" : `[1/0] via ${gateway}`}`;
  return `${start}${to} is directly connected, ${name}`;
}

/** One route in detail. The default route is shown for its own address only. */
async function entryText(device: Device, address: string): Promise<string> {
  const found = (await rowsOf(device))
    .filter(({ address: network, length }) =>
      length === 0 ? address === network : networkText(address, length) === network,
    )
    .at(-1);
  if (!found) return "% Network not in table\n";
  const { code, length, name, gateway } = found;
  const known = code === "S" ? "static" : "connected";
  const distance = code === "S" ? 1 : 0;
  const how = gateway ?? `directly connected, via ${name ?? "Null0"}`;
  return [
    `Routing entry for ${found.address}/${length}${length === 0 ? ", supernet" : ""}`,
    `  Known via "${known}", distance ${distance}, metric 0${length === 0 ? ", candidate default path" : code === "S" ? "" : " (connected, via interface)"}`,
    "  Routing Descriptor Blocks:",
    `  * ${how}`,
    "      Route metric is 0, traffic share count is 1",
  ].join("\n");
}

function classLength(address: string): number {
  const first = Number(address.split(".")[0]);
  return first < 128 ? 8 : first < 192 ? 16 : 24;
}
