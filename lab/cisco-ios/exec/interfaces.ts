import { shortIpv6 } from "../../common/ipv6";
import type { Interface } from "../configuration";
import type { Device } from "../device";
import { shortName } from "./reports";

/** `show interfaces`, for one interface or for all. */
export function interfacesText({ running }: Device, only?: string): string {
  const texts = running.interfaces.map((one, index) => ({ name: one.name, text: interfaceText(one, index) }));
  return texts
    .filter(({ name }) => only === undefined || name === only)
    .map(({ text }) => text)
    .join("\n");
}

/** `show interfaces description`. */
export function descriptionsText({ running }: Device): string {
  const rows = running.interfaces.map(({ name, description = "", isShutDown }) => {
    const [status, protocol] = isShutDown ? ["admin down", "down"] : ["up", "up"];
    return `${shortName(name).padEnd(31)}${status.padEnd(15)}${protocol.padEnd(9)}${description}`.trimEnd();
  });
  return ["Interface                      Status         Protocol Description", ...rows].join("\n");
}

/** `show ip interface`, for one interface or for all. */
export async function ipInterfacesText({ running, effects }: Device, only?: string): Promise<string> {
  const shown = running.interfaces.filter(({ name }) => only === undefined || name === only);
  const texts = shown.map(async (one) => ipInterfaceText(one, await effects.mtuOf(one.name)));
  return (await Promise.all(texts)).join("\n");
}

function sourceCheckLine(check: string | undefined): string[] {
  if (check === undefined) return [];
  const via = /\bany\b/.test(check) ? "ANY" : "RX";
  return [`  IP verify source reachable-via ${via}${check.includes("allow-default") ? ", allow default" : ""}`];
}

/** `show ipv6 interface`: the interfaces with IPv6. The link-local address follows from the MAC address. */
export function ipv6InterfacesText({ running }: Device): string | undefined {
  const texts = running.interfaces.flatMap(({ name, isShutDown, others }, index) => {
    const addresses = ipv6AddressesOf(others);
    if (addresses.length === 0 && !others.includes("ipv6 enable")) return [];
    return [
      `${stateLine(name, isShutDown).trimEnd()}`,
      `  IPv6 is enabled, link-local address is ${linkLocalOf(index)} `,
      "  No Virtual link-local address(es):",
      addresses.length > 0 ? "  Global unicast address(es):" : "  No global unicast address is configured",
      ...addresses.map((text) => `    ${text.split("/")[0]}, subnet is ${ipv6Subnet(text)} `),
    ];
  });
  return texts.length > 0 ? texts.join("\n") : undefined;
}

/** `show ipv6 interface brief`. */
export function ipv6InterfaceTable({ running }: Device): string {
  return running.interfaces
    .flatMap(({ name, isShutDown, others }, index) => {
      const addresses = ipv6AddressesOf(others).map((text) => text.split("/")[0]);
      const hasIpv6 = addresses.length > 0 || others.includes("ipv6 enable");
      const shown = hasIpv6 ? [linkLocalOf(index), ...addresses] : ["unassigned"];
      return [
        `${name.padEnd(23)}[${isShutDown ? "administratively down/down" : "up/up"}]`,
        ...shown.map((one) => `    ${one}`),
      ];
    })
    .join("\n");
}

function ipv6AddressesOf(lines: readonly string[]): string[] {
  return lines.flatMap((line) => /^ipv6 address (\S+)$/.exec(line)?.[1] ?? []);
}

function linkLocalOf(index: number): string {
  return `FE80::5054:FF:FE00:${(index + 1).toString(16).toUpperCase()}`;
}

function ipv6Subnet(text: string): string {
  const [address = "", length = "128"] = text.split("/");
  const [head = [], tail] = address.split("::").map((part) => part.split(":").filter((word) => word !== ""));
  const words = tail === undefined ? head : [...head, ...Array(8 - head.length - tail.length).fill("0"), ...tail];
  const masked = [...words].map((word, index) => {
    const bits = Math.min(16, Math.max(0, Number(length) - index * 16));
    return (Number.parseInt(word, 16) & (0xffff << (16 - bits)) & 0xffff).toString(16);
  });
  return `${shortIpv6(masked.join(":"))}/${length}`;
}

