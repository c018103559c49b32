import { readFileSync } from "node:fs";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { Site, type SiteArgs } from "pulumi-safeguard";
import type { Lab } from "../../lab/lab";
import { lastingLines } from "./events";
import { connection, routerArgs } from "./programs";
import type { Run } from "./test-stack";

/** Name of the n-th site, from 0. */
export const siteName = (n: number) => `site${String(n + 1).padStart(2, "0")}`;

/** One site for each SPS node of a lab, all with its SPP and its router. `change` makes a site of other arguments. */
export function sitesProgram(lab: Lab, change: (name: string, args: SiteArgs) => SiteArgs): PulumiFn {
  const spp = connection(lab.description.spp);
  return async () => {
    for (const [n, sps] of lab.description.sps.entries()) {
      const args: SiteArgs = {
        cluster: { centralManagement: connection(sps) },
        join: { spp, acknowledge: { irreversible: true, sps: sps.address, spp: spp.address } },
        routers: lab.network && { edge: routerOf(lab, n) },
      };
      new Site(siteName(n), change(siteName(n), args));
    }
  };
}

function routerOf(lab: Lab, n: number) {
  const { router, client, server, sps } = lab.description.network ?? {};
  if (!router || !client || !server || !sps) throw new Error("the lab has no network");
  return {
    ...routerArgs(lab),
    router: {
      address: router.address,
      port: router.port,
      username: router.username,
      hostKey: router.hostKey,
      privateKey: readFileSync(router.privateKeyFile, "utf8"),
    },
    persist: false,
    redirections: [
      {
        name: `rdp-${n}`,
        clientInterfaces: [router.clientInterface],
        clientCidrs: [client.network],
        serverCidrs: [server.network],
        // The lab's SPS listens there; a preview compares a redirection with the router, not with those of other sites.
        ports: [3389],
        spsAddress: sps.address,
        spsInterface: router.spsInterface,
      },
    ],
  };
}

/** The lines that stay of a run and begin with the name of a site, its resources included. */
export function linesOf(run: Run, site: string): string[] {
  const all = ["info", "warning", "error"].flatMap((severity) => lastingLines(run, severity));
  return all.flatMap((text) => text.split("\n")).filter((line) => line.replace(/^error: /, "").startsWith(`${site}-`));
}
