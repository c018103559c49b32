import { createServer, type Server } from "node:net";

const CLUSTER_PORT = 8649;

/** The real port of a cluster interface, for clients that are no appliances of the lab. It accepts connections and closes them. */
export class ClusterPort {
  private server: Server | undefined;
  private address: string | undefined;
  private last: Promise<void> = Promise.resolve();

  /** Listens on this address, or no longer at all. One change after the other. */
  listenOn(address: string | undefined): Promise<void> {
    this.last = this.last.then(() => this.change(address));
    return this.last;
  }

  private async change(address: string | undefined): Promise<void> {
    if (address === this.address) return;
    const { server } = this;
    if (server) await new Promise((resolve) => server.close(resolve));
    this.address = address;
    this.server = address === undefined ? undefined : await listeningOn(address);
  }
}

/** Undefined where the address is none of this machine, or another program has the port. */
function listeningOn(address: string): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", () => resolve(undefined));
    server.listen({ host: address, port: CLUSTER_PORT, exclusive: true }, () => resolve(server));
  });
}
