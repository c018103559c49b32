/** The program on the client host: opens connections and reports the address that the server sees. */

import { ClientConnection, type ConnectResult } from "./client-connection";
import { serveMethods } from "./ipc";

/** The server to connect to. */
export interface ConnectParams {
  address: string;
  port: number;
  timeoutSeconds: number;
}

/** One of several attempts: its start in milliseconds since the first one, and its result or system error code. */
export type ConnectAttempt = { startedMilliseconds: number } & (
  | ({ connected: true } & ConnectResult)
  | { connected: false; error: string; milliseconds: number }
);

/** The methods of the program on the client host. */
export type ClientMethods = {
  connect: { params: ConnectParams; result: ConnectResult };
  /** Connects repeatedly, one attempt after the other, up to a time and a number of attempts. */
  repeat: { params: ConnectParams & { seconds: number; attempts: number }; result: ConnectAttempt[] };
  open: { params: ConnectParams; result: ConnectResult & { session: number } };
  /** Sends a line on an open connection, waits for its echo and returns the milliseconds. */
  ping: { params: { session: number; timeoutSeconds: number }; result: number };
  close: { params: { session: number }; result: null };
};

const connections = new Map<number, ClientConnection>();
let lastSession = 0;

serveMethods<ClientMethods>({
  connect,
  repeat: async ({ seconds, attempts, ...params }) => {
    const results: ConnectAttempt[] = [];
    const start = performance.now();
    while (results.length < attempts && performance.now() - start < seconds * 1000) {
      const startedMilliseconds = performance.now() - start;
      try {
        results.push({ startedMilliseconds, connected: true, ...(await connect(params)) });
      } catch (cause) {
        const { code, message } = cause as NodeJS.ErrnoException;
        const milliseconds = performance.now() - start - startedMilliseconds;
        results.push({ startedMilliseconds, connected: false, error: code ?? message, milliseconds });
      }
    }
    return results;
  },
  open: async (params) => {
    const connection = await ClientConnection.open(params);
    const session = ++lastSession;
    connections.set(session, connection);
    return { session, ...connection.result };
  },
  ping: ({ session, timeoutSeconds }) => find(session).ping(timeoutSeconds),
  close: ({ session }) => {
    find(session).close();
    connections.delete(session);
    return null;
  },
});

async function connect(params: ConnectParams): Promise<ConnectResult> {
  const connection = await ClientConnection.open(params);
  connection.close();
  return connection.result;
}

function find(session: number): ClientConnection {
  const connection = connections.get(session);
  if (connection === undefined) throw new Error(`session ${session} is not open`);
  return connection;
}