function ipInterfaceText({ name, address, isShutDown, others, policy, sourceCheck }: Interface, mtu: number): string {
  if (!address) return [stateLine(name, isShutDown), "  Internet protocol processing disabled"].join("\n");
  const list = (way: "in" | "out") =>
    others.map((line) => new RegExp(`^ip access-group (\\S+) ${way}$`).exec(line)?.[1]).find((one) => one) ?? "not set";
  return [
    stateLine(name, isShutDown),
    `  Internet address is ${address.address}/${prefixOf(address.mask)}`,
    "  Broadcast address is 255.255.255.255",
    "  Address determined by non-volatile memory",
    `  MTU is ${mtu} bytes`,
    "  Helper address is not set",
    `  Outgoing access list is ${list("out")}`,
    `  Inbound  access list is ${list("in")}`,
    `  Proxy ARP is ${others.includes("no ip proxy-arp") ? "disabled" : "enabled"}`,
    `  Policy routing is ${policy === undefined ? "disabled" : `enabled, using route map ${policy}`}`,
    ...sourceCheckLine(sourceCheck),
  ].join("\n");
}

/** `show arp`: the device's own addresses. */
export function arpText({ running }: Device): string {
  const rows = running.interfaces.flatMap(({ name, address }, index) =>
    address && !name.startsWith("Loopback")
      ? [`Internet  ${address.address.padEnd(23)}-   ${macOf(index)}  ARPA   ${name}`]
      : [],
  );
  return ["Protocol  Address          Age (min)  Hardware Addr   Type   Interface", ...rows].join("\n");
}

/** `show ip interface brief`. */
export function interfaceTable({ running }: Device): string {
  const rows = running.interfaces.map(({ name, address, isShutDown }) => {
    const status = isShutDown ? "administratively down down" : "up                    up";
    return `${name.padEnd(23)}${(address?.address ?? "unassigned").padEnd(16)}YES NVRAM  ${status}`;
  });
  return ["Interface              IP-Address      OK? Method Status                Protocol", ...rows].join("\n");
}

function interfaceText({ name, description, address, isShutDown }: Interface, index: number): string {
  const mac = macOf(index);
  const isLoopback = name.startsWith("Loopback");
  return [
    stateLine(name, isShutDown),
    isLoopback ? "  Hardware is Loopback" : `  Hardware is vNIC, address is ${mac} (bia ${mac})`,
    ...(description === undefined ? [] : [`  Description: ${description}`]),
    ...(address ? [`  Internet address is ${address.address}/${prefixOf(address.mask)}`] : []),
    `  MTU ${isLoopback ? 1514 : 1500} bytes, BW ${isLoopback ? 8000000 : 1000000} Kbit/sec, DLY ${isLoopback ? 5000 : 10} usec, `,
    "     reliability 255/255, txload 1/255, rxload 1/255",
    `  Encapsulation ${isLoopback ? "LOOPBACK" : "ARPA"}, loopback not set`,
    ...(isLoopback ? [] : ["  Full Duplex, 1000Mbps, link type is auto, media type is Virtual"]),
    "  Last input 00:00:00, output 00:00:00, output hang never",
    '  Last clearing of "show interface" counters never',
    "  Input queue: 0/375/0/0 (size/max/drops/flushes); Total output drops: 0",
    "  Queueing strategy: fifo",
    "  5 minute input rate 0 bits/sec, 0 packets/sec",
    "  5 minute output rate 0 bits/sec, 0 packets/sec",
    "     0 packets input, 0 bytes, 0 no buffer",
    "     0 runts, 0 giants, 0 throttles ",
    "     0 input errors, 0 CRC, 0 frame, 0 overrun, 0 ignored",
    "     0 packets output, 0 bytes, 0 underruns",
    "     0 output errors, 0 collisions, 0 interface resets",
  ].join("\n");
}

function stateLine(name: string, isShutDown: boolean): string {
  const state = isShutDown ? "administratively down, line protocol is down" : "up, line protocol is up";
  return `${name} is ${state} `;
}

function macOf(index: number): string {
  return `5254.0000.${(index + 1).toString(16).padStart(4, "0")}`;
}

function prefixOf(mask: string): number {
  return mask.split(".").reduce((sum, part) => sum + (Number(part).toString(2).match(/1/g)?.length ?? 0), 0);
}
