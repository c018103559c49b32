import { addressText, addressValue } from "../../../common/ipv4";
import type { Device } from "../../device";
import { longestMatch } from "../../routing/routing-table";
import { ofCode, rowsOf } from "./routes";

/** `show ip cef ADDRESS`: the route that packets to an address take. */
export async function forwardingText(device: Device, address: string): Promise<string> {
  const found = longestMatch(address, await rowsOf(device));
  if (!found) return "0.0.0.0/0\n  no route";
  const { code, network, length, gateway, name } = found;
  const start = `${network}/${length}\n  `;
  if (code === "L") return `${start}receive for ${name}`;
  if (gateway === undefined) return `${start}attached to ${name}`;
  const way = await device.effects.routeTo(address);
  if (name !== undefined || !way) return `${start}nexthop ${gateway} ${name ?? ""}`.trimEnd();
  // Behind the next hop of a route may be that of another one.
  return way.gateway === gateway
    ? `${start}nexthop ${gateway} ${way.name}`
    : `${start}recursive via ${gateway}\n    nexthop ${way.gateway ?? gateway} ${way.name}`;
}

/** `show ip cef`: the table of what is forwarded. */
export async function forwardingTable(device: Device): Promise<string> {
  const rows = await rowsOf(device);
  const row = (prefix: string, hop: string, name = "") => `${prefix.padEnd(21)}${hop.padEnd(21)}${name}`.trimEnd();
  const routes = rows.flatMap(({ code, network, length, name, gateway }) => {
    const prefix = `${network}/${length}`;
    if (code === "L") return [[network, length, row(prefix, "receive", name)] as const];
    if (gateway === undefined) return [[network, length, row(prefix, "attached", name)] as const];
    const via = name ?? longestMatch(gateway, ofCode(rows, "C"))?.name;
    return [[network, length, row(prefix, gateway, via)] as const];
  });
  const edges = ofCode(rows, "C").flatMap(({ network, length, name }) =>
    [network, addressText(addressValue(network) + 2 ** (32 - length) - 1)].map(
      (address) => [address, 32, row(`${address}/32`, "receive", name)] as const,
    ),
  );
  const fixed = [
    ["0.0.0.0", 8, "drop"],
    ["0.0.0.0", 32, "receive"],
    ["127.0.0.0", 8, "drop"],
    ["224.0.0.0", 4, "drop"],
    ["224.0.0.0", 24, "receive"],
    ["240.0.0.0", 4, "drop"],
    ["255.255.255.255", 32, "receive"],
  ] as const;
  const none = rows.some(({ length }) => length === 0) ? [] : [["0.0.0.0", 0, row("0.0.0.0/0", "no route")] as const];
  const all = [
    ...none,
    ...routes,
    ...edges,
    ...fixed.map(([to, length, what]) => [to, length, row(`${to}/${length}`, what)] as const),
  ];
  const sorted = all.sort(([left, long], [right, short]) => addressValue(left) - addressValue(right) || long - short);
  return [row("Prefix", "Next Hop", "Interface"), ...sorted.map(([, , text]) => text)].join("\n");
}
