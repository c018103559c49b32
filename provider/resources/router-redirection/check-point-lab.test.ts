import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { selectCommand } from "../../../lab/check-point/commands/command-table";
import { PBR_COMMANDS } from "../../../lab/check-point/commands/pbr";
import { configurationText } from "../../../lab/check-point/configuration";
import { CheckPointRouter, type CheckPointRouterOptions } from "../../../lab/check-point/lab-router";
import { LabNetwork } from "../../../lab/network/network";
import { RecordingLog } from "../../../tests/support/recording-log";
import { type OperationContext, operationContext } from "../../core/context";
import { PlatformLab } from "./platform-lab.test";

/** Commands that change nothing. */
const LOOKING = /^(show|ping|expert|ver|cphaprob|set clienv|set config-lock|lock database|clish)\b/;

/** A Check Point gateway in a lab network for tests of this folder, and inputs that fit it. */
export class CheckPointLab extends PlatformLab {
  readonly log = new RecordingLog();

  private constructor(
    readonly network: LabNetwork | undefined,
    readonly router: CheckPointRouter,
    private readonly directory: string,
  ) {
    super();
  }

  /** Without a network, the router routes nothing and answers every ping. */
  static async start(
    labName: string,
    hasNetwork: boolean,
    options: CheckPointRouterOptions = {},
  ): Promise<CheckPointLab> {
    const directory = mkdtempSync(join(tmpdir(), "gaia-"));
    const network = hasNetwork ? await LabNetwork.start({ labName, directory }) : undefined;
    return new CheckPointLab(network, await CheckPointRouter.start(network, options), directory);
  }

  async stop(): Promise<void> {
    await this.router.stop();
    await this.network?.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** The running configuration as the device would print it. */
  get running(): string {
    const { running, variants } = this.router.device;
    return configurationText(running, variants.matchLines, []);
  }

  get saved(): string {
    const { saved, variants } = this.router.device;
    return configurationText(saved, variants.matchLines, []);
  }

  /** The commands that were entered while the work was done, without those that only look. */
  async commandsDuring(work: () => Promise<unknown>): Promise<string[]> {
    const { commands } = this.router.device;
    const before = commands.length;
    await work();
    return commands.slice(before).filter((line) => !LOOKING.test(line));
  }

  /** Enters commands as an administrator in another session would. */
  async enter(...lines: string[]): Promise<void> {
    const { device } = this.router;
    for (const line of lines) {
      const selected = selectCommand(PBR_COMMANDS, line);
      if (!("entry" in selected)) throw new Error(selected.refusal);
      const refusal = selected.entry.run(device.running, selected.values, line, device.variants.matchLines);
      if (refusal !== undefined) throw new Error(refusal);
      await device.effects.configurationChanged(device.running);
    }
  }

  redirection(parts: Record<string, unknown> = {}) {
    return {
      name: "rdp",
      clientInterfaces: ["eth1"],
      clientCidrs: ["192.168.50.0/24"],
      serverCidrs: ["10.0.0.0/24"],
      ports: [3389],
      spsAddress: "172.16.9.2",
      spsInterface: "eth3",
      existingConnections: "cut",
      ...parts,
    };
  }

  raw(parts: Record<string, unknown> = {}): Record<string, unknown> {
    const { device, server } = this.router;
    const { address, port, hostKey } = server;
    return {
      platform: "check-point",
      preview: "never",
      persist: false,
      router: { address, port, hostKey, password: device.password },
      redirections: [this.redirection()],
      commitConfirm: { windowSeconds: 5 },
      ...parts,
    };
  }

  /** The router of `raw` with the password of expert mode, so that it gives a root shell. */
  withExpertPassword(connection: Record<string, unknown> = {}): { router: object } {
    const { expertPassword } = this.router.device;
    return { router: { ...(this.raw().router as object), expertPassword, ...connection } };
  }

  context(resource = "router"): OperationContext {
    const urn = `urn:pulumi:lab::tests::safeguard:RouterRedirection::${resource}`;
    return operationContext({ log: this.log, resource: { name: resource, urn } });
  }
}

/** Whether a command changes the configuration or saves it. */
export const isChange = (command: string): boolean => !LOOKING.test(command);
