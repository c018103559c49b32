import assert from "node:assert/strict";
import type { ConnectAttempt } from "../../../lab/network/client-agent";
import type { LabNetwork } from "../../../lab/network/network";
import { LINKS } from "../../../lab/network/topology";
import { checkAndPreview } from "../../../tests/support/check-and-preview";
import type { OperationContext } from "../../core/context";
import { routerRedirection } from "./operations";
import type { RouterRedirectionKnown } from "./schema";

/** What SPS has besides 172.16.9.2, once a test asks for it. */
export const SECOND_SPS_ADDRESS = "172.16.9.3";

/** A router of any platform in a lab network, with inputs that fit it and the client's view of its redirections. */
export abstract class PlatformLab {
  /** Undefined for a router that routes nothing. */
  abstract readonly network: LabNetwork | undefined;

  /** One redirection of this lab. */
  abstract redirection(parts?: Record<string, unknown>): object;

  /** What a program would write for this router, without a check on the router in previews. */
  abstract raw(parts?: Record<string, unknown>): Record<string, unknown>;

  /** A context that keeps what is logged. */
  abstract context(): OperationContext;

  /** Checked inputs. */
  async inputs(parts: Record<string, unknown> = {}): Promise<RouterRedirectionKnown> {
    const { inputs, failures } = await checkAndPreview(routerRedirection, {}, this.raw(parts), this.context());
    assert.deepEqual(failures, []);
    return inputs as unknown as RouterRedirectionKnown;
  }

  /** Checked inputs with one redirection that differs from the usual one. */
  async inputsWith(redirection: Record<string, unknown>, more: Record<string, unknown> = {}) {
    return await this.inputs({ redirections: [this.redirection(redirection)], ...more });
  }

  /** Who the server sees when the client connects: SPS, the client itself, or the code of the failure. */
  async seenAs(port = 3389, timeoutSeconds = 1): Promise<string> {
    try {
      const { peerSeenByServer } = await this.routed.connectFromClient("10.0.0.5", port, { timeoutSeconds });
      return { "172.16.9.2": "sps", "192.168.50.10": "client" }[peerSeenByServer] ?? peerSeenByServer;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? String(error);
    }
  }

  /** Gives the SPS host its second address. */
  async addSpsAddress(): Promise<void> {
    await this.routed.exec("sps", ["ip", "addr", "add", `${SECOND_SPS_ADDRESS}/24`, "dev", LINKS.sps.farInterface]);
  }

  /** Works while the client connects again and again; every connection has to succeed, and to be recorded by SPS. */
  async whileConnecting<T>(work: () => Promise<T>, port = 3389): Promise<T> {
    const records = async () => (await this.routed.auditRecords()).length;
    const before = await records();
    const attempts: ConnectAttempt[] = [];
    let isOver = false;
    const connecting = async () => {
      while (!isOver) attempts.push(...(await this.routed.connectRepeatedly("10.0.0.5", port, { seconds: 0.1 })));
    };
    const [result] = await Promise.all([
      work().finally(() => {
        isOver = true;
      }),
      connecting(),
    ]);
    const failed = attempts.filter(({ connected }) => !connected);
    assert.deepEqual(failed, []);
    assert.equal((await records()) - before, attempts.length, "none went direct");
    assert.ok(attempts.length > 10, `${attempts.length} attempts`);
    return result;
  }

  private get routed(): LabNetwork {
    assert.ok(this.network, "the lab has no network");
    return this.network;
  }
}
