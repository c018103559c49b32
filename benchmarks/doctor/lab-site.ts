import { PRIMARY_ADDRESS } from "../../lab/spp/status";
import { LabRouter } from "../../provider/resources/router-redirection/lab-router.test";
import { routerRedirection } from "../../provider/resources/router-redirection/operations";
import type { DiagnoseOptions } from "../../sdk/nodejs/diagnose";
import { forwardTo } from "../../tests/support/forwarder";
import { LabPair, type PairOptions, SPP_ADDRESS } from "../preflight/lab-pair";

/** A site as `diagnose` takes it. */
export type SiteOptions = DiagnoseOptions["sites"][number];

/** Options for labs that open the address of the primary: the certificate of SPP names it. */
export const WITH_PRIMARY: PairOptions = { spp: { certificate: { ipAddresses: [SPP_ADDRESS, PRIMARY_ADDRESS] } } };

/** A joined SPS cluster and SPP of the lab with, on request, a real router that redirects to SPS. */
export class LabSite {
  private constructor(
    readonly pair: LabPair,
    readonly router: LabRouter | undefined,
  ) {}

  /** The same without a join and without a router. */
  static async startUnjoined(options: PairOptions = {}): Promise<LabSite> {
    return new LabSite(await LabPair.start(options), undefined);
  }

  /** @param labName starts a router in network namespaces of this name */
  static async start(options: PairOptions = {}, labName?: string): Promise<LabSite> {
    const pair = await LabPair.start(options);
    try {
      await pair.join();
      if (options.members) await pair.untilSynchronized();
      const router = labName === undefined ? undefined : await LabRouter.start(labName);
      if (router) {
        pair.central.sps.recorded.relayed = () => router.network.relayedSessions();
        await routerRedirection.create(await router.inputs(), router.context());
      }
      return new LabSite(pair, router);
    } catch (error) {
      await pair.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.router?.stop();
    await this.pair.stop();
  }

  /** Opens the address of the primary that a replica names. The lab has one SPP, so the same one answers there. */
  async openPrimary(): Promise<void> {
    const { port } = this.pair.spp;
    const { close } = await forwardTo({ address: SPP_ADDRESS, port }, { address: PRIMARY_ADDRESS, port });
    this.pair.bench.addCleanup(close);
  }

  /** What a user would write for the site. */
  site(changes: Partial<SiteOptions> = {}): SiteOptions {
    const { sps, spp } = this.pair.order();
    const routers = this.router ? [routerOf(this.router)] : [];
    return { name: "vienna", sps: sps.connection, spp: spp.connection, routers, ...changes } as SiteOptions;
  }
}

function routerOf(router: LabRouter) {
  const { preview: _preview, ...inputs } = router.raw();
  return { name: "edge", ...inputs };
}
