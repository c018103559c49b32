import { readFileSync } from "node:fs";
import type { LabDescription, NetworkDescription } from "../common/description";
import type { RouterKind } from "../router-kinds";

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
  const { client, server, sps } = lab.network;
  const router = routerOf(lab, lab.network);
  return {
    ...config,
    router: {
      value: JSON.stringify({
        platform: router.platform,
        connection: router.connection,
        clientInterface: router.clientInterface,
        spsInterface: router.spsInterface,
        spsAddress: sps.address,
        clientNetwork: client.network,
        serverNetwork: server.network,
      }),
    },
    ...router.credential,
  };
}

/** The stack configuration of the examples of one router, such as examples/router-cisco-ios. */
export function routerConfig(lab: LabDescription): Record<string, ConfigValue> {
  if (!lab.network) throw new Error(`lab ${lab.name}: no router: ${lab.networkUnavailable}`);
  const { connection, credential } = routerOf(lab, lab.network);
  return { router: { value: JSON.stringify(connection) }, ...credential };
}

/** The router of a lab as programs know it. */
export interface LabRouterConfig {
  platform: RouterKind;
  /** How to reach it, without the credential. */
  connection: Record<string, string | number>;
  credential: Record<string, ConfigValue>;
  clientInterface: string;
  spsInterface: string;
}

/** How programs reach the router of a lab, whatever emulates it. */
export function routerOf(
  { ciscoIos, checkPoint, sophosUtm }: LabDescription,
  { router }: NetworkDescription,
): LabRouterConfig {
  if (sophosUtm) {
    const { address, port, token, caFile, clientInterface, spsInterface } = sophosUtm;
    const connection = { address, port, ca: readFileSync(caFile, "utf8") };
    return { platform: "sophos-utm", connection, credential: password(token), clientInterface, spsInterface };
  }
  const emulated = ciscoIos ?? checkPoint;
  const { address, port, username, hostKey, clientInterface, spsInterface } = emulated ?? router;
  const connection = { address, port, username, hostKey };
  if (emulated) {
    const platform = ciscoIos ? "cisco-ios" : "check-point";
    return { platform, connection, credential: password(emulated.password), clientInterface, spsInterface };
  }
  const routerPrivateKey = { value: readFileSync(router.privateKeyFile, "utf8"), secret: true };
  return { platform: "linux", connection, credential: { routerPrivateKey }, clientInterface, spsInterface };
}

const password = (value: string) => ({ routerPassword: { value, secret: true } });
