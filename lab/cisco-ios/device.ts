import type { Duplex } from "node:stream";
import type { Fault } from "../command-line/fault";
import { detached } from "../common/detached";
import type { PacketFate, PacketProbe } from "../probes/packets";
import { openNothing, type TcpOutcome } from "../probes/tcp";
import { ConfigurationArchive } from "./archive";
import { type Configuration, configurationText, type Spelling } from "./configuration";
import { FileSystem } from "./files";
import { routingTable } from "./routing/routing-table";
import { SlaMonitor } from "./sla-monitor";
import { VtyLines } from "./vty-lines";

/** What stands between a device and the outside; every call awaits the end of its effect. */
export interface DeviceEffects {
  /** The running configuration has changed, or an object of `track`. */
  configurationChanged(configuration: Configuration, isUp: (track: number) => boolean): Promise<void>;
  /** Whether an address answers a ping. */
  ping(address: string): Promise<boolean>;
  /** Whether a port of an address accepts connections. */
  connects(address: string, port: number): Promise<boolean>;
  /** Sends a probe of `ping` or `traceroute`. */
  probe(probe: PacketProbe): Promise<PacketFate>;
  /** Opens a TCP connection; the signal ends the attempt. */
  openTcp(address: string, port: number, limits: { milliseconds: number; signal: AbortSignal }): Promise<TcpOutcome>;
  /** The interface of the device through which an address is reached, and the next hop. */
  routeTo(address: string): Promise<{ name: string; gateway: string | undefined } | undefined>;
  /** The routes that packets take, without the device's own addresses. */
  routes(configuration: Configuration, isUp: (track: number) => boolean): Promise<DeviceRoute[]>;
  /** The largest packet that an interface carries, in bytes. */
  mtuOf(name: string): Promise<number>;
  /** Packets that each entry has matched, by `LIST SEQUENCE`. */
  entryCounts(): Promise<ReadonlyMap<string, number>>;
}

/** A route of the device: through an interface, by a next hop, or without either, which drops packets. */
export interface DeviceRoute {
  network: string;
  length: number;
  name: string | undefined;
  gateway: string | undefined;
  /** The distance of a static route of the configuration; undefined for other routes. */
  distance: number | undefined;
}

export interface DeviceOptions {
  configuration: Configuration;
  spelling?: Spelling;
  username: string;
  password: string;
  /** Password of `enable`. */
  enablePassword?: string;
  /** The privilege level of users to whom the configuration gives none: 1 to 15. Default: 15; 1 with a password of `enable`. */
  loginPrivilege?: number;
  effects?: DeviceEffects;
  /** Length of a minute of timers, in milliseconds. Default 60,000. */
  minuteMilliseconds?: number;
  /** Length of a second of `ip sla`, `track` and the limit of a connection attempt, in milliseconds. Default 1000. */
  secondMilliseconds?: number;
}

/** A pending rollback to an earlier configuration. */
interface PendingRollback {
  timer: NodeJS.Timeout;
  minutes: number;
  user: string;
  saved: Configuration;
}

const NO_EFFECTS: DeviceEffects = {
  configurationChanged: async () => undefined,
  ping: async () => true,
  connects: async () => true,
  probe: async ({ address }) => ({ kind: "answered", from: address, milliseconds: 1, detail: 64 }),
  openTcp: openNothing,
  routeTo: async () => undefined,
  routes: async (configuration, isUp) =>
    routingTable(configuration, isUp).map(({ network, length, interface: name, gateway, kind, distance }) => {
      return { network, length, name, gateway, distance: kind === "static" ? distance : undefined };
    }),
  mtuOf: async () => 1500,
  entryCounts: async () => new Map(),
};

/** A Cisco router: its configurations, and what outlives a session. */
export class Device {
  readonly effects: DeviceEffects;
  spelling: Spelling;
  readonly username: string;
  readonly password: string;
  readonly enablePassword: string | undefined;
  readonly loginPrivilege: number;
  running: Configuration;
  startup: Configuration;
  /** Decides about each command before it is executed. */
  faultFor: (command: string) => Fault | undefined = () => undefined;
  /** False refuses new logins, as after a change that cuts them off. */
  isLoginPossible = true;
  /** A line of the log that is printed before the answer of every command. */
  logLine: string | undefined;
  /** What a session writes to; the stream itself, or one that delays it. */
  terminalOf: (stream: Duplex) => Duplex = (stream) => stream;
  /** A process that locks the configuration mode. */
  lockedBy: { process: number; user: string; terminal: number } | undefined;
  readonly files = new FileSystem();
  readonly archive = new ConfigurationArchive(this.files);
  /** The sessions, and the log that they may follow. */
  readonly vtys = new VtyLines();
  readonly monitor: SlaMonitor;
  /** How many logins it has accepted. */
  logins = 0;
  /** Commands of all sessions, in order. */
  readonly commands: string[] = [];
  /** Called when the device restarts; sessions end then. */
  readonly onReload: (() => void)[] = [];
  readonly secondMilliseconds: number;
  private readonly minuteMilliseconds: number;
  private rollback: PendingRollback | undefined;
  private reloading: { timer: NodeJS.Timeout; minutes: number } | undefined;
  private backups = 0;
  /** What the kernel had counted when a count was cleared. */
  private readonly cleared = new Map<string, number>();
  private archiving?: { timer: NodeJS.Timeout; minutes: number };

