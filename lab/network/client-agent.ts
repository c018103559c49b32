/** The program on the client host: opens connections on order and tells who the server took them for. */

import { ClientConnection, type ConnectResult } from "./client-connection";
import { answerOrders } from "./orders";

export interface ConnectOrder {
  address: string;
  port: number;
  timeoutSeconds: number;
}

/** One of many attempts: when it began, in milliseconds since the first, and its result or system error code. */
export type ConnectAttempt = { startedMilliseconds: number } & (
  | ({ connected: true } & ConnectResult)
  | { connected: false; error: string; milliseconds: number }
);

export type ClientOrders = {
  connect: { given: ConnectOrder; answer: ConnectResult };
  /** Connects again and again, each attempt after the one before, for a time or a number of attempts. */
  repeat: { given: ConnectOrder & { seconds: number; attempts: number }; answer: ConnectAttempt[] };
  open: { given: ConnectOrder; answer: ConnectResult & { session: number } };
  /** Sends a line on an open connection and waits for its echo; answers the milliseconds it took. */
  ping: { given: { session: number; timeoutSeconds: number }; answer: number };
  close: { given: { session: number }; answer: null };
};

const open = new Map<number, ClientConnection>();
let sessions = 0;

answerOrders<ClientOrders>({
  connect,
  repeat: async ({ seconds, attempts, ...given }) => {
    const results: ConnectAttempt[] = [];
    const start = performance.now();
    while (results.length < attempts && performance.now() - start < seconds * 1000) {
      const startedMilliseconds = performance.now() - start;
      try {
        results.push({ startedMilliseconds, connected: true, ...(await connect(given)) });
      } catch (cause) {
        const { code, message } = cause as NodeJS.ErrnoException;
        const milliseconds = performance.now() - start - startedMilliseconds;
        results.push({ startedMilliseconds, connected: false, error: code ?? message, milliseconds });
      }
    }
    return results;
  },
  open: async (given) => {
    const connection = await ClientConnection.open(given);
    const session = ++sessions;
    open.set(session, connection);
    return { session, ...connection.result };
  },
  ping: ({ session, timeoutSeconds }) => find(session).ping(timeoutSeconds),
  close: ({ session }) => {
    find(session).close();
    open.delete(session);
    return null;
  },
});

async function connect(given: ConnectOrder): Promise<ConnectResult> {
  const connection = await ClientConnection.open(given);
  connection.close();
  return connection.result;
}

function find(session: number): ClientConnection {
  const connection = open.get(session);
  if (connection === undefined) throw new Error(`no open session ${session}`);
  return connection;
}
