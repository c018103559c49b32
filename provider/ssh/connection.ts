import type { Client, ClientChannel } from "ssh2";
import { messageOf } from "../core/errors";
import type { PipelinedLogin } from "./login/pipelined-login";
import { RemoteShell } from "./shell";
import { SshFailure } from "./target";
import { RemoteTerminal } from "./terminal/terminal";

/** Limit for the start of a command that was sent together with the login, in seconds. */
const PIPELINED_COMMAND_LIMIT_SECONDS = 3;

/** The terminal that interactive sessions ask for: no device draws on a dumb one. */
const TERMINAL = { term: "dumb", cols: 511, rows: 1000 };

/** A logged-in connection. Closing it ends every shell on it. */
export class SshConnection {
  private isEnded = false;
  private readonly onEnd: (() => void)[] = [];

  constructor(
    private readonly client: Client,
    private readonly login?: PipelinedLogin,
  ) {
    // The channels report a loss too; an `error` event without a listener would end the process.
    client.on("error", () => undefined);
    client.once("close", () => this.ended());
    // Many logins share the connection to a jump host, and each listens for its end.
    client.setMaxListeners(0);
  }

  /** False once either side has closed the connection, or it is lost. */
  get isOpen(): boolean {
    return !this.isEnded;
  }

  /** Calls back once, as soon as the connection is closed or lost. */
  onceEnded(then: () => void): void {
    if (this.isEnded) then();
    else this.onEnd.push(then);
  }

  /**
   * Starts a command that is a shell reading scripts from its standard input, such as `sh -s`.
   * @throws SshFailure when the server opens no session.
   */
  async openShell(command: string): Promise<RemoteShell> {
    const pipelined = await this.login?.takeChannel(command, PIPELINED_COMMAND_LIMIT_SECONDS);
    const channel = pipelined ?? (await this.open((opened) => this.client.exec(command, opened)));
    return new RemoteShell({ stdin: channel, stdout: channel, stderr: channel.stderr }, () => channel.close());
  }

  /**
   * Opens an interactive terminal. It is wide, so that lines are not wrapped; lines that match `noise` are ignored.
   * @throws SshFailure when the server opens no session.
   */
  async openTerminal(noise?: RegExp): Promise<RemoteTerminal> {
    // Each line waits for its answer.
    this.client.setNoDelay(true);
    const channel = await this.open((opened) => this.client.shell(TERMINAL, opened));
    return new RemoteTerminal({ stdin: channel, stdout: channel }, () => channel.close(), noise);
  }

  /**
   * Opens a TCP connection from this server to another address.
   * @throws SshFailure when this server refuses forwarding, or cannot reach the address.
   */
  async forward(address: string, port: number): Promise<ClientChannel> {
    return await this.open((opened) => this.client.forwardOut("127.0.0.1", 0, address, port, opened));
  }

  close(): void {
    this.client.end();
    // A server that never answers the disconnect must not keep the process alive.
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

/** Reasons a server gives for not opening a channel (RFC 4254 §5.1). */
const PROHIBITED = 1;
const NOT_CONNECTED = 2;

function refusal(cause: unknown): SshFailure {
  const { reason } = cause as { reason?: unknown };
  const reply = messageOf(cause).replace(/^.*Channel open failure: */, "");
  if (reason === PROHIBITED)
    return new SshFailure("forwarding-refused", `it refuses to forward the connection to the router (${reply})`, {
      cause,
    });
  if (reason === NOT_CONNECTED)
    return new SshFailure("unreachable", `no connection from the jump host to it (${reply})`, { cause });
  return new SshFailure("connection-lost", reply, { cause });
}
