import { addressText, addressValue, networkText } from "../../common/ipv4";
import { ipv6Text } from "../../common/ipv6";
import type { Configuration, Interface, InterfaceAddress } from "../configuration";
import { vrfOf } from "../routing/routing-table";
import { lengthOfMask } from "../routing/static-route";
import { BAD_NAME, type ConfigurationCommand, interfaceOf, onInterface } from "./context";

/** The addresses of an interface. */
export const ADDRESS_COMMANDS: readonly ConfigurationCommand[] = [
  {
    pattern: "ip address <ipv4> <ipv4>",
    run: (context, [address = "", mask = ""]) => {
      const one = interfaceOf(context);
      if (!one) return undefined;
      const problem = addressProblem(context.configuration, one, { address, mask });
      if (problem !== undefined) return problem;
      one.secondaries = one.secondaries.filter((second) => second.address !== address);
      one.address = { address, mask };
      return undefined;
    },
  },
  {
    pattern: "ip address <ipv4> <ipv4> secondary",
    run: (context, [address = "", mask = ""]) => {
      const one = interfaceOf(context);
      return (
        one && (addressProblem(context.configuration, one, { address, mask }) ?? addSecondary(one, { address, mask }))
      );
    },
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

/** Why a device does not take an address; an interface that is down keeps no network from another. */
function addressProblem(
  { interfaces }: Configuration,
  one: Interface,
  { address, mask }: InterfaceAddress,
): string | undefined {
  const length = lengthOfMask(mask);
  if (length === undefined || length === 0) {
    return `Bad mask 0x${addressValue(mask).toString(16).toUpperCase()} for address ${address}`;
  }
  const first = Number(address.split(".")[0]);
  if (first === 0 || first === 127 || first >= 224) return `Not a valid host address - ${address}`;
  const network = networkText(address, length);
  const last = addressText(addressValue(network) + 2 ** (32 - length) - 1);
  const isEdge = length < 31 && (address === network || address === last);
  if (isEdge || (length === 32 && !one.name.startsWith("Loopback")))
    return `Bad mask /${length} for address ${address}`;
  const other = interfaces.find(
    (candidate) =>
      candidate.name !== one.name &&
      !candidate.isShutDown &&
      vrfOf(candidate) === vrfOf(one) &&
      [candidate.address, ...candidate.secondaries].some((known) => known && overlaps(known, { address, mask })),
  );
  return other && `% ${network} overlaps with ${other.name}`;
}

function overlaps(one: InterfaceAddress, other: InterfaceAddress): boolean {
  const length = Math.min(lengthOfMask(one.mask) ?? 32, lengthOfMask(other.mask) ?? 32);
  return networkText(one.address, length) === networkText(other.address, length);
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
