import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, rmSync, statSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import type { NetworkDescription } from "../common/description";
import { type AddressMode, type AuditRecord, readAudit, sessionOf } from "./audit";
import { missingRequirement, namespaceCommand, type SystemFacts, unavailableReason } from "./availability";
import type { ClientMethods, ConnectAttempt } from "./client-agent";
import type { ConnectResult } from "./client-connection";
import { describeNetwork } from "./describe";
import { IpcClient, type MethodTable } from "./ipc";
import type { AgentName, KeeperMethods } from "./keeper";
import { openManagementPort } from "./management-port";
import type { RouterUser } from "./private-files";
import { cleanEnvironment, programCommand } from "./programs";
import type { RelayMethods } from "./relay";
import type { CommandOptions, CommandResult } from "./run";
import type { Host, InterfaceName } from "./topology";

/** Default ports of the server and of the relay on the SPS host. */
export const DEFAULT_PORTS: readonly number[] = [22, 2222, 3389, 8080];
const STOP_LIMIT_SECONDS = 5;

/** Options of a routed network. */
export interface NetworkOptions {
  /** Name of the lab: 1 to 40 lower-case letters, digits and hyphens. */
  labName: string;
  /**
   * Existing folder outside of /run, /etc and /var/log. Keys and audit records go into its subfolder `network`, which is
   * removed at the end.
   */
  directory: string;
  /** Loopback address and port of the router's OpenSSH server. Default: 127.0.0.1 and a free port. */
  managementAddress?: string;
  managementPort?: number;
  /** TCP ports that the SPS host relays. Default: `DEFAULT_PORTS`. */
  redirectablePorts?: number[];
  /** TCP ports of the server. Default: `redirectablePorts`. */
  serverPorts?: number[];
  /** Also remove `directory` itself at the end, so that a killed lab leaves no files behind. */
  removeDirectoryAtEnd?: boolean;
}

/** A connection of the client that stays open. */
export interface ClientSession extends ConnectResult {
  /** Sends a line and waits for its echo. @returns milliseconds. @throws Error when the connection is broken. */
  ping(timeoutSeconds?: number): Promise<number>;
  close(): Promise<void>;
}

/**
 * A routed network in namespaces of its own: client, router and server in a row, an SPS host beside the router, and a
 * management path to the router's OpenSSH server. Kernel, iptables, nftables and OpenSSH are real.
 */
export class LabNetwork {
  private readonly keeper: IpcClient<KeeperMethods>;
  private readonly ended: Promise<void>;

  private constructor(
    private readonly child: ChildProcess,
    lastMessages: () => string,
    readonly description: NetworkDescription,
    removeAtEnd: string[],
  ) {
    this.keeper = new IpcClient<KeeperMethods>(child, "routed network", lastMessages);
    this.ended = new Promise((resolve) => {
      const end = () => {
        // In case the keeper itself was killed.
        for (const path of removeAtEnd) rmSync(path, { recursive: true, force: true });
        resolve();
      };
      child.once("close", end);
      child.once("error", () => {
        if (child.pid === undefined) end();
      });
    });
  }

  /** The reason why the network cannot start on this system, with the remedy; undefined when it can. */
  static unavailableReason(surroundings?: SystemFacts): Promise<string | undefined> {
    return unavailableReason(surroundings);
  }

  /** Starts the network and returns when all of it responds. @throws Error with the reason; everything is removed then. */
  static async start(options: NetworkOptions): Promise<LabNetwork> {
    checkOptions(options);
    const missing = missingRequirement();
    if (missing !== undefined) throw new Error(missing);
    const { redirectablePorts = [...DEFAULT_PORTS], serverPorts = redirectablePorts } = options;
    const folder = join(options.directory, "network");
    const removeAtEnd = options.removeDirectoryAtEnd ? [options.directory] : [folder];
    const managementPort = await openManagementPort(options.managementAddress, options.managementPort);
    const description = describeNetwork(folder, managementPort, serverPorts);
    mkdirSync(folder, { mode: 0o700 });

    const { child, lastMessages } = startKeeper(removeAtEnd);
    const network = new LabNetwork(child, lastMessages, description, removeAtEnd);
    try {
      await managementPort.handTo(child);
      const { hostKey } = await network.keeper.call("start", {
        labName: options.labName,
        redirectablePorts,
        serverPorts,
        clientKeyFile: description.router.privateKeyFile,
        auditFile: description.sps.auditFile,
      });
      description.router.hostKey = hostKey;
      return network;
    } catch (error) {
      managementPort.close();
      await network.stop();
      throw error;
    }
  }

  /** Process that holds the namespaces; the network ends with it. For `execAttached` and nsenter. */
  get keeperPid(): number {
    return this.child.pid ?? 0;
  }

  /** Runs a command as root on a host. @throws Error when it does not start, or not end in time (default 10 s). */
  exec(host: Host, command: string[], options: CommandOptions = {}): Promise<CommandResult> {
    const limit = options.timeoutSeconds ?? 10;
    return this.keeper.call("exec", { host, command, ...options, timeoutSeconds: limit }, limit + 5);
  }

  /**
   * Connects from the client host and reads the greeting of the server.
   * @throws Error with a system error code, ETIMEDOUT at the limit (default 3 s).
   */
  connectFromClient(address: string, port: number, options: { timeoutSeconds?: number } = {}): Promise<ConnectResult> {
    const { timeoutSeconds = 3 } = options;
    return this.callClient("connect", { address, port, timeoutSeconds }, timeoutSeconds);
  }

