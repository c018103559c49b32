import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { DefinitionError, type LoadedRollout, loadRollout } from "../plan/load";

/** A name that no server knows takes up to half a minute; whoever starts a rollout does not wait for that. */
const LIMIT_MS = 5000;

/** All addresses of a name; none where it is not known on this machine. */
export type Resolve = (name: string) => Promise<readonly string[]>;

const resolveHere: Resolve = async (name) => {
  const found = lookup(name, { all: true }).then((all) => all.map(({ address }) => address));
  // Workers may be on other machines, which know the name.
  return Promise.race([found.catch(() => []), sleep(LIMIT_MS, [], { ref: false })]);
};

/**
 * Finds SPPs that a plan names in two ways: by a name and its address, or by two names of one address. Each would have a queue of its own, and
 * two sites would change at one SPP at the same time. Names that this machine does not know are taken for different SPPs.
 */
export async function sppNameProblems(spps: readonly string[], resolve: Resolve = resolveHere): Promise<string[]> {
  const addresses = await Promise.all(
    spps.map(async (spp) => [spp, isIP(spp) === 0 ? await resolve(spp) : [spp]] as const),
  );
  const nameOf = new Map<string, string>();
  const problems = new Set<string>();
  for (const [spp, found] of addresses) {
    for (const address of found) {
      const other = nameOf.get(address) ?? spp;
      nameOf.set(address, other);
      const same = other === address || spp === address ? "" : `, both ${address}`;
      if (other !== spp)
        problems.add(`sites: ${spp} and ${other} are one SPP${same}; set the same spp for all of its sites.`);
    }
  }
  return [...problems];
}

/** Loads a rollout whose sites get changed or previewed. @throws DefinitionError also when it names an SPP in two ways */
export async function loadWithDistinctSpps(file: string): Promise<LoadedRollout> {
  const rollout = loadRollout(file);
  const problems = await sppNameProblems([...new Set(Object.values(rollout.plan.sites).map(({ spp }) => spp))]);
  if (problems.length > 0) throw new DefinitionError(file, problems);
  return rollout;
}
