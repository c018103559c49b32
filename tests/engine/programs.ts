import { readFileSync } from "node:fs";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { RouterRedirection, type RouterRedirectionArgs, Site, type SppJoinArgs } from "pulumi-safeguard";
import type { ApplianceDescription } from "../../lab/common/description";
import type { Lab } from "../../lab/lab";

/** How a program reaches an appliance of the lab. */
export function connection({ address, port, username, password, caFile }: ApplianceDescription) {
  return { address, port, username, password, ca: readFileSync(caFile, "utf8") };
}

/** What a test changes in the program of a site. */
export interface SiteParts {
  spsPassword?: string;
  sppPassword?: string;
  searchRole?: "search-local" | "search-master";
  memberSearchRole?: "search-local";
  protect?: boolean;
  onDelete?: "forget";
  join?: Partial<SppJoinArgs>;
  routers?: Record<string, RouterRedirectionArgs>;
  name?: string;
}

/** A site of the nodes of a lab and its SPP, without routers unless given. */
export function siteProgram(lab: Lab, parts: SiteParts = {}): PulumiFn {
  const [central, ...members] = lab.description.sps;
  const { spp } = lab.description;
  if (!central) throw new Error("the lab has too few nodes");
  const password = parts.spsPassword ?? central.password;
  return async () => {
    const site = new Site(
      parts.name ?? "site",
      {
        cluster: {
          centralManagement: { ...connection(central), password },
          searchRole: parts.searchRole,
          members: members.map((member) => ({
            connection: { ...connection(member), password },
            searchRole: parts.memberSearchRole,
          })),
        },
        join: {
          spp: { ...connection(spp), password: parts.sppPassword ?? spp.password },
          acknowledge: { irreversible: true, sps: central.address, spp: spp.address },
          // The proof asks the appliances; tests of what is asked otherwise, and of what fails then, leave it out.
          preflight: "off",
          ...parts.join,
        },
        routers: parts.routers,
        onDelete: parts.onDelete,
      },
      { protect: parts.protect },
    );
    return { clusterId: site.cluster.clusterId, health: site.join.health };
  };
}

/** Arguments of one redirection on the router of a lab. */
export function routerArgs(lab: Lab) {
  const { network } = lab.description;
  if (!network) throw new Error("the lab has no network");
  const { router, client, server, sps } = network;
  return {
    platform: "linux" as const,
    router: {
      address: router.address,
      port: router.port,
      username: router.username,
      hostKey: router.hostKey,
      privateKey: readFileSync(router.privateKeyFile, "utf8"),
    },
    redirections: [
      {
        name: "rdp",
        clientInterfaces: [router.clientInterface],
        clientCidrs: [client.network],
        serverCidrs: [server.network],
        ports: [3389],
        spsAddress: sps.address,
        spsInterface: router.spsInterface,
      },
    ],
  } satisfies RouterRedirectionArgs;
}

/** One redirection on the router of a lab. */
export function routerProgram(lab: Lab, parts: Partial<RouterRedirectionArgs> = {}, name = "router"): PulumiFn {
  const args = { ...routerArgs(lab), ...parts };
  return async () => {
    const redirection = new RouterRedirection(name, args);
    return { rules: redirection.rules };
  };
}
