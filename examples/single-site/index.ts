import * as pulumi from "@pulumi/pulumi";
import { Site } from "pulumi-safeguard";

/*
 * One site: two SPS nodes, their join to SPP, and a router of any platform that sends RDP and one web port through them.
 * Addresses and credentials come from the stack's configuration; `npm run configure` fills it in for the lab.
 */
const config = new pulumi.Config();

interface Appliance {
  address: string;
  port?: number;
  username?: string;
  /** PEM certificates of the authority that issued the appliance's certificate. */
  ca?: string;
}

const central = config.requireObject<Appliance & { listenAddress?: string }>("centralManagement");
const member = config.requireObject<Appliance & { listenAddress?: string }>("member");
const spp = config.requireObject<Appliance>("spp");
const spsPassword = config.requireSecret("spsPassword");
const sppPassword = config.requireSecret("sppPassword");

/** Absent where there is no router to manage. */
const router = config.getObject<{
  platform: "linux" | "cisco-ios" | "check-point" | "sophos-utm";
  /** With hostKey for SSH; with ca for the API of a Sophos UTM. */
  connection: { address: string; port?: number; username?: string; hostKey?: string; ca?: string };
  clientInterface: string;
  spsInterface: string;
  spsAddress: string;
  clientNetwork: string;
  serverNetwork: string;
}>("router");

const { listenAddress, ...centralConnection } = central;
const { listenAddress: memberListenAddress, ...memberConnection } = member;

const site = new Site("site", {
  cluster: {
    centralManagement: { ...centralConnection, password: spsPassword },
    listenAddress,
    members: [{ connection: { ...memberConnection, password: spsPassword }, listenAddress: memberListenAddress }],
  },
  join: {
    spp: { ...spp, password: sppPassword },
    acknowledge: { irreversible: true, sps: central.address, spp: spp.address },
  },
  routers: router && {
    router: {
      platform: router.platform,
      router: {
        ...router.connection,
        // Whichever of them the stack has: a key for Linux, a password for Cisco and Check Point, a token for a Sophos UTM.
        privateKey: config.getSecret("routerPrivateKey"),
        password: config.getSecret("routerPassword"),
      },
      // Set it to true for a real router, so that redirections survive a restart. The lab's router never restarts.
      persist: false,
      redirections: [
        {
          name: "rdp-and-web",
          clientInterfaces: [router.clientInterface],
          clientCidrs: [router.clientNetwork],
          serverCidrs: [router.serverNetwork],
          ports: [3389, 8080],
          spsAddress: router.spsAddress,
          spsInterface: router.spsInterface,
          // Only Linux tracks connections, and only a Sophos UTM cannot refuse them while the link to SPS is down.
          existingConnections: router.platform === "linux" ? "leave" : "cut",
          failMode: router.platform === "sophos-utm" ? "open" : "closed",
        },
      ],
    },
  },
});

export const nodes = site.cluster.nodes;
export const join = site.join.health;
export const rules = site.routers.router?.rules ?? [];
