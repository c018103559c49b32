import { once } from "node:events";
import { type AddressInfo, createServer, type Socket, connect as tcpConnect } from "node:net";

/** A port of 127.0.0.1 that leads to another one with a delay in each direction. */
export interface DelayedPort {
  port: number;
  stop(): void;
}

/** Opens such a port; a round trip takes so many milliseconds longer. */
export async function delayedPort(address: string, port: number, roundTripMilliseconds: number): Promise<DelayedPort> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (near) => {
    const far = tcpConnect({ host: address, port, noDelay: true });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      const later = (action: () => void) => setTimeout(action, roundTripMilliseconds / 2);
      from.on("data", (data) => later(() => to.writable && to.write(data)));
      from.on("end", () => later(() => to.end()));
      from.on("error", () => to.destroy());
      from.on("close", () => sockets.delete(from));
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
