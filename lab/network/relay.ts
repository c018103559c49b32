/**
 * The program on the SPS host: a transparent TCP relay. The kernel delivers connections to any server address here
 * (see wiring.ts), so that the accepted socket's own address is the server the client meant.
 */
import { appendFileSync } from "node:fs";
import { createServer, type Server, Socket } from "node:net";
import type { AddressMode, AuditLine } from "./audit";
import { answerOrders } from "./orders";
import { listenAll } from "./server-sockets";
import { WIRES } from "./wires";

export type RelayOrders = {
  start: { given: { ports: number[]; auditFile: string }; answer: null };
  setMode: { given: AddressMode; answer: null };
  /** Whether the relay's ports are open; connections that exist are not touched. */
  setServing: { given: boolean; answer: null };
};

let mode: AddressMode = "own";
let auditFile = "";
let ports: number[] = [];
let listeners: Server[] = [];
let sessions = 0;

answerOrders<RelayOrders>({
  start: async (given) => {
    ({ auditFile, ports } = given);
    listeners = await listenAll(ports, makeListener);
    return null;
  },
  setMode: (given) => {
    mode = given;
    return null;
  },
  setServing: async (serving) => {
    for (const listener of listeners.splice(0)) listener.close();
    if (serving) listeners = await listenAll(ports, makeListener);
    return null;
  },
});

function makeListener(): Server {
  return createServer({ allowHalfOpen: true, noDelay: true }, relay);
}

function relay(client: Socket): void {
  const { remoteAddress, remotePort, localAddress, localPort } = client;
  client.on("error", () => {});
  if (localAddress === undefined || localPort === undefined || localAddress === WIRES.sps.farAddresses[0]) {
    client.destroy();
    return;
  }
  const session = ++sessions;
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
  // Written before the relay goes on, so that whoever got an answer through SPS finds its record.
  appendFileSync(auditFile, `${JSON.stringify(line)}\n`);
}

function now(): string {
  return new Date().toISOString();
}
