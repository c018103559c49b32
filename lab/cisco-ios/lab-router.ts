import { randomBytes } from "node:crypto";
import { type CommandLineDevice, type DeviceServer, serveDevice } from "../command-line/ssh-server";
import type { CiscoIosDescription } from "../common/description";
import { acceptsConnection, answersKnock } from "../network/knock";
import type { LabNetwork } from "../network/network";
import { KernelFollower, PathMarks } from "../network/policy-routing";
import { LINKS } from "../network/topology";
import { mtuOf, routesOf, routeTo, sendProbe } from "../probes/packets";
import { openTcp } from "../probes/tcp";
import { type Configuration, NEGOTIATION, type Spelling } from "./configuration";
import { Device, type DeviceEffects, type DeviceOptions } from "./device";
import { acceptsLogin } from "./exec/privileges";
import { entryCounts, kernelScript } from "./kernel";
import { serveScp } from "./scp";
import { Session } from "./session";

/** The links of the lab's router in the order of the device's interfaces. */
const INTERFACES = [
  ["GigabitEthernet1", LINKS.client],
  ["GigabitEthernet2", LINKS.server],
  ["GigabitEthernet3", LINKS.sps],
  ["GigabitEthernet4", LINKS.mgmt],
] as const;

const KERNEL_NAMES = new Map<string, string>(INTERFACES.map(([name, link]) => [name, link.routerInterface]));

export interface CiscoRouterOptions
  extends Partial<Pick<DeviceOptions, "spelling" | "minuteMilliseconds" | "secondMilliseconds" | "loginPrivilege">> {
  /** Whether the configuration archive is on. Default true. */
  hasArchive?: boolean;
  /** Whether users log in with a level below 15, and need the password of `enable`. Default false. */
  needsEnable?: boolean;
  /** Loopback address and port of the SSH server. Default: 127.0.0.1 and a free port. */
  address?: string;
  port?: number;
}

/** A Cisco router in the lab: an emulated command line whose configuration the kernel of the lab's router follows. */
export class CiscoRouter {
  private constructor(
    readonly device: Device,
    readonly server: DeviceServer,
  ) {}

  /** Starts the router; with a network, its packets take the ways of the configuration. */
  static async start(network: LabNetwork | undefined, options: CiscoRouterOptions = {}): Promise<CiscoRouter> {
    const {
      spelling,
      minuteMilliseconds,
      secondMilliseconds,
      loginPrivilege,
      hasArchive = true,
      needsEnable = false,
      address,
      port,
    } = options;
    const device = new Device({
      configuration: initialConfiguration(hasArchive),
      username: "admin",
      password: newPassword(),
      ...(needsEnable && { enablePassword: newPassword() }),
      ...(spelling && { spelling }),
      ...(minuteMilliseconds !== undefined && { minuteMilliseconds }),
      ...(secondMilliseconds !== undefined && { secondMilliseconds }),
      ...(loginPrivilege !== undefined && { loginPrivilege }),
      ...(network && { effects: networkEffects(network) }),
    });
    await device.follow();
    return new CiscoRouter(device, await serveDevice(commandLineOf(device), address, port));
  }

  /** The router for the description of a lab. */
  describe(): CiscoIosDescription {
    const { address, port, hostKey } = this.server;
    const { username, password } = this.device;
    const [[clientInterface], [serverInterface], [spsInterface], [managementInterface]] = INTERFACES;
    const interfaces = { clientInterface, serverInterface, spsInterface, managementInterface };
    return { address, port, username, password, hostKey, ...interfaces };
  }

  async stop(): Promise<void> {
    this.device.stop();
    await this.server.stop();
  }
}

function commandLineOf(device: Device): CommandLineDevice {
  return {
    sshSoftware: "Cisco-1.25",
    accepts: (username, password) => acceptsLogin(device, username, password),
    loggedIn: () => {
      device.logins += 1;
    },
    openSession: (stream, size, login) => new Session({ device, ...login, stream: device.terminalOf(stream), ...size }),
    runProgram: (command, stream) => (command.startsWith("scp ") ? serveScp(device, command, stream) : undefined),
  };
}

/** The configuration of a new device with the addresses of the lab. */
export function initialConfiguration(hasArchive: boolean, spelling?: Spelling): Configuration {
  return {
    hostname: spelling === "ios" ? "edge-ios" : "edge-1",
    globals: ["service timestamps log datetime msec", "ip forward-protocol nd", "ip scp server enable"],
    archive: hasArchive ? { path: "bootflash:archive" } : {},
    banners: {},
    vrfs: [],
    timeRanges: [],
    interfaces: INTERFACES.map(([name, { routerAddress, host }]) => ({
      name,
      description: `to ${host}`,
      address: { address: routerAddress, mask: "255.255.255.0" },
      secondaries: [],
      isShutDown: false,
      others: [NEGOTIATION],
    })),
    objectGroups: [],
    accessLists: [],
    ipv6AccessLists: [],
    sequences: [],
    operations: [],
    tracks: [],
    lines: [{ name: "vty 0 4", settings: ["login local", "transport input ssh"] }],
  };
}

const newPassword = () => randomBytes(9).toString("base64url");

/** The effects on the lab's network. */
function networkEffects(network: LabNetwork): DeviceEffects {
  const marks = new PathMarks();
  const kernel = new KernelFollower(network);
  return {
    configurationChanged: (configuration, isUp) =>
      kernel.follow(kernelScript(configuration, { names: KERNEL_NAMES, marks, isUp })),
    ping: (address) => answersKnock(network, address),
    connects: (address, port) => acceptsConnection(network, address, port),
    probe: (probe) => sendProbe(network, probe),
    openTcp: (address, port, limits) => openTcp(network, address, port, limits),
    async routeTo(address) {
      const route = await routeTo(network, address);
      const [name] = [...KERNEL_NAMES].find(([, device]) => device === route?.device) ?? [];
      return route && name !== undefined ? { name, gateway: route.gateway } : undefined;
    },
    async routes() {
      const deviceNames = new Map([...KERNEL_NAMES].map(([name, device]) => [device, name]));
      return (await routesOf(network)).map(({ device, metric, isStatic, ...route }) => ({
        ...route,
        name: device === undefined ? undefined : (deviceNames.get(device) ?? device),
        distance: isStatic ? metric : undefined,
      }));
    },
    mtuOf: async (name) => await mtuOf(network, KERNEL_NAMES.get(name) ?? "lo"),
    entryCounts: async () =>
      entryCounts((await network.exec("router", ["iptables-save", "-c", "-t", "mangle"])).stdout),
  };
}
