import { createConnection, createServer, type Server } from "node:net";
import { createInterface } from "node:readline";
import type { FaultName } from "../common/faults";
import type { RequestRecord } from "../common/traffic";
import type { Lab } from "../lab";
import type { AuditRecord } from "../network/audit";
import type { RunningLab } from "../registry";

/** What a running lab can be told by another process of the same user. */
export type Order =
  | { order: "status" }
  | { order: "fault"; fault: FaultName; on: boolean }
  | { order: "connect"; address: string; port: number }
  | { order: "down" };

/** What became of one TCP connection from the client host to a server. */
export interface ConnectionProof {
  /** Who the server saw: the client itself, or the SPS host that relayed. */
  peerSeenByServer: string;
  /** The audit record SPS wrote of this connection; absent when it did not pass SPS. */
  audit?: AuditRecord;
}

/** What a lab tells of itself. */
export interface LabStatus {
  name: string;
  speed: number;
  faults: FaultName[];
  sps: { address: string; roles: string[]; joined: string | undefined; requests: number }[];
  spp: { address: string; requests: number };
  network: string;
}

type Answer = { ok: true; value: unknown } | { ok: false; message: string };

/** Takes orders on a local socket, one JSON line each, and answers each with one line. */
export function listenForOrders(path: string, lab: Lab, end: () => void): Promise<Server> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    createInterface({ input: socket }).on("line", (line) => {
      const answer = (value: Answer) => socket.end(`${JSON.stringify(value)}\n`);
      obey(JSON.parse(line) as Order, lab, end).then(
        (value) => answer({ ok: true, value }),
        (error: unknown) => answer({ ok: false, message: error instanceof Error ? error.message : String(error) }),
      );
    });
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => resolve(server));
  });
}

async function obey(given: Order, lab: Lab, end: () => void): Promise<unknown> {
  if (given.order === "status") return statusOf(lab);
  if (given.order === "fault") return given.on ? lab.faults.on(given.fault) : lab.faults.off(given.fault);
  if (given.order === "connect") return prove(lab, given.address, given.port);
  end();
  return undefined;
}

async function prove(lab: Lab, address: string, port: number): Promise<ConnectionProof> {
  if (!lab.network) throw new Error(`the lab has no network: ${lab.description.networkUnavailable}`);
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

/** Sends an order to a running lab. @throws Error with the lab's own words. */
export function orderLab(running: RunningLab, order: Order): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(running.controlSocket);
    socket.once("error", (error) =>
      reject(new Error(`lab ${running.description.name} does not answer: ${error.message}`)),
    );
    createInterface({ input: socket }).once("line", (line) => {
      const answer = JSON.parse(line) as Answer;
      if (answer.ok) resolve(answer.value);
      else reject(new Error(answer.message));
    });
    socket.write(`${JSON.stringify(order)}\n`);
  });
}
