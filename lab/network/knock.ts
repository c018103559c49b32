import type { LabNetwork } from "./network";

/** Connects to a closed port: status 0 when the host refuses it, 1 when no host answers. */
const KNOCK = `const socket = require("node:net").connect({ host: process.argv[1], port: 1 });
socket.setTimeout(1000, () => process.exit(1));
socket.on("error", ({ code }) => process.exit(code === "ECONNREFUSED" ? 0 : 1));
socket.on("connect", () => process.exit(0));`;

/** Whether a host answers the router. Machines without the program ping have a host that refuses a connection. */
export async function answersKnock(network: LabNetwork, address: string): Promise<boolean> {
  return (await network.exec("router", [process.execPath, "-e", KNOCK, address])).status === 0;
}

/** Connects to a port: status 0 when it accepts the connection. */
const CONNECT = `const [, address, port] = process.argv;
const socket = require("node:net").connect({ host: address, port: Number(port) });
socket.setTimeout(1000, () => process.exit(1));
socket.on("error", () => process.exit(1));
socket.on("connect", () => process.exit(0));`;

/** Whether a port of a host accepts a connection from the router. */
export async function acceptsConnection(network: LabNetwork, address: string, port: number): Promise<boolean> {
  return (await network.exec("router", [process.execPath, "-e", CONNECT, address, String(port)])).status === 0;
}
