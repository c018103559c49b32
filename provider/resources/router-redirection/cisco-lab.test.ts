import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { configurationText } from "../../../lab/cisco-ios/configuration";
import { CiscoRouter, type CiscoRouterOptions } from "../../../lab/cisco-ios/lab-router";
import type { ConnectAttempt } from "../../../lab/network/client-agent";
import { LabNetwork } from "../../../lab/network/network";
import { checkAndPreview } from "../../../tests/support/check-and-preview";
import { RecordingLog } from "../../../tests/support/recording-log";
import { type OperationContext, operationContext } from "../../core/context";
import { messageOf, PartialFailure } from "../../core/errors";
import { routerRedirection } from "./operations";
import type { RouterRedirectionKnown } from "./schema";

/** A Cisco router in a lab network for tests of this folder, and inputs that fit it. */
export class CiscoLab {
  readonly log = new RecordingLog();

  private constructor(
    readonly network: LabNetwork | undefined,
    readonly router: CiscoRouter,
    private readonly directory: string,
  ) {}

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
    return commands.slice(before).filter((line) => !/^(terminal|show|ping|enable)\b/.test(line));
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

  /** Checked inputs. */
  async inputs(parts: Record<string, unknown> = {}): Promise<RouterRedirectionKnown> {
    const { inputs, failures } = await checkAndPreview(routerRedirection, {}, this.raw(parts), this.context());
    assert.deepEqual(failures, []);
    return inputs as unknown as RouterRedirectionKnown;
  }

  async inputsWith(redirection: Record<string, unknown>, more: Record<string, unknown> = {}) {
    return await this.inputs({ redirections: [this.redirection(redirection)], ...more });
  }

  context(resource = "router"): OperationContext {
    const urn = `urn:pulumi:lab::tests::safeguard:RouterRedirection::${resource}`;
    return operationContext({ log: this.log, resource: { name: resource, urn } });
  }

  /** Works while the client connects again and again; every connection has to succeed, and to be recorded by SPS. */
  async whileConnecting<T>(work: () => Promise<T>): Promise<T> {
    const { network } = this;
    assert.ok(network, "the lab has no network");
    const before = (await network.auditRecords()).length;
    const attempts: ConnectAttempt[] = [];
    let isOver = false;
    const connecting = async () => {
      while (!isOver) attempts.push(...(await network.connectRepeatedly("10.0.0.5", 3389, { seconds: 0.1 })));
    };
    const [result] = await Promise.all([
      work().finally(() => {
        isOver = true;
      }),
      connecting(),
    ]);
    assert.deepEqual(
      attempts.filter(({ connected }) => !connected),
      [],
    );
    assert.equal((await network.auditRecords()).length - before, attempts.length, "none went direct");
    assert.ok(attempts.length > 10, `${attempts.length} attempts`);
    return result;
  }

  /** Who the server sees when the client connects: SPS, the client itself, or the code of the failure. */
  async seenAs(port = 3389, timeoutSeconds = 1): Promise<string> {
    assert.ok(this.network, "the lab has no network");
    try {
      const { peerSeenByServer } = await this.network.connectFromClient("10.0.0.5", port, { timeoutSeconds });
      return { "172.16.9.2": "sps", "192.168.50.10": "client" }[peerSeenByServer] ?? peerSeenByServer;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? String(error);
    }
  }
}

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
