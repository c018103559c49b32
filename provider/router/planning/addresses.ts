import type { SafeguardError } from "../../core/errors";
import { isIpv4 } from "../../core/fields";
import { areNetworksOverlapping, isWithin } from "../networks";
import type { Redirection } from "../redirection";
import { refusal } from "./refusal";

/** An interface of a router with its addresses, with prefix length: `10.0.0.1/24`. */
export interface AddressedInterface {
  name: string;
  addresses: readonly string[];
}

/** How this program reaches a router: administrators may do so too. */
export interface RouterAccess {
  /** IPv4 address or name. */
  address: string;
  port: number;
}

/** The address without its prefix length. */
export function hostOf(address: string): string {
  return address.split("/")[0] ?? "";
}

/** Whether the address of SPS can be a next hop on the interface towards SPS. */
export function spsAddressRefusals(
  { spsAddress }: Redirection,
  towards: AddressedInterface | undefined,
  all: readonly AddressedInterface[],
  object: string,
): SafeguardError[] {
  const owner = all.find(({ addresses }) => addresses.map(hostOf).includes(spsAddress));
  if (owner) return [refusal("SG3107", object, `spsAddress ${spsAddress} is the address of interface ${owner.name}`)];
  if (!towards || towards.addresses.some((address) => isWithin(spsAddress, address))) return [];
  const { name, addresses } = towards;
  const cause = `spsAddress ${spsAddress} is in no network of interface ${name} (${addresses.join(", ")})`;
  return [refusal("SG3106", object, cause)];
}

/** The router's own addresses among the servers of a redirection; names, and interfaces without an address, are left out. */
export function localAddresses({ serverCidrs }: Redirection, addresses: readonly string[]): string[] {
  return addresses
    .map(hostOf)
    .filter((address) => isIpv4(address) && address !== "0.0.0.0")
    .filter((address) => serverCidrs.some((one) => areNetworksOverlapping(one, address)));
}
