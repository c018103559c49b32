import { isIPv6 } from "node:net";
import type { Interface, InterfaceAddress } from "../configuration";
import { BAD_NAME, type ConfigurationCommand, onInterface } from "./context";

/** The addresses of an interface. */
export const ADDRESS_COMMANDS: readonly ConfigurationCommand[] = [
  {
    pattern: "ip address <ipv4> <ipv4>",
    run: onInterface((one, [address = "", mask = ""]) => {
      one.secondaries = one.secondaries.filter((second) => second.address !== address);
      one.address = { address, mask };
    }),
  },
  {
    pattern: "ip address <ipv4> <ipv4> secondary",
    run: onInterface((one, [address = "", mask = ""]) => addSecondary(one, { address, mask })),
  },
  {
    pattern: "no ip address",
    run: onInterface((one) => {
      delete one.address;
      one.secondaries = [];
    }),
  },
  { pattern: "no ip address <ipv4> <ipv4>", run: onInterface((one, [address]) => removePrimary(one, address)) },
  {
    pattern: "no ip address <ipv4> <ipv4> secondary",
    run: onInterface((one, [address]) => {
      one.secondaries = one.secondaries.filter((second) => second.address !== address);
    }),
  },
  { pattern: "ipv6 address <name>", run: onInterface((one, [text = ""]) => addIpv6(one, text)) },
  {
    pattern: "no ipv6 address",
    run: onInterface((one) => {
      one.others = one.others.filter((line) => !line.startsWith("ipv6 address "));
    }),
  },
  {
    pattern: "no ipv6 address <name>",
    run: onInterface((one, [text = ""]) => {
      one.others = one.others.filter((line) => line !== `ipv6 address ${ipv6Text(text)}`);
    }),
  },
];

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

function addSecondary(one: Interface, second: InterfaceAddress): string | undefined {
  if (one.address?.address === second.address) return "Secondary can't be same as primary";
  if (!one.secondaries.some(({ address }) => address === second.address)) one.secondaries.push(second);
  return undefined;
}

function removePrimary(one: Interface, address: string | undefined): string | undefined {
  if (one.address?.address !== address) return "Invalid address";
  if (one.secondaries.length > 0) return "Must delete secondary before deleting primary";
  delete one.address;
  return undefined;
}

function addIpv6(one: Interface, text: string): string | undefined {
  const shown = ipv6Text(text);
  if (shown === undefined) return BAD_NAME;
  if (!one.others.includes(`ipv6 address ${shown}`)) one.others.push(`ipv6 address ${shown}`);
  return undefined;
}
