import { fork } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { diagnose } from "../../sdk/nodejs/diagnose";
import { examine } from "./examine";
import type { SiteOptions } from "./lab-site";

/** What many sites cost beside one. */
export interface ManySitesResult {
  sites: number;
  oneSiteMilliseconds: number;
  allMilliseconds: number;
  /** Processor time of this process for all sites, without that of the appliances. */
  processorMilliseconds: number;
  /** The same beside one more site, whose appliances accept connections and answer nothing. */
  withDeadSiteMilliseconds: number;
  /** Growth of the used heap between the first and the last of several runs, in MB. */
  heapGrowthMegabytes: number;
}

/** Examines one pair of slow appliances as one site, then as many at once. */
export async function measureManySites(count: number): Promise<ManySitesResult> {
  const lab = fork(join(__dirname, "slow-lab.ts"));
  try {
    const [site] = (await once(lab, "message")) as [SiteOptions];
    // Loads what it needs.
    await examine(site);
    const oneSiteMilliseconds = await timeOf(() => examine(site));
    const sites = Array.from({ length: count }, (_, index) => ({ ...site, name: `site-${index}` }));
    const all = () => diagnose({ sites, trafficSeconds: 0, limitSeconds: 60 });
    const cpu = process.cpuUsage();
    const allMilliseconds = await timeOf(all);
    const { user, system } = process.cpuUsage(cpu);
    const before = usedMegabytes();
    const withDeadSiteMilliseconds = await timeBesideDead(site, sites);
    await all();
    return {
      sites: count,
      oneSiteMilliseconds,
      allMilliseconds,
      processorMilliseconds: Math.round((user + system) / 1000),
      withDeadSiteMilliseconds,
      heapGrowthMegabytes: usedMegabytes() - before,
    };
  } finally {
    lab.disconnect();
  }
}

/** How long the sites take beside a dead one, whose own time does not count. */
async function timeBesideDead(site: SiteOptions, sites: readonly SiteOptions[]): Promise<number> {
  const silent = createServer().listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  const at = { address: "127.0.0.1", port };
  const dead = { ...site, name: "dead", sps: { ...site.sps, ...at }, spp: { ...site.spp, ...at } };
  const started = performance.now();
  let latest = 0;
  const onSite = ({ site: name }: { site: string }) => {
    if (name !== "dead") latest = performance.now() - started;
  };
  await diagnose({ sites: [dead, ...sites], trafficSeconds: 0, limitSeconds: 30 }, { onSite });
  silent.close();
  return Math.round(latest);
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return Math.round(performance.now() - started);
}

/** Whole megabytes, after a collection where node was started with --expose-gc. */
function usedMegabytes(): number {
  globalThis.gc?.();
  return Math.round(process.memoryUsage().heapUsed / 1_000_000);
}
