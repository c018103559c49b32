import { createServer } from "node:https";
import { fastify } from "fastify";
import type { Endpoint } from "../common/address-book";
import type { IssuedCertificate } from "../common/certificates";
import type { Traffic } from "../common/traffic";
import type { Appliance } from "./appliance";
import { protocolNames } from "./state/schema";
import { aboutResources } from "./web/about";
import { auditResources } from "./web/audit";
import { clusterResources } from "./web/cluster";
import { clusterStatusResources } from "./web/cluster-status";
import { configurationResolver } from "./web/configuration";
import { serve } from "./web/dispatcher";
import { firmwareResources } from "./web/firmware";
import { loginResources } from "./web/login";
import { resolverOf } from "./web/resource";
import { sppResources } from "./web/spp";
import { transactionResources } from "./web/transaction";
import { troubleshootingResources } from "./web/troubleshooting";

/** Serves the API of an appliance over TLS. @returns the port and a function that closes the server. */
export async function listen(
  at: Endpoint,
  appliance: Appliance,
  traffic: Traffic,
  certificate: IssuedCertificate,
): Promise<{ close: () => Promise<void>; port: number }> {
  const server = fastify({
    forceCloseConnections: true,
    serverFactory: (handler) => {
      const tls = createServer({ key: certificate.privateKeyPem, cert: certificate.chainPem }, handler);
      tls.on("checkContinue", (_request, response) => response.writeHead(417).end());
      return tls;
    },
  });
  traffic.attach(server);
  serve(server, appliance, [
    resolverOf([
      ...loginResources(appliance),
      ...aboutResources(appliance, protocolNames(appliance.variant)),
      ...firmwareResources(appliance),
      ...transactionResources(appliance),
      ...clusterResources(appliance),
      ...clusterStatusResources(appliance),
      ...sppResources(appliance),
      ...troubleshootingResources(appliance),
      ...auditResources(appliance),
    ]),
    configurationResolver(appliance),
  ]);
  await server.listen({ host: at.address, port: at.port });
  const bound = server.server.address();
  if (bound === null || typeof bound === "string") throw new Error("the server has no TCP port");
  return { close: () => server.close(), port: bound.port };
}
