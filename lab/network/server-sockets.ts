import type { Server } from "node:net";

/** Opens one listener a port on every IPv4 address of the host, including those its kernel delivers without owning them. */
export async function listenAll(ports: readonly number[], makeListener: () => Server): Promise<Server[]> {
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
