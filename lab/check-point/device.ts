import type { ChildProcess } from "node:child_process";
import type { Fault } from "../command-line/fault";
import type { PacketFate, PacketProbe } from "../probes/packets";
import { type Configuration, configurationText, type MatchLines } from "./configuration";
import { newEnvironment } from "./environment";

/** What stands between a device and the outside; every call awaits the end of its effect. */
export interface DeviceEffects {
  /** The running configuration has changed. */
  configurationChanged(configuration: Configuration): Promise<void>;
  /** Sends a probe of `ping` or `traceroute`. */
  probe(probe: PacketProbe): Promise<PacketFate>;
  /** What the gateway's own interface towards an address carries, in bytes. */
  mtuTo(address: string): Promise<number>;
  /** Starts the shell of expert mode on a terminal; absent where the device is no computer. */
  openShell?(hostname: string): ChildProcess;
  /** Starts a command that a user with bash as login shell runs. */
  run?(command: string): ChildProcess;
  /** The device restarts. */
  restarted?(): Promise<void>;
}

/** Facts about Gaia that are not documented, or differ between versions. */
export interface Variants {
  matchLines: MatchLines;
  /** Whether the lock of a session stays when its connection is lost, until it times out. */
  keepsLockOfLostSession: boolean;
  /** Whether commands are echoed twice, as is said of some versions. */
  echoesTwice: boolean;
  /** Whether a refusal names who holds the lock, as most published sessions show; otherwise it advises to override it. */
  namesLockHolder: boolean;
  /** Version as `show version all` prints it. */
  version: string;
  /** Members of a ClusterXL cluster; none for a single gateway. */
  clusterMembers: readonly string[];
  /** Whether SecureXL accelerates connections. */
  hasSecureXl: boolean;
  /** Virtual systems beside the one with id 0; none without VSX. */
  virtualSystems: readonly string[];
  /**
   * Features that the role of the user lacks, by the first word of their commands: Clish does not know these commands.
   * Assumed: `show configuration` leaves their lines out.
   */
  hiddenFeatures: readonly string[];
  /** Features of which the role of the user has only the commands that show them. */
  readOnlyFeatures: readonly string[];
}

export interface DeviceOptions extends Partial<Variants> {
  configuration: Configuration;
  username: string;
  password: string;
  /** Password of expert mode; none is set by default. */
  expertPassword?: string;
  /** True for users whose login shell is bash. */
  hasBashLogin?: boolean;
  effects?: DeviceEffects;
  /** Entries of its ARP table; none by default. */
  neighbours?: readonly Neighbour[];
}

/** An entry of the ARP table. */
export interface Neighbour {
  address: string;
  interface: string;
  mac: string;
}

/** Who holds the lock of the configuration. */
export interface LockHolder {
  user: string;
}

const NO_EFFECTS: DeviceEffects = {
  configurationChanged: async () => undefined,
  probe: async ({ address }) => ({ kind: "answered", from: address, milliseconds: 1, detail: 64 }),
  mtuTo: async () => 1500,
};

const VARIANTS: Variants = {
  matchLines: "grouped",
  keepsLockOfLostSession: false,
  echoesTwice: false,
  namesLockHolder: true,
  version: "R81.20",
  clusterMembers: [],
  hasSecureXl: true,
  virtualSystems: [],
  hiddenFeatures: [],
  readOnlyFeatures: [],
};

/** A Check Point gateway: its configurations, and what outlives a session. */
export class Device {
  readonly effects: DeviceEffects;
  readonly username: string;
  readonly password: string;
  readonly expertPassword: string | undefined;
  readonly hasBashLogin: boolean;
  readonly neighbours: readonly Neighbour[];
  readonly variants: Variants;
  running: Configuration;
  /** What a reboot loads. */
  saved: Configuration;
  lockHolder: LockHolder | undefined;
  /** Decides about each command before it is executed. */
  faultFor: (command: string) => Fault | undefined = () => undefined;
  /** Decides whether a session is lost before this output of a shell reaches it. */
  isShellOutputLost: (output: string) => boolean = () => false;
  /** False refuses new logins, as after a change that cuts them off. */
  isLoginPossible = true;
  /** How many logins it has accepted. */
  logins = 0;
  /** How many pieces of input its terminals have got; a client that waits for each answer sends one for each round trip. */
  inputs = 0;
  /** Commands of all sessions, in order. */
  readonly commands: string[] = [];
  /** Called when the device reboots; sessions end then. */
  readonly onReboot = new Set<() => void>();
  /** Files in the home folder of the user. */
  readonly files = new Map<string, string>();
  /** The settings that sessions begin with. */
  environment = newEnvironment();

  constructor({ configuration, effects, ...options }: DeviceOptions) {
    this.running = configuration;
    this.saved = structuredClone(configuration);
    this.effects = effects ?? NO_EFFECTS;
    this.username = options.username;
    this.password = options.password;
    this.expertPassword = options.expertPassword;
    this.neighbours = options.neighbours ?? [];
    this.hasBashLogin = options.hasBashLogin ?? false;
    this.variants = { ...VARIANTS, ...options };
  }

  /** Gives the lock to a session if it is free, or in any case. @returns whether the session has it */
  lock(holder: LockHolder, isOverriding = false): boolean {
    if (isOverriding || this.lockHolder === undefined) this.lockHolder = holder;
    return this.lockHolder === holder;
  }

  unlock(holder: LockHolder): void {
    if (this.lockHolder === holder) this.lockHolder = undefined;
  }

  get isSaved(): boolean {
    const text = (one: Configuration) => configurationText(one, "grouped", []);
    return text(this.running) === text(this.saved);
  }

  save(): void {
    this.saved = structuredClone(this.running);
  }

  /** Restarts with the saved configuration; all sessions end. */
  async reboot(): Promise<void> {
    for (const end of this.onReboot) end();
    await this.effects.restarted?.();
    this.lockHolder = undefined;
    this.running = structuredClone(this.saved);
    await this.effects.configurationChanged(this.running);
  }
}
