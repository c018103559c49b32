import { readFileSync } from "node:fs";
import type { ApplianceDescription } from "../../lab/common/description";
import type { Lab } from "../../lab/lab";

/** Environment variables that hold the credentials of the lab; the program names them only. */
export function secretsOf({ description: { sps, spp, network } }: Lab): Record<string, string> {
  return {
    SPS_PASSWORD: sps[0]?.password ?? "",
    SPP_PASSWORD: spp.password,
    ...(network && { ROUTER_KEY: readFileSync(network.router.privateKeyFile, "utf8") }),
  };
}

/** Two sites on one SPP: `alpha` with one node and the lab's router, `beta` with two nodes. */
export function companySites(lab: Lab) {
  const [first, second, third] = lab.description.sps;
  const { spp, network } = lab.description;
  if (!first || !second || !third || !network) throw new Error("the company needs three SPS nodes and a network");
  const sps = (node: ApplianceDescription) => connection(node, "SPS_PASSWORD");
  const join = (central: ApplianceDescription) => ({
    spp: connection(spp, "SPP_PASSWORD"),
    acknowledge: { irreversible: true, sps: central.address, spp: spp.address },
  });
  const { router, client, server } = network;
  return {
    alpha: {
      cluster: { centralManagement: sps(first) },
      join: join(first),
      routers: {
        edge: {
          platform: "linux",
          router: {
            address: router.address,
            port: router.port,
            username: router.username,
            hostKey: router.hostKey,
            privateKeyEnv: "ROUTER_KEY",
          },
          redirections: [
            {
              name: "rdp",
              clientInterfaces: [router.clientInterface],
              clientCidrs: [client.network],
              serverCidrs: [server.network],
              ports: [3389],
              spsAddress: network.sps.address,
              spsInterface: router.spsInterface,
            },
          ],
          persist: false,
        },
      },
    },
    beta: {
      cluster: { centralManagement: sps(second), members: [{ connection: sps(third) }] },
      join: join(second),
    },
  };
}

/** The sites of `companySites`. */
export type Company = ReturnType<typeof companySites>;

function connection({ address, port, username, caFile }: ApplianceDescription, passwordEnv: string) {
  return { address, port, username, passwordEnv, ca: readFileSync(caFile, "utf8") };
}
