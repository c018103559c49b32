import { diagnose } from "../../sdk/nodejs/diagnose";
import { examine } from "./examine";
import { LabSite } from "./lab-site";

/** How long each answer of an appliance takes, in milliseconds. */
const DELAY = 1000;

/** What many sites cost beside one. */
export interface ManySitesResult {
  sites: number;
  oneSiteMilliseconds: number;
  allMilliseconds: number;
  /** Growth of the used heap between the first and the last of several runs, in MB. */
  heapGrowthMegabytes: number;
}

/** Examines one pair of slow appliances as one site, then as many at once. */
export async function measureManySites(count: number): Promise<ManySitesResult> {
  const lab = await LabSite.start();
  try {
    for (const { traffic } of [lab.pair.central.sps, lab.pair.spp]) {
      traffic.inject({ times: Number.POSITIVE_INFINITY, effect: { kind: "delay", milliseconds: DELAY } });
    }
    await examine(lab.site());
    const oneSiteMilliseconds = await timeOf(() => examine(lab.site()));
    const sites = Array.from({ length: count }, (_, index) => lab.site({ name: `site-${index}` }));
    const all = () => diagnose({ sites, trafficSeconds: 0, limitSeconds: 60 });
    const allMilliseconds = await timeOf(all);
    const before = usedMegabytes();
    for (let run = 0; run < 2; run += 1) await all();
    return { sites: count, oneSiteMilliseconds, allMilliseconds, heapGrowthMegabytes: usedMegabytes() - before };
  } finally {
    await lab.stop();
  }
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
