import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import type { Endpoint } from "../common/address-book";

/** A listening socket on the loopback of this machine that a program in another network namespace serves. */
export interface ManagementPort extends Endpoint {
  /** Passes the socket to a child process; this process stops accepting on it. */
  handTo(child: ChildProcess): Promise<void>;
  close(): void;
}

/**
 * Opens the listening socket. A socket stays in the network namespace that created it, also when another process uses it,
 * so the lab needs no network interface in the namespace of this machine.
 * @throws Error when the address is not a loopback address, or the port is in use.
 */
export async function openManagementPort(address = "127.0.0.1", port = 0): Promise<ManagementPort> {
  if (!/^127(\.\d{1,3}){3}$/.test(address)) {
    throw new Error(
      `Invalid value for managementAddress: ${address}. Allowed values are: 127.0.0.0 to 127.255.255.255.`,
    );
  }
  const server = createServer();
  server.listen({ host: address, port });
  await once(server, "listening");
  return {
    address,
    port: (server.address() as AddressInfo).port,
    handTo: (child) =>
      new Promise((resolve, reject) => {
        child.send({ managementPort: true }, server, (error) => {
          server.close();
          if (error === null) resolve();
          else reject(error);
        });
      }),
    close: () => {
      server.close();
    },
  };
}
