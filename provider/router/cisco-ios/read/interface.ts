import type { FoundInterface } from "../model/found";
import type { Block } from "./blocks";

/** Functions of an interface that change, drop or divert packets before or after a redirection. */
const FILTERS =
  /^(ip access-group \S+ (?:in|out)|ip nat (?:inside|outside)|zone-member security \S+|ip inspect .*|ip wccp .*|crypto map .*)$/;

/** Of HSRP, VRRP and GLBP: `standby 1 ip 10.0.0.254`; of VRRP version 3, on a line of its own, `address 10.0.0.254 primary`. */
const VIRTUAL_ADDRESS = /^(?:(?:standby|vrrp|glbp) .*?\bip|address) (\d\S+)/;

/** Reads the block of one interface. */
export function readInterface({ header, lines }: Block): FoundInterface {
  const first = (pattern: RegExp) => lines.flatMap((line) => pattern.exec(line)?.[1] ?? [])[0];
  const has = (pattern: RegExp) => lines.some((line) => pattern.test(line));
  const name = header.split(/ +/)[1] ?? "";
  const policy = first(/^ip policy route-map (\S+)$/);
  const vrf = first(/^(?:ip )?vrf forwarding (\S+)$/);
  return {
    name,
    addresses: lines.flatMap((line) => addressOf(line) ?? []),
    virtualAddresses: lines.flatMap((line) => VIRTUAL_ADDRESS.exec(line)?.[1] ?? []),
    ...(policy !== undefined && { policy }),
    ...(vrf !== undefined && { vrf }),
    isShutDown: has(/^shutdown$/),
    isBridged: has(/^(switchport\b|channel-group |bridge-group |service instance )/),
    hasStrictSourceCheck: has(/^ip verify unicast (source reachable-via rx\b|reverse-path\b)/),
    filters: lines.filter((line) => FILTERS.test(line)),
    hasIpv6: has(/^ipv6 (address|enable)\b/),
  };
}

/** `ip address 10.0.0.1 255.255.255.0` as `10.0.0.1/24`. */
function addressOf(line: string): string | undefined {
  const [, address, mask = ""] = /^ip address (\d\S+) (\d\S+)(?: secondary)?$/.exec(line) ?? [];
  if (address === undefined) return undefined;
  const bits = mask.split(".").map((part) => Number(part).toString(2).padStart(8, "0"));
  return `${address}/${bits.join("").replace(/0+$/, "").length}`;
}
