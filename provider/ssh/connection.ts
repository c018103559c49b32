import type { Client, ClientChannel } from "ssh2";
import { messageOf } from "../core/errors";
import type { EagerLogin } from "./eager-login";
import { RemoteShell } from "./shell";
import { SshFailure } from "./target";

/** How long a command that was sent before the login was granted may take to begin, in seconds. */
const EAGER_LIMIT_SECONDS = 3;

/** A connection that is logged in. Closing it ends every shell on it. */
export class SshConnection {
  private isEnded = false;
  private readonly onEnd: (() => void)[] = [];

  constructor(
    private readonly client: Client,
    private readonly login?: EagerLogin,
  ) {
    // After login every loss shows on the channels too; without a listener the event would end the process.
    client.on("error", () => undefined);
    client.once("close", () => this.ended());
    // A jump host opens the ways of many at once, and each listens for the end.
    client.setMaxListeners(0);
  }

  /** False once the connection is closed, by whichever side, or lost. */
  get isOpen(): boolean {
    return !this.isEnded;
  }

  /** Calls back once, when the connection is closed or lost. */
  onceEnded(then: () => void): void {
    if (this.isEnded) then();
    else this.onEnd.push(then);
  }

  /**
   * Starts a command that is a shell reading scripts from its standard input, such as `sh -s`.
   * @throws SshFailure when the server opens no session.
   */
  async openShell(command: string): Promise<RemoteShell> {
    const begun = await this.login?.takeChannel(command, EAGER_LIMIT_SECONDS);
    const channel = begun ?? (await this.open((opened) => this.client.exec(command, opened)));
    return new RemoteShell({ stdin: channel, stdout: channel, stderr: channel.stderr }, () => channel.close());
  }

  /**
   * Opens a way from this server to another address, as a stream.
   * @throws SshFailure when this server may not do that, or cannot reach the address.
   */
  async forward(address: string, port: number): Promise<ClientChannel> {
    return await this.open((opened) => this.client.forwardOut("127.0.0.1", 0, address, port, opened));
  }

  close(): void {
    this.client.end();
    // A server that does not answer the farewell must not keep the process waiting.
    this.client.destroy();
    this.ended();
  }

  private async open(ask: (opened: (error: Error | undefined, channel: ClientChannel) => void) => void) {
    return await new Promise<ClientChannel>((resolve, reject) => {
      const onClose = () => reject(new SshFailure("connection-lost", "the connection was closed by the other side"));
      this.client.once("close", onClose);
      const fail = (cause: unknown) => {
        this.client.removeListener("close", onClose);
        reject(refusal(cause));
      };
      try {
        ask((error, channel) => {
          if (error) return fail(error);
          this.client.removeListener("close", onClose);
          resolve(channel);
        });
      } catch (error) {
        fail(error);
      }
    });
  }

  private ended(): void {
    this.isEnded = true;
    for (const then of this.onEnd.splice(0)) then();
  }
}

/** What a server answers that does not open a channel (RFC 4254 §5.1), of a way to another address. */
const PROHIBITED = 1;
const NOT_CONNECTED = 2;

function refusal(cause: unknown): SshFailure {
  const { reason } = cause as { reason?: unknown };
  const said = messageOf(cause).replace(/^.*Channel open failure: */, "");
  if (reason === PROHIBITED)
    return new SshFailure("forwarding-refused", `it refuses to lead on to the router (${said})`, { cause });
  if (reason === NOT_CONNECTED)
    return new SshFailure("unreachable", `no connection from the jump host to it (${said})`, { cause });
  return new SshFailure("connection-lost", said, { cause });
}
