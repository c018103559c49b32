import { readFileSync } from "node:fs";
import type { LabDescription } from "../common/description";

/** One value of a Pulumi stack's configuration. */
export interface ConfigValue {
  value: string;
  secret?: boolean;
}

/** The configuration that examples/single-site wants, filled with a lab's addresses and credentials. */
export function siteConfig(lab: LabDescription): Record<string, ConfigValue> {
  const appliance = (given: LabDescription["spp"] | LabDescription["sps"][number]) => ({
    address: given.address,
    port: given.port,
    username: given.username,
    ca: readFileSync(given.caFile, "utf8"),
    ...("clusterAddress" in given && given.clusterAddress !== given.address
      ? { listenAddress: given.clusterAddress }
      : {}),
  });
  const [central, member] = lab.sps;
  if (!central || !member) throw new Error("the example single-site needs a lab with two SPS nodes");
  const config: Record<string, ConfigValue> = {
    centralManagement: { value: JSON.stringify(appliance(central)) },
    member: { value: JSON.stringify(appliance(member)) },
    spp: { value: JSON.stringify(appliance(lab.spp)) },
    spsPassword: { value: central.password, secret: true },
    sppPassword: { value: lab.spp.password, secret: true },
  };
  if (!lab.network) return config;
  const { router, client, server, sps } = lab.network;
  return {
    ...config,
    router: {
      value: JSON.stringify({
        address: router.address,
        port: router.port,
        username: router.username,
        hostKey: router.hostKey,
        clientInterface: router.clientInterface,
        spsInterface: router.spsInterface,
        spsAddress: sps.address,
        clientNetwork: client.network,
        serverNetwork: server.network,
      }),
    },
    routerPrivateKey: { value: readFileSync(router.privateKeyFile, "utf8"), secret: true },
  };
}
