import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { type LabAddresses, reserveAddresses } from "./addresses";
import { CheckPointRouter } from "./check-point/lab-router";
import { CiscoRouter } from "./cisco-ios/lab-router";
import { AddressBook } from "./common/address-book";
import { LabCertificateAuthority } from "./common/certificates";
import { LabClock } from "./common/clock";
import type { LabDescription } from "./common/description";
import { FaultSwitches } from "./common/faults";
import { describeLab } from "./describe";
import { startJanitor } from "./janitor";
import { assertInLimits } from "./limits";
import { LabNetwork } from "./network/network";
import { labDirectory, ownerFile, ownerIsAlive } from "./registry";
import type { RouterKind } from "./router-kinds";
import { SophosRouter } from "./sophos-utm/lab-router";
import type { SppOptions } from "./spp/options";
import { SimulatedSpp } from "./spp/simulated-spp";
import type { SpsOptions } from "./sps/options";
import { SimulatedSps } from "./sps/simulated-sps";

/** Options of a lab. */
export interface LabOptions {
  /** Name of 1 to 40 lower-case letters, digits and hyphens, unique on this machine. Default `lab`. */
  name?: string;
  /** Speed of the appliances' clock relative to real time, 0.1 to 3600. Default 1. */
  speed?: number;
  /** Number of SPS nodes, 1 to 100. Default 2. */
  spsCount?: number;
  /** Whether to start the routed network. Default true; where this is impossible, the description has the reason. */
  network?: boolean;
  /** Command line or API of the router: that of Linux, or an emulated one that the Linux kernel follows. Default `linux`. */
  router?: RouterKind;
  /** Options of all SPS nodes, of single SPS nodes by position, and of SPP. */
  sps?: Partial<SpsOptions>;
  nodes?: Partial<SpsOptions>[];
  spp?: Partial<SppOptions>;
}

/** A simulated site in this process: SPS nodes, SPP and a routed network. */
export class Lab {
  private constructor(
    readonly description: LabDescription,
    readonly clock: LabClock,
    readonly faults: FaultSwitches,
    readonly sps: readonly [SimulatedSps, ...SimulatedSps[]],
    readonly spp: SimulatedSpp,
    readonly network: LabNetwork | undefined,
    private readonly cleanups: Cleanup[],
  ) {}

  /**
   * Starts a lab and returns when all of it responds.
   * @throws Error when an option is invalid, the name is taken or a part cannot start; everything already started is removed.
   */
  static async start(options: LabOptions = {}): Promise<Lab> {
    const { name = "lab", speed = 1, spsCount = 2, network: hasNetwork = true, router = "linux" } = options;
    assertInLimits("speed", speed);
    assertInLimits("spsCount", spsCount);
    const directory = createDirectory(name);
    const janitor = startJanitor(directory);
    const cleanups: Cleanup[] = [() => janitor.sweep()];
    try {
      const clock = new LabClock(speed);
      const parts = { clock, faults: new FaultSwitches(), addressBook: new AddressBook() };
      const authority = await LabCertificateAuthority.create(`Safeguard lab ${name}`);
      const { addresses, release } = await reserveAddresses(spsCount);
      cleanups.push(release);
      const spsPassword = newPassword();
      const sppPassword = newPassword();
      const started = await Promise.allSettled([
        SimulatedSpp.start({
          ...parts,
          authority,
          address: addresses.spp,
          port: addresses.port,
          hostName: "spp.lab.example",
          password: sppPassword,
          ...options.spp,
        }),
        hasNetwork ? startNetwork(name, directory, addresses) : "the lab was started without it",
        ...addresses.sps.map((address, index) =>
          SimulatedSps.start({
            ...parts,
            authority,
            address,
            port: addresses.port,
            hostName: `sps${index + 1}.lab.example`,
            clusterAddress: addresses.cluster[index],
            opensClusterPort: addresses.cluster[index] === address,
            password: spsPassword,
            ...options.sps,
            ...options.nodes?.[index],
          }),
        ),
      ]);
      for (const part of started) {
        if (part.status !== "fulfilled" || typeof part.value === "string") continue;
        const { value } = part;
        cleanups.push(() => value.stop());
      }
      cleanups.push(() => clock.stop());
      const [spp, network, ...nodes] = started.map((part) => {
        if (part.status === "rejected") throw part.reason;
        return part.value;
      }) as [SimulatedSpp, LabNetwork | string, SimulatedSps, ...SimulatedSps[]];
      const real = network instanceof LabNetwork ? network : undefined;
      const [first] = nodes;
      // The SPS host of the network stands for the first node.
      if (real && first) first.recorded.relayed = () => real.relayedSessions();
      const ciscoIos =
        router === "cisco-ios" ? await CiscoRouter.start(real, { address: addresses.router }) : undefined;
      if (ciscoIos) cleanups.push(() => ciscoIos.stop());
      const sophosUtm =
        router === "sophos-utm" ? await SophosRouter.start(real, { authority, address: addresses.router }) : undefined;
      if (sophosUtm) cleanups.push(() => sophosUtm.stop());
      const checkPoint =
        router === "check-point" ? await CheckPointRouter.start(real, { address: addresses.router }) : undefined;
      if (checkPoint) cleanups.push(() => checkPoint.stop());
      const authorityPem = authority.certificatePem;
      const description = describeLab({
        name,
        directory,
        speed,
        authorityPem,
        nodes,
        spsPassword,
        spp,
        sppPassword,
        network,
        ciscoIos,
        sophosUtm,
        checkPoint,
      });
      return new Lab(description, clock, parts.faults, nodes as [SimulatedSps, ...SimulatedSps[]], spp, real, cleanups);
    } catch (error) {
      await runCleanups(cleanups);
      throw error;
    }
  }

  /** Stops the lab and removes everything that it started. May be called again. */
  async stop(): Promise<void> {
    await runCleanups(this.cleanups.splice(0));
  }
}

type Cleanup = () => Promise<unknown> | unknown;

const newPassword = () => randomBytes(12).toString("base64url");

/** Creates the folder of a lab. The folder is also the lock on the name; one left by a killed lab is replaced. */
function createDirectory(name: string): string {
  const directory = labDirectory(name);
  for (const isLastTry of [false, true]) {
    try {
      mkdirSync(directory, { mode: 0o700 });
      writeFileSync(ownerFile(directory), String(process.pid));
      return directory;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      if (isLastTry || ownerIsAlive(directory)) break;
      rmSync(directory, { recursive: true, force: true });
    }
  }
  throw new Error(`lab ${name}: already running; stop it with: npm run lab -- down --name ${name}`);
}

/** Undoes the start in reverse order: the clock first, the folder last. */
async function runCleanups(cleanups: Cleanup[]): Promise<void> {
  for (const cleanup of cleanups.reverse()) await cleanup();
}

/** Starts the network, or returns the reason why this is impossible. */
async function startNetwork(name: string, directory: string, addresses: LabAddresses): Promise<LabNetwork | string> {
  const reason = await LabNetwork.unavailableReason();
  if (reason !== undefined) return reason;
  return LabNetwork.start({ labName: name, directory, managementAddress: addresses.router });
}
