/** The program on the server host: tells each connection who it came from, then echoes what it is sent. */
import { createServer } from "node:net";
import { answerOrders } from "./orders";
import { listenAll } from "./server-sockets";

export type ServerOrders = { start: { given: { ports: number[] }; answer: null } };

/** The one line with which the server greets. */
export interface Greeting {
  /** Address and port of the peer, as the server sees them. */
  address: string;
  port: number;
}

answerOrders<ServerOrders>({
  start: async ({ ports }) => {
    await listenAll(ports, () =>
      createServer({ noDelay: true }, (socket) => {
        socket.on("error", () => {});
        const { remoteAddress: address = "", remotePort: port = 0 } = socket;
        socket.write(`${JSON.stringify({ address, port } satisfies Greeting)}\n`);
        socket.pipe(socket);
      }),
    );
    return null;
  },
});
