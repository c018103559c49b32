/**
 * The program that holds the namespaces of a lab's network and serves the process of the lab. It ends when that process
 * ends, also after a kill; the kernel then removes the namespaces with everything in them.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { Server } from "node:net";
import type { ClientMethods } from "./client-agent";
import { IpcClient, type MethodTable, serveMethods } from "./ipc";
import { ManagementProxy } from "./management-proxy";
import { createNetwork, onHost, setLink } from "./namespaces";
import { createPrivateFiles, LAB_FOLDER, type RouterUser } from "./private-files";
import { programCommand } from "./programs";
import type { RelayMethods } from "./relay";
import { type CommandOptions, type CommandResult, run } from "./run";
import type { ServerMethods } from "./server";
import { SshServer } from "./ssh-server";
import { type Host, type InterfaceName, LINKS } from "./topology";

/** Name, ports and files of the network. */
export interface StartParams {
  labName: string;
  redirectablePorts: number[];
  serverPorts: number[];
  clientKeyFile: string;
  auditFile: string;
}

/** The programs on the hosts to which the keeper forwards calls. */
export type AgentName = keyof Agents;

/** The methods of the keeper. */
export type KeeperMethods = {
  start: { params: StartParams; result: { hostKey: string } };
  exec: { params: { host: Host; command: string[] } & CommandOptions; result: CommandResult };
  callAgent: { params: { agent: AgentName; name: string; params: unknown; timeoutSeconds?: number }; result: unknown };
  setDelay: { params: number; result: null };
  setLink: { params: { name: InterfaceName; state: "up" | "down" }; result: null };
  sshServer: { params: "start" | "stop" | "restart"; result: null };
  addRouterUser: { params: RouterUser; result: null };
  /** Stops the network and closes the channel, so this call has no result. */
  stop: { params: null; result: null };
};

const managementProxy = new ManagementProxy({ address: LINKS.mgmt.routerAddress, port: 22 });
// Files and folders to remove at the end. They are arguments, because the lab may be killed before its first call.
const removeAtEnd = process.argv.slice(2);
let network: Network | undefined;

interface Network {
  labName: string;
  sshServer: SshServer;
  agents: Agents;
}

interface Agents {
  client: IpcClient<ClientMethods>;
  relay: IpcClient<RelayMethods>;
}

process.on("disconnect", () => {
  for (const path of removeAtEnd) rmSync(path, { recursive: true, force: true });
  process.exit(0);
});

process.on("message", (_message, handle) => {
  if (handle instanceof Server) managementProxy.serve(handle);
});

serveMethods<KeeperMethods>({
  start,
  exec: ({ host, command, ...options }) => run(onHost(running().labName, host, command), options),
  callAgent: ({ agent, name, params, timeoutSeconds }) => callAgent(agent, name, params, timeoutSeconds),
  setDelay: (milliseconds) => {
    managementProxy.delayMilliseconds = milliseconds;
    return null;
  },
  setLink: async ({ name, state }) => {
    await setLink(running().labName, name, state);
    return null;
  },
  sshServer: async (action) => {
    const { sshServer } = running();
    if (action !== "start") await sshServer.stop();
    if (action !== "stop") await sshServer.start();
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

async function start(params: StartParams): Promise<{ hostKey: string }> {
  const { labName, auditFile, clientKeyFile } = params;
  const sshServer = new SshServer(labName);
  const filesReady = createPrivateFiles();
  writeFileSync(auditFile, "", { mode: 0o600 });
  const [hostKey, agents] = await Promise.all([
    filesReady.then(() => sshServer.createKeys(clientKeyFile)),
    createNetwork(labName).then(() => startAgents(params)),
  ]);
  writeFileSync(`${LAB_FOLDER}/name`, labName);
  await sshServer.start();
  network = { labName, sshServer, agents };
  return { hostKey };
}

async function startAgents(params: StartParams): Promise<Agents> {
  const { labName, auditFile, redirectablePorts, serverPorts } = params;
  const client = new IpcClient<ClientMethods>(
    startProgram(labName, "client", "client-agent"),
    "program of the client host",
  );
  const relay = new IpcClient<RelayMethods>(startProgram(labName, "sps", "relay"), "relay of the SPS host");
  const server = new IpcClient<ServerMethods>(startProgram(labName, "server", "server"), "program of the server host");
  await Promise.all([
    relay.call("start", { ports: redirectablePorts, auditFile }),
    server.call("start", { ports: serverPorts }),
  ]);
  return { client, relay };
}

function startProgram(labName: string, host: Host, program: Parameters<typeof programCommand>[0]): ChildProcess {
  const [command = "", ...rest] = onHost(labName, host, programCommand(program));
  return spawn(command, rest, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
}

function callAgent(agent: AgentName, name: string, params: unknown, timeoutSeconds?: number): Promise<unknown> {
  const client: Pick<IpcClient<MethodTable>, "call"> = running().agents[agent];
  return client.call(name, params, timeoutSeconds);
}

function running(): Network {
  if (network === undefined) throw new Error("the network is not started");
  return network;
}
