import { forwardTo } from "../../tests/support/forwarder";
import { LabPair, SPP_ADDRESS } from "../preflight/lab-pair";
import { LabSite, type SiteOptions } from "./lab-site";

/** How long each answer of an appliance takes, in milliseconds. */
const DELAY = 1000;

/*
 * A joined pair of slow appliances in a process of its own, so that their work does not count as that of the diagnosis. Relays give it as
 * many addresses as there are sites, so that each site has an SPS and an SPP of its own. Sends the sites once it is ready, and ends when
 * its parent does.
 */
async function main(count: number): Promise<void> {
  const sppAddresses = Array.from({ length: count }, (_, index) => `127.0.65.${index + 1}`);
  const lab = await LabSite.start({ spp: { certificate: { ipAddresses: [SPP_ADDRESS, ...sppAddresses] } } });
  const { sps } = lab.pair.central;
  for (const { traffic } of [sps, lab.pair.spp]) {
    traffic.inject({ times: Number.POSITIVE_INFINITY, effect: { kind: "delay", milliseconds: DELAY } });
  }
  const { sps: first, ...site } = lab.site();
  const connection = { ...first, ...LabPair.pin(sps.certificate) };
  const sites = sppAddresses.map(async (address, index): Promise<SiteOptions> => {
    const ofSps = await forwardTo(sps.endpoint, { address: `127.0.64.${index + 1}`, port: 0 });
    const ofSpp = await forwardTo({ address: SPP_ADDRESS, port: lab.pair.spp.port }, { address, port: 0 });
    return {
      ...site,
      name: `site-${index + 1}`,
      sps: { ...connection, address: ofSps.address, port: ofSps.port },
      spp: { ...site.spp, address, port: ofSpp.port },
    };
  });
  process.once("disconnect", () => process.exit());
  process.send?.(await Promise.all(sites));
}

void main(Number(process.argv[2]));
