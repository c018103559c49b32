import { lookup } from "node:dns/promises";
import { SafeguardError } from "../../core/errors";
import { isIpv4 } from "../../core/fields";

/** Resolves the IPv4 addresses (A records) of a host name. */
export type Resolve = (hostName: string) => Promise<string[]>;

const bySystem: Resolve = async (hostName) =>
  (await lookup(hostName, { family: 4, all: true })).map(({ address }) => address);

/**
 * The IPv4 addresses of an address or host name; the appliances use IPv4 between each other.
 * @throws SafeguardError SG1010 when the name has none.
 */
export async function ipv4Addresses(object: string, address: string, resolve = bySystem): Promise<string[]> {
  if (isIpv4(address)) return [address];
  const found = await resolve(address).catch(() => []);
  if (found.length > 0) return found;
  throw new SafeguardError({
    code: "SG1010",
    object,
    step: "resolve the address of the cluster interface",
    cause: `${address} has no IPv4 address`,
    remedy: "set listenAddress to the IPv4 address of the node",
  });
}

/** The resolved address that the node itself has; the first one when there is none or several. */
export async function ownAddress(
  candidates: readonly string[],
  listOwn: () => Promise<readonly string[]>,
): Promise<string> {
  const [first = "", ...others] = candidates;
  if (others.length === 0) return first;
  const own = await listOwn();
  return candidates.find((candidate) => own.includes(candidate)) ?? first;
}
