import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { configurationText } from "../../../lab/cisco-ios/configuration";
import { CiscoRouter, type CiscoRouterOptions } from "../../../lab/cisco-ios/lab-router";
import { LabNetwork } from "../../../lab/network/network";
import { RecordingLog } from "../../../tests/support/recording-log";
import { type OperationContext, operationContext } from "../../core/context";
import { messageOf, PartialFailure } from "../../core/errors";
import { PlatformLab } from "./platform-lab.test";

/** A Cisco router in a lab network for tests of this folder, and inputs that fit it. */
export class CiscoLab extends PlatformLab {
  readonly log = new RecordingLog();

  private constructor(
    readonly network: LabNetwork | undefined,
    readonly router: CiscoRouter,
    private readonly directory: string,
  ) {
    super();
  }

  /** Without a network, the router routes nothing and answers every ping. */
  static async start(labName: string, hasNetwork: boolean, options: CiscoRouterOptions = {}): Promise<CiscoLab> {
    const directory = mkdtempSync(join(tmpdir(), "cisco-"));
    const network = hasNetwork ? await LabNetwork.start({ labName, directory }) : undefined;
    return new CiscoLab(network, await CiscoRouter.start(network, options), directory);
  }

  async stop(): Promise<void> {
    await this.router.stop();
    await this.network?.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** The running configuration as the device would print it. */
  get running(): string {
    const { running, spelling } = this.router.device;
    return configurationText(running, spelling);
  }

  get startup(): string {
    const { startup, spelling } = this.router.device;
    return configurationText(startup, spelling);
  }

  /** The commands that were entered while the work was done, without those that only look. */
  async commandsDuring(work: () => Promise<unknown>): Promise<string[]> {
    const { commands } = this.router.device;
    const before = commands.length;
    await work();
    return commands.slice(before).filter(isChange);
  }

  redirection(parts: Record<string, unknown> = {}) {
    return {
      name: "rdp",
      clientInterfaces: ["GigabitEthernet1"],
      clientCidrs: ["192.168.50.0/24"],
      serverCidrs: ["10.0.0.0/24"],
      ports: [3389],
      spsAddress: "172.16.9.2",
      spsInterface: "GigabitEthernet3",
      existingConnections: "cut",
      ...parts,
    };
  }

  raw(parts: Record<string, unknown> = {}): Record<string, unknown> {
    const { device, server } = this.router;
    const { address, port, hostKey } = server;
    const { username, password, enablePassword } = device;
    return {
      platform: "cisco-ios",
      preview: "never",
      persist: false,
      router: { address, port, hostKey, username, password, ...(enablePassword !== undefined && { enablePassword }) },
      redirections: [this.redirection()],
      ...parts,
    };
  }

  context(resource = "router"): OperationContext {
    const urn = `urn:pulumi:lab::tests::safeguard:RouterRedirection::${resource}`;
    return operationContext({ log: this.log, resource: { name: resource, urn } });
  }
}

/** Whether a command does more than look. */
export const isChange = (command: string): boolean =>
  !/^(terminal|show|do show|ping|telnet|disconnect|enable)\b/.test(command);

/** The last error code of a failure, and whether the resource records a partial state. */
export async function failureOf(
  work: Promise<unknown>,
): Promise<{ code: string; isPartial: boolean; message: string }> {
  const error: unknown = await work.then(
    () => assert.fail("the work succeeded"),
    (failure: unknown) => failure,
  );
  const message = error instanceof PartialFailure ? error.reasons.join("; ") : messageOf(error);
  return { code: /\[(SG\d+)\]/.exec(message)?.[1] ?? "", isPartial: error instanceof PartialFailure, message };
}
