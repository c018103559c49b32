import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** Opens a second address of a lab appliance, a relay on loopback, by default on a free port. Stop it with `close`. */
export async function forwardTo(target: { address: string; port: number }, at = { address: "localhost", port: 0 }) {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const appliance = connect(target.port, target.address);
    for (const [from, to] of [
      [client, appliance],
      [appliance, client],
    ] as const) {
      sockets.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => sockets.delete(from));
      from.pipe(to);
    }
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
