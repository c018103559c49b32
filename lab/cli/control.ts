import { createConnection, createServer, type Server } from "node:net";
import { createInterface } from "node:readline";
import type { FaultName } from "../common/faults";
import type { RequestRecord } from "../common/traffic";
import type { Lab } from "../lab";
import type { AuditRecord } from "../network/audit";
import type { RunningLab } from "../registry";

/** A command that another process of the same user sends to a running lab. */
export type ControlCommand =
  | { command: "status" }
  | { command: "fault"; fault: FaultName; on: boolean }
  | { command: "connect"; address: string; port: number }
  | { command: "down" };

/** The path that one TCP connection took from the client host to a server. */
export interface ConnectionCheck {
  /** Address that the server saw: the client, or the SPS host that relayed the connection. */
  peerSeenByServer: string;
  /** Audit record of this connection; absent when the connection did not pass SPS. */
  audit?: AuditRecord;
}

/** Result of the command `status`. */
export interface LabStatus {
  name: string;
  speed: number;
  faults: FaultName[];
  sps: { address: string; roles: string[]; joined: string | undefined; requests: number }[];
  spp: { address: string; requests: number };
  network: string;
}

type Reply = { ok: true; value: unknown } | { ok: false; message: string };

/** Serves commands on a local socket: one JSON line for each command and one for each reply. */
export function serveCommands(path: string, lab: Lab, stop: () => void): Promise<Server> {
  const server = createServer((socket) => {
    socket.on("error", () => {
      // The caller has gone; it no longer waits for a reply.
    });
    createInterface({ input: socket }).on("line", (line) => {
      const send = (reply: Reply) => socket.end(`${JSON.stringify(reply)}\n`);
      runCommand(JSON.parse(line) as ControlCommand, lab, stop).then(
        (value) => send({ ok: true, value }),
        (error: unknown) => send({ ok: false, message: error instanceof Error ? error.message : String(error) }),
      );
    });
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => resolve(server));
  });
}

async function runCommand(command: ControlCommand, lab: Lab, stop: () => void): Promise<unknown> {
  switch (command.command) {
    case "status":
      return statusOf(lab);
    case "fault":
      return command.on ? lab.faults.on(command.fault) : lab.faults.off(command.fault);
    case "connect":
      return checkConnection(lab, command.address, command.port);
    case "down":
      stop();
      return undefined;
  }
}

async function checkConnection(lab: Lab, address: string, port: number): Promise<ConnectionCheck> {
  if (!lab.network) throw new Error(`the lab has no routed network: ${lab.description.networkUnavailable}`);
  const before = (await lab.network.auditRecords()).length;
  const { peerSeenByServer } = await lab.network.connectFromClient(address, port);
  const audit = (await lab.network.auditRecords())
    .slice(before)
    .find((record) => record.server === `${address}:${port}`);
  return { peerSeenByServer, audit };
}

function statusOf(lab: Lab): LabStatus {
  const count = (requests: readonly RequestRecord[]) => requests.length;
  return {
    name: lab.description.name,
    speed: lab.description.speed,
    faults: lab.faults.list(),
    sps: lab.sps.map((node) => ({
      address: node.endpoint.address,
      roles: node.roles,
      joined: node.joined?.phase,
      requests: count(node.traffic.requests),
    })),
    spp: { address: lab.description.spp.address, requests: count(lab.spp.traffic.requests) },
    network: lab.description.networkUnavailable ?? "up",
  };
}

/** Sends a command to a running lab. @throws Error with the message of the lab. */
export function sendCommand(running: RunningLab, command: ControlCommand): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(running.controlSocket);
    socket.once("error", (error) =>
      reject(new Error(`lab ${running.description.name}: no response: ${error.message}`)),
    );
    createInterface({ input: socket }).once("line", (line) => {
      const reply = JSON.parse(line) as Reply;
      if (reply.ok) resolve(reply.value);
      else reject(new Error(reply.message));
    });
    socket.write(`${JSON.stringify(command)}\n`);
  });
}
