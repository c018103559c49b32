/**
 * The program that holds a lab's network: it runs in namespaces of its own, makes the others, and takes orders from the
 * lab's process. When that process ends, however it does, this one ends, and the kernel removes everything with it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { Server } from "node:net";
import type { ClientOrders } from "./client-agent";
import { Gate } from "./gate";
import { answerOrders, Orderer, type OrderTable } from "./orders";
import { LAB_FOLDER, makePrivateFiles, type RouterUser } from "./private-files";
import { programCommand } from "./programs";
import type { RelayOrders } from "./relay";
import { type CommandOptions, type CommandResult, run } from "./run";
import type { ServerOrders } from "./server";
import { SshServer } from "./ssh-server";
import { type InterfaceName, type Place, WIRES } from "./wires";
import { inPlace, makeNetwork, setLink } from "./wiring";

export interface KeeperStart {
  labName: string;
  redirectablePorts: number[];
  serverPorts: number[];
  clientKeyFile: string;
  auditFile: string;
}

/** The programs the keeper runs and passes orders on to. */
export type AgentName = keyof Agents;

export type KeeperOrders = {
  start: { given: KeeperStart; answer: { hostKey: string } };
  exec: { given: { place: Place; command: string[] } & CommandOptions; answer: CommandResult };
  ask: { given: { agent: AgentName; name: string; given: unknown; timeoutSeconds?: number }; answer: unknown };
  setDelay: { given: number; answer: null };
  setLink: { given: { name: InterfaceName; state: "up" | "down" }; answer: null };
  sshServer: { given: "start" | "stop" | "restart"; answer: null };
  addRouterUser: { given: RouterUser; answer: null };
  /** Ends the network, and with it the channel: no answer comes. */
  stop: { given: null; answer: null };
};

const gate = new Gate({ address: WIRES.mgmt.routerAddress, port: 22 });
// Files and folders to remove when the network ends; known before any order, should the lab be killed at once.
const removeAtEnd = process.argv.slice(2);
let network: Network | undefined;

interface Network {
  labName: string;
  sshServer: SshServer;
  agents: Agents;
}

interface Agents {
  client: Orderer<ClientOrders>;
  relay: Orderer<RelayOrders>;
}

process.on("disconnect", () => {
  for (const path of removeAtEnd) rmSync(path, { recursive: true, force: true });
  process.exit(0);
});

process.on("message", (_message, handle) => {
  if (handle instanceof Server) gate.serve(handle);
});

answerOrders<KeeperOrders>({
  start,
  exec: ({ place, command, ...options }) => run(inPlace(running().labName, place, command), options),
  ask: ({ agent, name, given, timeoutSeconds }) => askAgent(agent, name, given, timeoutSeconds),
  setDelay: (milliseconds) => {
    gate.delayMilliseconds = milliseconds;
    return null;
  },
  setLink: async ({ name, state }) => {
    await setLink(running().labName, name, state);
    return null;
  },
  sshServer: async (wanted) => {
    const { sshServer } = running();
    if (wanted !== "start") await sshServer.stop();
    if (wanted !== "stop") await sshServer.start();
    return null;
  },
  addRouterUser: async (user) => {
    await running().sshServer.addUser(user);
    return null;
  },
  stop: () => {
    process.disconnect();
    return null;
  },
});

async function start(given: KeeperStart): Promise<{ hostKey: string }> {
  const { labName, auditFile, clientKeyFile } = given;
  const sshServer = new SshServer(labName);
  const filesReady = makePrivateFiles();
  writeFileSync(auditFile, "", { mode: 0o600 });
  const [hostKey, agents] = await Promise.all([
    filesReady.then(() => sshServer.makeKeys(clientKeyFile)),
    makeNetwork(labName).then(() => startAgents(given)),
  ]);
  writeFileSync(`${LAB_FOLDER}/name`, labName);
  await sshServer.start();
  network = { labName, sshServer, agents };
  return { hostKey };
}

async function startAgents(given: KeeperStart): Promise<Agents> {
  const { labName, auditFile, redirectablePorts, serverPorts } = given;
  const client = new Orderer<ClientOrders>(startProgram(labName, "client", "client-agent"), "the client's program");
  const relay = new Orderer<RelayOrders>(startProgram(labName, "sps", "relay"), "the relay");
  const server = new Orderer<ServerOrders>(startProgram(labName, "server", "server"), "the server's program");
  await Promise.all([
    relay.order("start", { ports: redirectablePorts, auditFile }),
    server.order("start", { ports: serverPorts }),
  ]);
  return { client, relay };
}

function startProgram(labName: string, place: Place, program: Parameters<typeof programCommand>[0]): ChildProcess {
  const [command = "", ...rest] = inPlace(labName, place, programCommand(program));
  return spawn(command, rest, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
}

function askAgent(agent: AgentName, name: string, given: unknown, timeoutSeconds?: number): Promise<unknown> {
  const orderer: Pick<Orderer<OrderTable>, "order"> = running().agents[agent];
  return orderer.order(name, given, timeoutSeconds);
}

function running(): Network {
  if (network === undefined) throw new Error("the network has not been started");
  return network;
}
