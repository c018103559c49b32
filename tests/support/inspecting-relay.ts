import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { connect, createServer } from "node:tls";
import type { IssuedCertificate } from "../../lab/common/certificates";

/**
 * Stands in front of an appliance as an inspecting proxy or firewall does: it ends TLS with a certificate of its own and speaks to the
 * appliance over another TLS connection, whose certificate it does not check. Stop it with `close`.
 */
export async function inspect(
  target: { address: string; port: number },
  certificate: IssuedCertificate,
  at = { address: "127.0.0.1", port: 0 },
) {
  const sockets = new Set<Socket>();
  const server = createServer({ key: certificate.privateKeyPem, cert: certificate.chainPem }, (client) => {
    const appliance = connect({ host: target.address, port: target.port, rejectUnauthorized: false });
    for (const [from, to] of [
      [client, appliance],
      [appliance, client],
    ] as const) {
      from.on("error", () => to.destroy());
      from.pipe(to);
    }
    appliance.on("close", () => sockets.delete(appliance));
    sockets.add(appliance);
  });
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {
      // A client that does not trust the certificate ends the handshake.
    });
  });
  server.listen(at.port, at.address);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  };
  return { address: at.address, port, close };
}
