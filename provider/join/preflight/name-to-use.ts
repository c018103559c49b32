/** What to do when a certificate does not name the address used: the form that would work, or another certificate. */
export function nameToUse(side: "sps" | "spp", names: readonly string[]): string {
  const exact = names.find((name) => !name.startsWith("*"));
  if (exact)
    return `use ${side}.address ${exact}, if it leads to the same appliance, or give it a certificate that names its address`;
  if (names[0]) return `use as ${side}.address a name that ${names[0]} covers`;
  return "give it a certificate that names its address";
}
