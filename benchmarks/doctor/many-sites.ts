import { fork } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { diagnose, diagnosisLines } from "../../sdk/nodejs/diagnose";
import type { SiteOptions } from "./lab-site";

/** What many sites cost beside one. */
export interface ManySitesResult {
  /** Each has an SPS and an SPP of its own. */
  sites: number;
  oneSiteMilliseconds: number;
  allMilliseconds: number;
  /** Processor time of this process for all sites, without that of the appliances. */
  processorMilliseconds: number;
  /** The same sites when all of them have the SPP of the first one. */
  sameSppMilliseconds: number;
  /** The same beside one more site, whose appliances accept connections and answer nothing. */
  withDeadSiteMilliseconds: number;
  /** Growth of the used heap between the first and the last of several runs, in MB. */
  heapGrowthMegabytes: number;
}

/** Examines one site of slow appliances, then as many at once. */
export async function measureManySites(count: number): Promise<ManySitesResult> {
  const lab = fork(join(__dirname, "slow-lab.ts"), [String(count)]);
  try {
    const [sites] = (await once(lab, "message")) as [SiteOptions[]];
    const [site] = sites;
    if (!site) throw new Error("the lab has no site");
    const all = async (of = sites) => {
      const report = await diagnose({ sites: of, trafficSeconds: 0, limitSeconds: 60 });
      const wrong = report.sites.find(({ status }) => status !== "fine");
      if (wrong) throw new Error(diagnosisLines({ sites: [wrong], shared: [] }).join("\n"));
    };
    // Loads what it needs.
    await all([site]);
    const oneSiteMilliseconds = await timeOf(() => all([site]));
    const cpu = process.cpuUsage();
    const allMilliseconds = await timeOf(all);
    const { user, system } = process.cpuUsage(cpu);
    const before = usedMegabytes();
    const sameSppMilliseconds = await timeOf(() => all(sites.map((one) => ({ ...one, spp: site.spp }))));
    const withDeadSiteMilliseconds = await timeBesideDead(site, sites);
    await all();
    return {
      sites: count,
      oneSiteMilliseconds,
      allMilliseconds,
      processorMilliseconds: Math.round((user + system) / 1000),
      sameSppMilliseconds,
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
