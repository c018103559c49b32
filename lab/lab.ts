import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { AddressBook } from "./common/address-book";
import { LabCertificateAuthority } from "./common/certificates";
import { LabClock } from "./common/clock";
import type { LabDescription } from "./common/description";
import { FaultBoard } from "./common/faults";
import { describeLab } from "./describe";
import { startJanitor } from "./janitor";
import { LabNetwork } from "./network/network";
import { type LabPlace, takePlace } from "./place";
import { labDirectory, ownerFile, ownerIsAlive } from "./registry";
import type { SppOptions } from "./spp/options";
import { SimulatedSpp } from "./spp/simulated-spp";
import type { SpsOptions } from "./sps/options";
import { SimulatedSps } from "./sps/simulated-sps";

/** What a lab is made of. */
export interface LabOptions {
  /** 1 to 40 lower-case letters, digits and hyphens; unique on this machine while the lab runs. Default `lab`. */
  name?: string;
  /** How many times faster than the wall clock the appliances' time runs. Default 1. */
  speed?: number;
  /** How many SPS nodes. Default 2. */
  spsCount?: number;
  /** Whether to make the routed network. Default true; where it cannot be made, the description tells why. */
  network?: boolean;
  /** Deviations of the appliances; `nodes` are those of single SPS nodes, by position. */
  sps?: Partial<SpsOptions>;
  nodes?: Partial<SpsOptions>[];
  spp?: Partial<SppOptions>;
}

/** Everything that stands in for a site: SPS nodes, SPP, and a routed network, in this process. */
export class Lab {
  private constructor(
    readonly description: LabDescription,
    readonly clock: LabClock,
    readonly faults: FaultBoard,
    readonly sps: readonly [SimulatedSps, ...SimulatedSps[]],
    readonly spp: SimulatedSpp,
    readonly network: LabNetwork | undefined,
    private readonly endings: (() => Promise<unknown> | unknown)[],
  ) {}

  /**
   * Starts everything and returns once it all answers.
   * @throws Error when the name is taken or something cannot start; nothing is left then.
   */
  static async start(options: LabOptions = {}): Promise<Lab> {
    const { name = "lab", speed = 1, spsCount = 2, network: wantsNetwork = true } = options;
    const directory = makeDirectory(name);
    const janitor = startJanitor(directory);
    const endings: (() => Promise<unknown> | unknown)[] = [() => janitor.sweep()];
    try {
      const clock = new LabClock(speed);
      const parts = { clock, faults: new FaultBoard(), addressBook: new AddressBook() };
      const authority = await LabCertificateAuthority.create(`Safeguard lab ${name}`);
      const { place, release } = await takePlace(spsCount);
      endings.push(release);
      const spsPassword = newPassword();
      const sppPassword = newPassword();
      const started = await Promise.allSettled([
        SimulatedSpp.start({
          ...parts,
          authority,
          address: place.spp,
          port: place.port,
          hostName: "spp.lab.example",
          password: sppPassword,
          ...options.spp,
        }),
        wantsNetwork ? startNetwork(name, directory, place) : "it was not asked for",
        ...place.sps.map((address, index) =>
          SimulatedSps.start({
            ...parts,
            authority,
            address,
            port: place.port,
            hostName: `sps${index + 1}.lab.example`,
            clusterAddress: place.cluster[index],
            password: spsPassword,
            ...options.sps,
            ...options.nodes?.[index],
          }),
        ),
      ]);
      for (const part of started) {
        if (part.status !== "fulfilled" || typeof part.value === "string") continue;
        const { value } = part;
        endings.push(() => value.stop());
      }
      endings.push(() => clock.stop());
      const [spp, network, ...nodes] = started.map((part) => {
        if (part.status === "rejected") throw part.reason;
        return part.value;
      }) as [SimulatedSpp, LabNetwork | string, SimulatedSps, ...SimulatedSps[]];
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
      });
      const real = network instanceof LabNetwork ? network : undefined;
      return new Lab(description, clock, parts.faults, nodes as [SimulatedSps, ...SimulatedSps[]], spp, real, endings);
    } catch (error) {
      await endAll(endings);
      throw error;
    }
  }

  /** Ends everything; nothing of the lab is left afterwards. May be called again. */
  async stop(): Promise<void> {
    await endAll(this.endings.splice(0));
  }
}

const newPassword = () => randomBytes(12).toString("base64url");

/** A folder that only one lab at a time can have; one that a killed lab left behind is taken over. */
function makeDirectory(name: string): string {
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
  throw new Error(`A lab named ${name} runs already; stop it with: npm run lab -- down --name ${name}`);
}

/** In the reverse order of starting: first the clock, last the folder. */
async function endAll(endings: (() => Promise<unknown> | unknown)[]): Promise<void> {
  for (const end of endings.reverse()) await end();
}

/** The network, or why there is none. */
async function startNetwork(name: string, directory: string, place: LabPlace): Promise<LabNetwork | string> {
  const reason = await LabNetwork.unavailableReason();
  if (reason !== undefined) return reason;
  return LabNetwork.start({ labName: name, directory, managementAddress: place.router });
}
