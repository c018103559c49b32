import { setTimeout as sleep } from "node:timers/promises";
import { Client, type ClientConfig, DatabaseError, Pool, type PoolClient, type PoolConfig } from "pg";
import { type EmbeddedAddress, readAddress } from "./address";

/**
 * A fault of the connection, not an answer of the database. The workflow engine repeats what fails with this code; any other error
 * would become the recorded outcome of the workflow that met it.
 */
export class ConnectionLost extends Error {
  readonly code = "ECONNRESET";

  constructor(cause: Error, server?: string) {
    // The driver says only that a timeout expired.
    const why = /timeout/i.test(cause.message) ? "no answer in time" : cause.message;
    super(server === undefined ? cause.message : `database ${server}: ${why}; ${REMEDY}`, { cause });
  }
}

const REMEDY = "check address and port, the server, and firewalls in between";
const RECONNECT_MS = 50;
/** A connection that fails for so long although a server starts is reported. */
const CONNECT_LIMIT_MS = 180_000;

/** Finds the embedded database, or starts it. */
export interface Reach {
  folder: string;
  start: () => Promise<EmbeddedAddress>;
}

/** A server that somebody else runs. */
export interface Server {
  /** Host and port, for messages. */
  server: string;
  /** How long a connection may take until it can be used, in milliseconds. A pool in which all connections are in use waits longer. */
  connectMs: number;
}

/**
 * A pool that reports every fault of a connection as one that can be repeated. With an embedded database, each new connection goes to
 * where its server is now, and starts it when it has ended.
 */
export class ReachingPool extends Pool {
  private starting: Promise<unknown> | undefined;

  constructor(
    config: PoolConfig,
    private readonly target: Reach | Server,
  ) {
    super({ ...config, Client: clientOf(target) as NonNullable<PoolConfig["Client"]> });
    // A connection that breaks while a query of the pool waits reports it past the query of its client.
    Object.assign(this, { query: reporting(this.query.bind(this), target) });
  }

  override connect(): Promise<PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<PoolClient> | undefined {
    const connected = this.connected();
    if (!callback) return connected;
    connected.then(
      (client) => callback(undefined, client, (error) => client.release(error)),
      (error) => callback(error, undefined, () => {}),
    );
    return undefined;
  }

  private async connected(): Promise<PoolClient> {
    const { target } = this;
    const limit = Date.now() + CONNECT_LIMIT_MS;
    for (;;) {
      try {
        return await super.connect();
      } catch (error) {
        const fault = faultOf(error, target);
        if ("server" in target || this.ending || Date.now() > limit || !(fault instanceof ConnectionLost)) throw fault;
      }
      // Many connections wait for the same server.
      this.starting ??= target.start().finally(() => {
        this.starting = undefined;
      });
      await this.starting;
      await sleep(RECONNECT_MS);
    }
  }
}

type ConnectCallback = (
  error: Error | undefined,
  client: PoolClient | undefined,
  done: (release?: Error | boolean) => void,
) => void;

/** Connections to a fixed address, or to the address that the server of a folder has when the connection is made. */
function clientOf(target: Reach | Server) {
  return class extends Client {
    constructor(config?: ClientConfig) {
      super({ ...config, ...("server" in target ? { connectionTimeoutMillis: target.connectMs } : addressIn(target)) });
      Object.assign(this, { query: reporting(this.query.bind(this), target) });
    }
  };
}

/** The same query with its faults as those of the connection. One function for all forms of the call, which end with a callback or give a promise. */
function reporting(query: (...args: never[]) => unknown, target: Reach | Server): (...args: unknown[]) => unknown {
  const called = query as (...args: unknown[]) => unknown;
  return (...args) => {
    const callback = args.at(-1);
    if (typeof callback === "function")
      return called(...args.slice(0, -1), (error: unknown, result: unknown) =>
        callback(error ? faultOf(error, target) : error, result),
      );
    const result = called(...args);
    if (!(result instanceof Promise)) return result;
    return result.catch((error) => {
      throw faultOf(error, target);
    });
  };
}

function addressIn({ folder }: Reach) {
  const { host = folder, port = 0 } = readAddress(folder) ?? {};
  return { host, port };
}

function faultOf(error: unknown, target: Reach | Server): unknown {
  if (!(error instanceof Error) || error instanceof DatabaseError || error instanceof ConnectionLost) return error;
  // Faults of the system, and those that pg reports without a code.
  return "syscall" in error || /\b(connection|connect|queryable|timeout)\b/i.test(error.message)
    ? new ConnectionLost(error, "server" in target ? target.server : undefined)
    : error;
}
