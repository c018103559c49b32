import { LabSite } from "./lab-site";

/** How long each answer of an appliance takes, in milliseconds. */
const DELAY = 1000;

/*
 * A joined pair of slow appliances in a process of its own, so that their work does not count as that of the diagnosis. It sends the site
 * once it is ready, and ends when its parent does.
 */
async function main(): Promise<void> {
  const lab = await LabSite.start();
  for (const { traffic } of [lab.pair.central.sps, lab.pair.spp]) {
    traffic.inject({ times: Number.POSITIVE_INFINITY, effect: { kind: "delay", milliseconds: DELAY } });
  }
  process.once("disconnect", () => void lab.stop());
  process.send?.(lab.site());
}

void main();
