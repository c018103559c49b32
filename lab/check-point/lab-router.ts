import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { type CommandLineDevice, type DeviceServer, serveDevice } from "../command-line/ssh-server";
import type { CheckPointDescription } from "../common/description";
import { detached } from "../common/detached";
import { endOf } from "../network/attached";
import type { LabNetwork } from "../network/network";
import { KernelFollower } from "../network/policy-routing";
import { LINKS } from "../network/topology";
import { routeTo, sendProbe } from "../probes/packets";
import type { Configuration } from "./configuration";
import { Device, type DeviceEffects, type DeviceOptions } from "./device";
import { type ClishRequest, ExpertMode } from "./expert-mode";
import { PolicyKernel } from "./kernel";
import { Session } from "./session";

/** The links of the lab's router in the order of the device's interfaces. */
const INTERFACES = [
  ["eth1", LINKS.client],
  ["eth2", LINKS.server],
  ["eth3", LINKS.sps],
  ["Mgmt", LINKS.mgmt],
] as const;

/** What stands in the ARP table: the hosts of the links. */
const NEIGHBOURS = INTERFACES.flatMap(([name, { farAddresses }], link) =>
  farAddresses.map((address, host) => ({ address, interface: name, mac: `00:1c:7f:0${link}:00:0${host}` })),
);

const KERNEL_NAMES = new Map<string, string>(INTERFACES.map(([name, link]) => [name, link.routerInterface]));

export interface CheckPointRouterOptions
  extends Omit<Partial<DeviceOptions>, "configuration" | "username" | "password" | "effects" | "neighbours"> {
  /** Loopback address and port of the SSH server. Default: 127.0.0.1 and a free port. */
  address?: string;
  port?: number;
}

/** A Check Point gateway in the lab: an emulated Clish whose PBR tables and rules the kernel of the lab's router follows. */
export class CheckPointRouter {
  private constructor(
    readonly device: Device,
    readonly server: DeviceServer,
    private readonly expertMode: ExpertMode | undefined,
  ) {}

  /** Starts the router; with a network, its packets take the ways of the configuration. */
  static async start(
    network: LabNetwork | undefined,
    { address, port, ...options }: CheckPointRouterOptions = {},
  ): Promise<CheckPointRouter> {
    const device = new Device({
      expertPassword: newPassword(),
      ...options,
      configuration: initialConfiguration(),
      username: "admin",
      password: newPassword(),
      neighbours: NEIGHBOURS,
      ...(network && { effects: networkEffects(network, () => expertMode) }),
    });
    const expertMode =
      network && (await ExpertMode.start(network, (request, socket) => serveClish(device, request, socket)));
    await expertMode?.describe(device.variants.version, device.variants.hasSecureXl);
    await device.effects.configurationChanged(device.running);
    return new CheckPointRouter(device, await serveDevice(commandLineOf(device), address, port), expertMode);
  }

  /** The router for the description of a lab. */
  describe(): CheckPointDescription {
    const { address, port, hostKey } = this.server;
    const { username, password, expertPassword } = this.device;
    const [[clientInterface], [serverInterface], [spsInterface], [managementInterface]] = INTERFACES;
    const interfaces = { clientInterface, serverInterface, spsInterface, managementInterface };
    return { address, port, username, password, expertPassword: expertPassword ?? "", hostKey, ...interfaces };
  }

  async stop(): Promise<void> {
    await this.server.stop();
    await this.expertMode?.stop();
  }
}

/** The configuration of a new device with the addresses of the lab, and a policy route of an administrator. */
export function initialConfiguration(): Configuration {
  const [management] = LINKS.mgmt.farAddresses;
  return {
    hostname: "gw-1",
    others: [
      "set timezone Etc / GMT",
      "set password-controls min-password-length 6",
      "set ntp active off",
      "set domainname lab.example",
      "set dns suffix lab.example",
      // The hash of a password that nobody knows; the user `monitor` has none at first.
      "set user admin shell /etc/cli.sh",
      `set user admin password-hash $6$${newPassword()}$${randomBytes(64).toString("base64url")}`,
      "set user monitor shell /etc/cli.sh",
      "set user monitor password-hash *",
    ],
    staticRoutes: [{ destination: "default", nextHops: [{ kind: "address", value: management }], comment: "way out" }],
    interfaces: INTERFACES.map(([name, { routerAddress, host }]) => ({
      name,
      isOn: true,
      comments: `to ${host}`,
      address: { address: routerAddress, maskLength: 24 },
      aliases: [],
    })),
    tables: [
      {
        name: "Backup",
        routes: [{ destination: "default", nextHops: [{ kind: "address", value: management, priority: 2 }] }],
      },
    ],
    rules: [{ priority: 4000, match: { from: "192.168.50.200/32", interface: "eth1" }, action: "table Backup" }],
  };
}

const newPassword = () => randomBytes(9).toString("base64url");

function commandLineOf(device: Device): CommandLineDevice {
  return {
    sshSoftware: "OpenSSH_7.8",
    accepts(username, password) {
      const isAccepted = device.isLoginPossible && username === device.username && password === device.password;
      if (isAccepted) device.logins += 1;
      return isAccepted;
    },
    openSession: (stream, size) => new Session(device, stream, size),
    runProgram(command, stream) {
      const program = device.hasBashLogin ? device.effects.run?.(command) : undefined;
      if (!program?.stdin || !program.stdout || !program.stderr) return undefined;
      stream.pipe(program.stdin);
      program.stdout.pipe(stream, { end: false });
      program.stderr.pipe(stream.stderr, { end: false });
      stream.on("close", () => program.kill("SIGHUP"));
      return endOf(program);
    },
  };
}

/** Serves the program `clish` of expert mode. */
function serveClish(device: Device, { commands, isIgnoring = false }: ClishRequest, socket: Socket): void {
  const session = new Session(device, socket, { length: 24, width: 511 }, "clish");
  const work = () => (commands ? session.runBatch(commands, isIgnoring) : session.run());
  detached("the program clish", work, () => socket.destroy());
}

/** The effects on the lab's network. */
function networkEffects(network: LabNetwork, expertMode: () => ExpertMode | undefined): DeviceEffects {
  const kernel = new PolicyKernel(KERNEL_NAMES);
  const follower = new KernelFollower(network);
  return {
    async configurationChanged(configuration) {
      const script = kernel.scriptFor(configuration);
      if (script !== "") await follower.follow(script);
    },
    probe: (probe) => sendProbe(network, probe),
    mtuTo: async (address) => (await routeTo(network, address))?.mtu ?? 1500,
    openShell(hostname) {
      const mode = expertMode();
      if (!mode) throw new Error("the gateway has not started yet");
      return mode.openShell(hostname);
    },
    run(command) {
      const mode = expertMode();
      if (!mode) throw new Error("the gateway has not started yet");
      return mode.run(command);
    },
    async restarted() {
      await expertMode()?.restart();
    },
  };
}
