/** The program on the server host: greets each connection with the address of its peer, then echoes all data. */
import { createServer } from "node:net";
import { serveMethods } from "./ipc";
import { listenOnPorts } from "./server-sockets";

/** The methods of the program on the server host. */
export type ServerMethods = { start: { params: { ports: number[] }; result: null } };

/** The line that the server sends first. */
export interface Greeting {
  /** Address and port of the peer, as the server sees them. */
  address: string;
  port: number;
}

serveMethods<ServerMethods>({
  start: async ({ ports }) => {
    await listenOnPorts(ports, () =>
      createServer({ noDelay: true }, (socket) => {
        socket.on("error", () => {
          // A broken connection needs no handling here.
        });
        const { remoteAddress: address = "", remotePort: port = 0 } = socket;
        socket.write(`${JSON.stringify({ address, port } satisfies Greeting)}\n`);
        socket.pipe(socket);
      }),
    );
    return null;
  },
});
