import { join } from "node:path";
import type { Endpoint } from "../common/address-book";
import type { NetworkDescription } from "../common/description";
import { LINKS } from "./topology";

/** Builds the description of a network. The caller fills in the host key of the router. */
export function describeNetwork(folder: string, management: Endpoint, serverPorts: number[]): NetworkDescription {
  const { client, server, sps, mgmt } = LINKS;
  return {
    router: {
      address: management.address,
      port: management.port,
      username: "root",
      privateKeyFile: join(folder, "router-key"),
      hostKey: "",
      clientInterface: client.routerInterface,
      serverInterface: server.routerInterface,
      spsInterface: sps.routerInterface,
      managementInterface: mgmt.routerInterface,
    },
    client: { address: client.farAddresses[0], network: client.network },
    server: { address: server.farAddresses[0], network: server.network, ports: [...serverPorts] },
    sps: {
      address: sps.farAddresses[0],
      interfaceAddress: sps.routerAddress,
      auditFile: join(folder, "audit.jsonl"),
    },
  };
}
