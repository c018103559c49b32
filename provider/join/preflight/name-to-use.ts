import { isIP } from "node:net";
import { isMarkedName } from "../../https/served-certificate";
import { type Fact, valueIfRead } from "./fact";

/**
 * What to do when a certificate does not name the address used: the form that would work, or another certificate.
 * @param resolved the addresses behind the one used; one of them in the certificate is the surest way
 */
export function nameToUse(side: "sps" | "spp", names: readonly string[], resolved: Fact<string[]>): string {
  const exact = names.filter((name) => !name.startsWith("*") && !isMarkedName(name));
  const own = exact.find((name) => valueIfRead(resolved)?.includes(name));
  if (own) return `use ${side}.address ${own}, which is the same appliance`;
  const likely = exact.find((name) => !isIP(name)) ?? exact[0];
  if (likely) {
    return `use ${side}.address ${likely} if that leads to the same appliance, or give it a certificate that names its address`;
  }
  const wildcard = names.find((name) => name.startsWith("*"));
  if (wildcard) return `use as ${side}.address a name that ${wildcard} covers`;
  return "give it a certificate that names its address";
}
