/**
 * The program on the SPS host: a transparent TCP relay. The kernel delivers connections to all server addresses here (see
 * namespaces.ts), so the local address of an accepted socket is the server to which the client connected.
 */
import { appendFileSync } from "node:fs";
import { createServer, type Server, Socket } from "node:net";
import { networkInterfaces } from "node:os";
import type { AddressMode, AuditLine } from "./audit";
import { serveMethods } from "./ipc";
import { listenOnPorts } from "./server-sockets";

/** The methods of the relay. */
export type RelayMethods = {
  start: { params: { ports: number[]; auditFile: string }; result: null };
  setMode: { params: AddressMode; result: null };
  /** Opens or closes the ports; existing connections stay open. */
  setServing: { params: boolean; result: null };
};

let mode: AddressMode = "own";
let auditFile = "";
let ports: number[] = [];
let listeners: Server[] = [];
let lastSession = 0;

serveMethods<RelayMethods>({
  start: async (params) => {
    ({ auditFile, ports } = params);
    listeners = await listenOnPorts(ports, makeListener);
    return null;
  },
  setMode: (params) => {
    mode = params;
    return null;
  },
  setServing: async (isServing) => {
    for (const listener of listeners.splice(0)) listener.close();
    if (isServing) listeners = await listenOnPorts(ports, makeListener);
    return null;
  },
});

function makeListener(): Server {
  return createServer({ allowHalfOpen: true, noDelay: true }, relay);
}

/** Whether an address is one of the SPS host. Those of servers are only routed to it. */
function isOwnAddress(address: string): boolean {
  return Object.values(networkInterfaces()).some((list) => list?.some((one) => one.address === address));
}

function relay(client: Socket): void {
  const { remoteAddress, remotePort, localAddress, localPort } = client;
  client.on("error", () => {
    // Needed for connections to the SPS host itself, which are closed below.
  });
  if (localAddress === undefined || localPort === undefined || isOwnAddress(localAddress)) {
    client.destroy();
    return;
  }
  const session = ++lastSession;
  const server = `${localAddress}:${localPort}`;
  write({ event: "opened", session, time: now(), client: `${remoteAddress}:${remotePort}`, server, mode });

  const upstream = new Socket({ allowHalfOpen: true });
  upstream.setNoDelay(true);
  upstream.connect({
    host: localAddress,
    port: localPort,
    localAddress: mode === "client" ? remoteAddress : undefined,
  });
  client.pipe(upstream);
  upstream.pipe(client);

  let error: string | undefined;
  const fail = (other: Socket) => (cause: NodeJS.ErrnoException) => {
    error ??= cause.code ?? cause.message;
    other.resetAndDestroy();
  };
  client.on("error", fail(upstream));
  upstream.on("error", fail(client));
  let open = 2;
  const closed = () => {
    open -= 1;
    if (open > 0) return;
    const { bytesRead: bytesFromClient } = client;
    write({ event: "closed", session, time: now(), bytesFromClient, bytesFromServer: upstream.bytesRead, error });
  };
  client.on("close", closed);
  upstream.on("close", closed);
}

function write(line: AuditLine): void {
  // Synchronous: the record must exist before the client receives its first byte through SPS.
  appendFileSync(auditFile, `${JSON.stringify(line)}\n`);
}

function now(): string {
  return new Date().toISOString();
}