  /** Connects repeatedly, up to `seconds` and `attempts`. A failed attempt is a result, not an error. */
  connectRepeatedly(
    address: string,
    port: number,
    options: { seconds: number; attempts?: number; timeoutSeconds?: number },
  ): Promise<ConnectAttempt[]> {
    const { seconds, attempts = 100_000, timeoutSeconds = 3 } = options;
    return this.callClient("repeat", { address, port, seconds, attempts, timeoutSeconds }, seconds + timeoutSeconds);
  }

  /** Opens a connection from the client host that stays open. @throws Error as `connectFromClient` does. */
  async openFromClient(
    address: string,
    port: number,
    options: { timeoutSeconds?: number } = {},
  ): Promise<ClientSession> {
    const { timeoutSeconds = 3 } = options;
    const { session, ...result } = await this.callClient("open", { address, port, timeoutSeconds }, timeoutSeconds);
    return {
      ...result,
      ping: (limit = 3) => this.callClient("ping", { session, timeoutSeconds: limit }, limit),
      close: async () => {
        await this.callClient("close", { session });
      },
    };
  }

  /** All connections that the SPS host has relayed so far, in order. */
  auditRecords(): Promise<AuditRecord[]> {
    return readAudit(this.description.sps.auditFile);
  }

  /** The same as the sessions that SPS shows. */
  async relayedSessions(): Promise<ReturnType<typeof sessionOf>[]> {
    return (await this.auditRecords()).map(sessionOf);
  }

  /** Sets the one-way delay of the management path; a round trip takes twice as long. */
  async setDelay(milliseconds: number): Promise<void> {
    if (!(milliseconds >= 0 && milliseconds <= 10_000)) {
      throw new Error(`Invalid value for milliseconds: ${milliseconds}. Allowed values are: 0 to 10000.`);
    }
    await this.keeper.call("setDelay", milliseconds);
  }

  /**
   * Sets an interface up or down. Down at the router (`rsps`) removes the routes through it, and up restores only the
   * connected route. Down at the far end (`sps0`) only loses the carrier of the router's interface.
   */
  async setLink(name: InterfaceName, state: "up" | "down"): Promise<void> {
    await this.keeper.call("setLink", { name, state });
  }

  /** Sets the source address of SPS for new connections. */
  async setAddressMode(mode: AddressMode): Promise<void> {
    await this.callRelay("setMode", mode);
  }

  /** Opens or closes the ports of the relay. While they are closed, redirected connections are refused. */
  async setRelayServing(isServing: boolean): Promise<void> {
    await this.callRelay("setServing", isServing);
  }

  /** Stops the router's SSH server; open sessions stay open. */
  async stopSshd(): Promise<void> {
    await this.keeper.call("sshServer", "stop");
  }

  /** Starts the router's SSH server. */
  async startSshd(): Promise<void> {
    await this.keeper.call("sshServer", "start");
  }

  /** Restarts the router's SSH server; open sessions stay open. */
  async restartSshd(): Promise<void> {
    await this.keeper.call("sshServer", "restart");
  }

  /** Adds a user to the router. @throws Error when the name exists or is invalid. */
  async addRouterUser(user: RouterUser): Promise<void> {
    await this.keeper.call("addRouterUser", user);
  }

  /** Stops the network and returns when its processes have ended. May be called again. */
  async stop(): Promise<void> {
    // The keeper closes the channel: closing it on this side would lose the event of its end.
    this.keeper.call("stop", null, STOP_LIMIT_SECONDS).catch(() => {
      // The call has no result; the end of the keeper is awaited below.
    });
    const timer = setTimeout(() => this.child.kill("SIGKILL"), STOP_LIMIT_SECONDS * 1000);
    await this.ended;
    clearTimeout(timer);
  }

  private callClient<Name extends keyof ClientMethods>(
    name: Name,
    params: ClientMethods[Name]["params"],
    timeoutSeconds = 0,
  ): Promise<ClientMethods[Name]["result"]> {
    return this.callAgent<ClientMethods, Name>("client", name, params, timeoutSeconds);
  }

  private async callRelay<Name extends keyof RelayMethods>(
    name: Name,
    params: RelayMethods[Name]["params"],
  ): Promise<void> {
    await this.callAgent<RelayMethods, Name>("relay", name, params, 0);
  }

  private callAgent<T extends MethodTable, Name extends keyof T & string>(
    agent: AgentName,
    name: Name,
    params: T[Name]["params"],
    timeoutSeconds: number,
  ): Promise<T[Name]["result"]> {
    const limit = timeoutSeconds + 5;
    return this.keeper.call("callAgent", { agent, name, params, timeoutSeconds: limit }, limit + 5);
  }
}

function startKeeper(removeAtEnd: string[]): { child: ChildProcess; lastMessages: () => string } {
  const [command = "", ...rest] = namespaceCommand([...programCommand("keeper"), ...removeAtEnd]);
  const child = spawn(command, rest, {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    // In a process group of its own, so that Ctrl-C reaches only this process; the keeper ends with it.
    detached: true,
    cwd: "/",
    env: cleanEnvironment(),
  });
  let messages = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    messages = (messages + chunk.toString()).slice(-2000);
  });
  return { child, lastMessages: () => messages };
}

function checkOptions({ labName, directory }: NetworkOptions): void {
  if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(labName)) {
    throw new Error(
      `Invalid value for labName: ${labName}. Allowed values are: 1 to 40 lower-case letters, digits and hyphens.`,
    );
  }
  const hidden = ["/run", "/etc", "/var/log"].some((folder) => !relative(folder, directory).startsWith(".."));
  if (!isAbsolute(directory) || hidden || !statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
    throw new Error(
      `Invalid value for directory: ${directory}. Allowed values are: absolute paths of existing folders outside of /run, /etc and /var/log.`,
    );
  }
}
