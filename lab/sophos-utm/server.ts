import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Endpoint } from "../common/address-book";
import type { IssuedCertificate } from "../common/certificates";
import type { Device } from "./device";

/** The HTTPS server of WebAdmin, where the API is. */
export interface DeviceServer extends Endpoint {
  stop(): Promise<void>;
}

/** Serves the API of a device. Port 0 takes a free one. */
export async function serveDevice(
  device: Device,
  certificate: IssuedCertificate,
  { address, port }: Endpoint,
): Promise<DeviceServer> {
  const server = createServer({ key: certificate.privateKeyPem, cert: certificate.chainPem }, (request, response) => {
    void serveRequest(device, request, response).catch(() => response.destroy());
  });
  server.on("connection", (socket) => {
    if (!device.isReachable) socket.destroy();
  });
  server.listen(port, address);
  await once(server, "listening");
  return {
    address,
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serveRequest(device: Device, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method = "", url = "", headers } = request;
  if (!device.isReachable) return void response.destroy();
  if (!device.isAuthorized(headers.authorization)) {
    return void response.writeHead(401, { "www-authenticate": 'Basic realm="restd"' }).end();
  }
  const [path = ""] = url.split("?");
  const answered = await device.handle({ method, path, headers, body: Buffer.concat(chunks).toString() });
  if (!answered) return void response.destroy();
  if (answered.body === undefined) return void response.writeHead(answered.status).end();
  response.writeHead(answered.status, { "content-type": "application/json" }).end(JSON.stringify(answered.body));
}
