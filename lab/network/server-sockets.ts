import type { Server } from "node:net";

/** Listens on each port for all IPv4 addresses that the kernel delivers to this host, also foreign ones. */
export async function listenOnPorts(ports: readonly number[], makeListener: () => Server): Promise<Server[]> {
  return await Promise.all(
    ports.map(
      (port) =>
        new Promise<Server>((resolve, reject) => {
          const listener = makeListener();
          listener.once("error", reject);
          listener.listen({ host: "0.0.0.0", port }, () => resolve(listener));
        }),
    ),
  );
}