  constructor({ configuration, spelling = "ios-xe", minuteMilliseconds = 60_000, ...options }: DeviceOptions) {
    this.running = configuration;
    this.startup = structuredClone(configuration);
    this.spelling = spelling;
    this.minuteMilliseconds = minuteMilliseconds;
    this.effects = { ...NO_EFFECTS, ...options.effects };
    this.username = options.username;
    this.password = options.password;
    this.enablePassword = options.enablePassword;
    this.loginPrivilege = options.loginPrivilege ?? (options.enablePassword === undefined ? 15 : 1);
    this.secondMilliseconds = options.secondMilliseconds ?? 1000;
    this.monitor = new SlaMonitor({
      probe: (address, port) =>
        port === undefined ? this.effects.ping(address) : this.effects.connects(address, port),
      changed: () => detached("following an object of track", () => this.follow()),
      secondMilliseconds: this.secondMilliseconds,
    });
  }

  get pendingRollback(): { minutes: number; user: string } | undefined {
    return this.rollback;
  }

  get pendingReload(): { minutes: number } | undefined {
    return this.reloading;
  }

  /** Starts the timer that rolls back what follows. @returns the name of the backup */
  armRollback(minutes: number, user: string): string {
    const saved = structuredClone(this.running);
    const timer = setTimeout(() => detached("a rollback", () => this.rollBack()), minutes * this.minuteMilliseconds);
    this.rollback = { timer, minutes, user, saved };
    this.backups += 1;
    return `${this.running.archive.path}-${this.backups}`;
  }

  /** Keeps the changes. @returns false when no rollback is pending */
  confirm(): boolean {
    if (!this.rollback) return false;
    clearTimeout(this.rollback.timer);
    this.rollback = undefined;
    return true;
  }

  /** Rolls back at once. @returns false when no rollback is pending */
  async rollBack(): Promise<boolean> {
    const pending = this.rollback;
    if (!pending) return false;
    this.confirm();
    await this.replaceRunning(pending.saved);
    return true;
  }

  scheduleReload(minutes: number): void {
    this.cancelReload();
    const timer = setTimeout(() => detached("a reload", () => this.reload()), minutes * this.minuteMilliseconds);
    this.reloading = { timer, minutes };
  }

  cancelReload(): boolean {
    if (!this.reloading) return false;
    clearTimeout(this.reloading.timer);
    this.reloading = undefined;
    return true;
  }

  /** Restarts with the startup configuration; all sessions end. */
  async reload(): Promise<void> {
    this.stopTimers();
    for (const end of this.onReload.splice(0)) end();
    await this.replaceRunning(structuredClone(this.startup));
  }

  save(): void {
    this.startup = structuredClone(this.running);
    if (this.running.archive.isWriteMemory) this.archiveRunning();
  }

  /** Saves the running configuration to the archive. @returns false where there is none */
  archiveRunning(): boolean {
    return this.archive.save(configurationText(this.running, this.spelling), this.running.archive);
  }

  stopTimers(): void {
    this.confirm();
    this.cancelReload();
  }

  /** Lets everything outside follow the running configuration. */
  async follow(): Promise<void> {
    const { running, monitor } = this;
    monitor.follow(running.operations, running.tracks);
    this.followTimePeriod(running.archive.timePeriod);
    await this.effects.configurationChanged(running, (track) => monitor.isUp(track));
  }

  /** Packets that each entry has matched since its count was cleared, by `LIST SEQUENCE`. */
  async entryCounts(): Promise<ReadonlyMap<string, number>> {
    const counts = await this.effects.entryCounts();
    // The kernel begins anew when a list changes.
    return new Map([...counts].map(([key, count]) => [key, count - Math.min(count, this.cleared.get(key) ?? 0)]));
  }

  /** Begins the counts of a list anew, or of all. */
  async clearEntryCounts(list?: string): Promise<undefined> {
    for (const [key, count] of await this.effects.entryCounts())
      if (list === undefined || key.startsWith(`${list} `)) this.cleared.set(key, count);
  }

  /** Ends all that runs by itself. */
  stop(): void {
    this.stopTimers();
    this.followTimePeriod(undefined);
    this.monitor.stop();
  }

  /** Archives the configuration at each end of a period of so many minutes. */
  private followTimePeriod(minutes: number | undefined): void {
    if (minutes === this.archiving?.minutes) return;
    clearInterval(this.archiving?.timer);
    delete this.archiving;
    if (minutes === undefined) return;
    const timer = setInterval(() => this.archiveRunning(), minutes * this.minuteMilliseconds).unref();
    this.archiving = { timer, minutes };
  }

  /** Takes another running configuration. */
  async replaceRunning(configuration: Configuration): Promise<void> {
    this.running = configuration;
    await this.follow();
  }
}
