import { readFileSync } from "node:fs";
import type { LabDescription } from "../common/description";

/** One value of a Pulumi stack's configuration. */
export interface ConfigValue {
  value: string;
  secret?: boolean;
}

/** The stack configuration of examples/single-site, with the addresses and credentials of a lab. */
export function siteConfig(lab: LabDescription): Record<string, ConfigValue> {
  const connection = (appliance: LabDescription["spp"] | LabDescription["sps"][number]) => ({
    address: appliance.address,
    port: appliance.port,
    username: appliance.username,
    ca: readFileSync(appliance.caFile, "utf8"),
    ...("clusterAddress" in appliance && appliance.clusterAddress !== appliance.address
      ? { listenAddress: appliance.clusterAddress }
      : {}),
  });
  const [central, member] = lab.sps;
  if (!central || !member)
    throw new Error(
      `lab ${lab.name}: examples/single-site needs two SPS nodes; stop the lab and start it with --nodes 2`,
    );
  const config: Record<string, ConfigValue> = {
    centralManagement: { value: JSON.stringify(connection(central)) },
    member: { value: JSON.stringify(connection(member)) },
    spp: { value: JSON.stringify(connection(lab.spp)) },
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
