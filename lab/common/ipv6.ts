import { isIPv6 } from "node:net";

/** An IPv6 address with its prefix length, as devices show it: `2001:DB8::1/64`. Undefined for other texts. */
export function ipv6Text(text: string): string | undefined {
  const [address = "", length = ""] = text.split("/");
  if (!isIPv6(address) || !/^\d{1,3}$/.test(length) || Number(length) > 128) return undefined;
  return `${shortIpv6(address)}/${Number(length)}`;
}

/** An IPv6 address in the shortest form, with capital letters. */
export function shortIpv6(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1).toUpperCase();
}
