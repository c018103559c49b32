import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** A relay on loopback whose connections can be reset. */
export class Wire {
  private readonly sockets = new Set<Socket>();
  private constructor(private readonly server: Server) {}

  static async to(port: number): Promise<Wire> {
    const server = createServer((near) => {
      const far = connect(port, "127.0.0.1");
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        wire.sockets.add(from);
        from
          .on("error", () => to.destroy())
          .on("close", () => {
            wire.sockets.delete(from);
            to.destroy();
          });
        from.pipe(to);
      }
    });
    const wire = new Wire(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return wire;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Resets every connection; false when there was none. */
  cut(): boolean {
    const isUsed = this.sockets.size > 0;
    for (const socket of this.sockets) socket.resetAndDestroy();
    this.sockets.clear();
    return isUsed;
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
