import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, rmSync, statSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import type { NetworkDescription } from "../common/description";
import { type AddressMode, type AuditRecord, readAudit } from "./audit";
import { missingPart, namespaceCommand, type Surroundings, unavailableReason } from "./availability";
import type { ClientOrders, ConnectAttempt } from "./client-agent";
import type { ConnectResult } from "./client-connection";
import { describeNetwork } from "./describe";
import type { AgentName, KeeperOrders } from "./keeper";
import { openManagementPort } from "./management-port";
import { Orderer, type OrderTable } from "./orders";
import type { RouterUser } from "./private-files";
import { cleanEnvironment, programCommand } from "./programs";
import type { RelayOrders } from "./relay";
import type { CommandOptions, CommandResult } from "./run";
import type { InterfaceName, Place } from "./wires";

/** Ports that the server serves and the SPS host relays when not told otherwise. */
export const DEFAULT_PORTS: readonly number[] = [22, 2222, 3389, 8080];
const STOP_LIMIT_SECONDS = 5;

export interface NetworkOptions {
  /** Name of the lab: 1 to 40 lower-case letters, digits and hyphens. */
  labName: string;
  /** Existing folder for keys and audit records, not under /run, /etc or /var/log; they go into `network` in it, which is removed at the end. */
  directory: string;
  /** Loopback address and port where the router's OpenSSH server is reached; 127.0.0.1 and any free port when not given. */
  managementAddress?: string;
  managementPort?: number;
  /** TCP ports that the SPS host relays; `DEFAULT_PORTS` when not given. */
  redirectablePorts?: number[];
  /** TCP ports that the server serves; the redirectable ones when not given. */
  serverPorts?: number[];
  /** Also remove `directory` itself when the network ends, so that a killed lab leaves nothing behind. */
  removeDirectoryAtEnd?: boolean;
}

/** A connection of the client that stays open. */
export interface ClientSession extends ConnectResult {
  /** Sends a line through the connection and waits for its echo. @returns milliseconds. @throws Error when it is broken. */
  ping(timeoutSeconds?: number): Promise<number>;
  close(): Promise<void>;
}

/**
 * A routed network on this machine that no other part of it can see: client — router — server, an SPS host beside the
 * router, and a management path to the router's OpenSSH server. Kernel, iptables, nftables and OpenSSH are the real ones.
 */
export class LabNetwork {
  private readonly keeper: Orderer<KeeperOrders>;
  private readonly ended: Promise<void>;

  private constructor(
    private readonly child: ChildProcess,
    lastWords: () => string,
    readonly description: NetworkDescription,
    removeAtEnd: string[],
  ) {
    this.keeper = new Orderer<KeeperOrders>(child, "the lab's network", lastWords);
    this.ended = new Promise((resolve) => {
      const end = () => {
        // Where the keeper itself was killed it could not do this.
        for (const path of removeAtEnd) rmSync(path, { recursive: true, force: true });
        resolve();
      };
      child.once("close", end);
      child.once("error", () => {
        if (child.pid === undefined) end();
      });
    });
  }

  /** Why the network cannot be made here, in one line with what to do; undefined when it can. */
  static unavailableReason(surroundings?: Surroundings): Promise<string | undefined> {
    return unavailableReason(surroundings);
  }

  /** Makes the network and returns once everything in it answers. @throws Error with the reason; nothing is left then. */
  static async start(options: NetworkOptions): Promise<LabNetwork> {
    checkOptions(options);
    const missing = missingPart();
    if (missing !== undefined) throw new Error(missing);
    const { redirectablePorts = [...DEFAULT_PORTS], serverPorts = redirectablePorts } = options;
    const folder = join(options.directory, "network");
    const removeAtEnd = options.removeDirectoryAtEnd ? [options.directory] : [folder];
    const managementPort = await openManagementPort(options.managementAddress, options.managementPort);
    const description = describeNetwork(folder, managementPort, serverPorts);
    mkdirSync(folder, { mode: 0o700 });

    const { child, lastWords } = startKeeper(removeAtEnd);
    const network = new LabNetwork(child, lastWords, description, removeAtEnd);
    try {
      await managementPort.handTo(child);
      const { hostKey } = await network.keeper.order("start", {
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

  /** Process whose namespaces are the network's; its end is the network's end. For `execAttached` and nsenter. */
  get keeperPid(): number {
    return this.child.pid ?? 0;
  }

  /** Runs a command on one of the hosts, as its root. @throws Error when it cannot be started or does not end in time (10 s when not given). */
  exec(place: Place, command: string[], options: CommandOptions = {}): Promise<CommandResult> {
    const limit = options.timeoutSeconds ?? 10;
    return this.keeper.order("exec", { place, command, ...options, timeoutSeconds: limit }, limit + 5);
  }

  /** Connects from the client host and reads the server's greeting. @throws Error with the system's code, ETIMEDOUT at the limit (3 s when not given). */
  connectFromClient(address: string, port: number, options: { timeoutSeconds?: number } = {}): Promise<ConnectResult> {
    const { timeoutSeconds = 3 } = options;
    return this.askClient("connect", { address, port, timeoutSeconds }, timeoutSeconds);
  }

  /** Connects one time after the other, for `seconds` or until there were so many attempts. Failures are results, not errors. */
  connectRepeatedly(
    address: string,
    port: number,
    options: { seconds: number; attempts?: number; timeoutSeconds?: number },
  ): Promise<ConnectAttempt[]> {
    const { seconds, attempts = 100_000, timeoutSeconds = 3 } = options;
    return this.askClient("repeat", { address, port, seconds, attempts, timeoutSeconds }, seconds + timeoutSeconds);
  }

  /** Opens a connection from the client host that stays open. @throws Error as `connectFromClient`. */
  async openFromClient(
    address: string,
    port: number,
    options: { timeoutSeconds?: number } = {},
  ): Promise<ClientSession> {
    const { timeoutSeconds = 3 } = options;
    const { session, ...result } = await this.askClient("open", { address, port, timeoutSeconds }, timeoutSeconds);
    return {
      ...result,
      ping: (limit = 3) => this.askClient("ping", { session, timeoutSeconds: limit }, limit),
      close: async () => {
        await this.askClient("close", { session });
      },
    };
  }

  /** Every connection the SPS host has relayed so far, in order. */
  auditRecords(): Promise<AuditRecord[]> {
    return readAudit(this.description.sps.auditFile);
  }

  /** Sets the one-way delay of the management path in each direction; a round trip takes twice as long. */
  async setDelay(milliseconds: number): Promise<void> {
    if (!(milliseconds >= 0 && milliseconds <= 10_000)) {
      throw new Error(`Invalid value for milliseconds: ${milliseconds}. Allowed values are: 0 to 10000.`);
    }
    await this.keeper.order("setDelay", milliseconds);
  }

  /**
   * Sets an interface up or down. On the router's side (`rsps`) that also removes the routes through it, and only the
   * connected ones come back; on the far side (`sps0`) the router sees its carrier lost.
   */
  async setLink(name: InterfaceName, state: "up" | "down"): Promise<void> {
    await this.keeper.order("setLink", { name, state });
  }

  /** Who SPS is to the server for connections from now on. */
  async setAddressMode(mode: AddressMode): Promise<void> {
    await this.askRelay("setMode", mode);
  }

  /** Opens or closes the ports of the relay; while closed, redirected clients are refused. */
  async setRelayServing(serving: boolean): Promise<void> {
    await this.askRelay("setServing", serving);
  }

  /** Closes the router's SSH port; sessions that are open stay open. */
  async stopSshd(): Promise<void> {
    await this.keeper.order("sshServer", "stop");
  }

  /** Opens the router's SSH port again. */
  async startSshd(): Promise<void> {
    await this.keeper.order("sshServer", "start");
  }

  /** Closes the router's SSH port and opens it again; sessions that are open stay open. */
  async restartSshd(): Promise<void> {
    await this.keeper.order("sshServer", "restart");
  }

  /** Gives somebody access to the router. @throws Error for a name that exists or that the system cannot have. */
  async addRouterUser(user: RouterUser): Promise<void> {
    await this.keeper.order("addRouterUser", user);
  }

  /** Ends the network; returns once its processes are gone. May be called again. */
  async stop(): Promise<void> {
    // No answer comes: the keeper closes the channel. Closing it on this side would lose the event of its end.
    this.keeper.order("stop", null, STOP_LIMIT_SECONDS).catch(() => {});
    const timer = setTimeout(() => this.child.kill("SIGKILL"), STOP_LIMIT_SECONDS * 1000);
    await this.ended;
    clearTimeout(timer);
  }

  private askClient<Name extends keyof ClientOrders>(
    name: Name,
    given: ClientOrders[Name]["given"],
    timeoutSeconds = 0,
  ): Promise<ClientOrders[Name]["answer"]> {
    return this.ask<ClientOrders, Name>("client", name, given, timeoutSeconds);
  }

  private async askRelay<Name extends keyof RelayOrders>(name: Name, given: RelayOrders[Name]["given"]): Promise<void> {
    await this.ask<RelayOrders, Name>("relay", name, given, 0);
  }

  private ask<T extends OrderTable, Name extends keyof T & string>(
    agent: AgentName,
    name: Name,
    given: T[Name]["given"],
    timeoutSeconds: number,
  ): Promise<T[Name]["answer"]> {
    const limit = timeoutSeconds + 5;
    return this.keeper.order("ask", { agent, name, given, timeoutSeconds: limit }, limit + 5);
  }
}

function startKeeper(removeAtEnd: string[]): { child: ChildProcess; lastWords: () => string } {
  const [command = "", ...rest] = namespaceCommand([...programCommand("keeper"), ...removeAtEnd]);
  const child = spawn(command, rest, {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    // Ctrl-C reaches this process alone; the keeper ends when it does.
    detached: true,
    cwd: "/",
    env: cleanEnvironment(),
  });
  let words = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-2000);
  });
  return { child, lastWords: () => words };
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
