import { setTimeout as pause } from "node:timers/promises";
import {
  type AnyAuthMethod,
  type AuthenticationType,
  type AuthHandlerMiddleware,
  BaseAgent,
  type Client,
  type ClientChannel,
  type ParsedKey,
} from "ssh2";
import type { Credentials } from "./credentials";

/** The number an OpenSSH server gives to the first channel of a connection. */
const FIRST_CHANNEL = 0;

/** Servers that accept messages before they have answered the ones before. */
const PIPELINING_SERVERS = /^OpenSSH_/;

/** Tells ssh2 that no method is left; its types do not know this value. */
const NO_METHOD_LEFT = false as unknown as AuthenticationType;

type LoginMethod = "none" | "publickey" | "agent" | "password" | "keyboard-interactive";

/** The internals of ssh2 that are used. When a release lacks one, the login takes the standard order. */
interface Ssh2Internals {
  _remoteVer?: string;
  _protocol?: {
    authPK?(username: string, key: ParsedKey, algorithm: string, sign: Signer): void;
    authPassword?(username: string, password: string): void;
    exec?(channel: number, command: string, wantReply: boolean): void;
  };
}

type Signer = (data: Buffer, answer: (signature: Buffer) => void) => void;

/**
 * Saves five of the six round trips between the verified host key and a running command: it sends the service request,
 * the credential (signed without asking first whether the key is accepted) and the command at once. The server handles
 * them in order. Only for OpenSSH; other servers, and OpenSSH after a refused credential, get the standard order.
 */
export class PipelinedLogin {
  private pipelined: PipelinedCommand | undefined;
  private sent: AuthenticationType | undefined;
  private isAwaited = false;

  constructor(
    private readonly client: Client,
    private readonly credentials: Credentials,
    private readonly command?: string,
  ) {
    // ssh2 requests the service right after this event; messages that arrived with it are not read yet.
    client.once("handshake", () => process.nextTick(() => this.send()));
  }

  /** Gives ssh2 the next login method of those that are left and that the server offers. */
  get authHandler(): AuthHandlerMiddleware {
    let left: LoginMethod[] | undefined;
    let isPasswordSent = false;
    return (offered, isPartial, next) => {
      if (this.sent !== undefined && !this.isAwaited) {
        this.isAwaited = true;
        next({ type: "agent", username: this.credentials.username, agent: new SilentAgent() });
        return;
      }
      // The credential was refused, and the command with it.
      this.restore();
      left ??= this.remainingMethods();
      // The same password as an answer to a prompt would count as a second wrong one.
      isPasswordSent ||= this.sent === "password";
      const isPasswordWrong = isPasswordSent && !isPartial && offered?.includes("password");
      if (isPasswordWrong) left = left.filter((way) => way !== "keyboard-interactive");
      const isOffered = (way: LoginMethod) =>
        way === "none" || !offered || offered.includes(way === "agent" ? "publickey" : way);
      const way = left.find(isOffered);
      left = left.filter((other) => other !== way);
      if (way === "password") isPasswordSent = true;
      next(way === undefined ? NO_METHOD_LEFT : this.method(way));
    };
  }

  /**
   * The channel of the command, if it was sent with the login and begins within the limit. Call it once, after the login;
   * from then on ssh2 starts commands in the standard way.
   */
  async takeChannel(command: string, limitSeconds: number): Promise<ClientChannel | undefined> {
    const { pipelined } = this;
    if (!pipelined) return undefined;
    const isSame = command === this.command;
    const limit = new AbortController();
    const late = pause(isSame ? limitSeconds * 1000 : 0, undefined, { signal: limit.signal }).catch(() => undefined);
    const channel = await Promise.race([pipelined.channel.catch(() => undefined), late]);
    limit.abort();
    this.restore();
    if (channel && isSame) return channel;
    pipelined.channel.then(
      (unused) => unused.close(),
      () => {
        // The channel never opened.
      },
    );
    return undefined;
  }

  private restore(): void {
    this.pipelined?.restore();
    this.pipelined = undefined;
  }

  private remainingMethods(): LoginMethod[] {
    const { password, key, agent } = this.credentials;
    if (password === undefined && key === undefined && agent === undefined) return ["none"];
    // An older server may accept another signature of the same RSA key.
    const isKeyRefused = this.sent === "publickey" && key?.type !== "ssh-rsa";
    return [
      ...(key !== undefined && !isKeyRefused ? (["publickey"] as const) : []),
      ...(agent === undefined ? [] : (["agent"] as const)),
      ...(password !== undefined && this.sent !== "password" ? (["password"] as const) : []),
      ...(password === undefined ? [] : (["keyboard-interactive"] as const)),
    ];
  }

  private method(way: LoginMethod): AuthenticationType | AnyAuthMethod {
    const { username, key, agent } = this.credentials;
    if (way === "publickey" && key) return { type: way, username, key };
    if (way === "agent" && agent) return { type: way, username, agent: agent.agent };
    return way;
  }

  private send(): void {
    const inner = this.client as unknown as Ssh2Internals;
    const { username, password, key } = this.credentials;
    const protocol = inner._protocol;
    if (!protocol || !PIPELINING_SERVERS.test(inner._remoteVer ?? "")) return;
    if (key && protocol.authPK) {
      const [algorithm, hash] = key.type === "ssh-rsa" ? ["rsa-sha2-512", "sha512"] : [key.type, undefined];
      protocol.authPK(username, key, algorithm, (data, answer) => answer(key.sign(data, hash)));
      this.sent = "publickey";
    } else if (password !== undefined && protocol.authPassword) {
      protocol.authPassword(username, password);
      this.sent = "password";
    } else return;
    if (this.command !== undefined) this.pipelined = pipelineExec(this.client, protocol, this.command);
  }
}

interface PipelinedCommand {
  channel: Promise<ClientChannel>;
  /** Lets ssh2 start commands in the standard way again. */
  restore(): void;
}

/** Opens a channel and starts the command in it without waiting until it is open. */
function pipelineExec(
  client: Client,
  protocol: NonNullable<Ssh2Internals["_protocol"]>,
  command: string,
): PipelinedCommand | undefined {
  const { exec } = protocol;
  if (!exec) return undefined;
  const channel = new Promise<ClientChannel>((resolve, reject) => {
    client.exec(command, (error, opened) => (error ? reject(error) : resolve(opened)));
  });
  channel.catch(() => {
    // Reported by the awaiting caller.
  });
  exec.call(protocol, FIRST_CHANNEL, command, true);
  const restore = () => {
    protocol.exec = exec;
  };
  // ssh2 sends the command itself as soon as the channel is open; by then it has been sent.
  protocol.exec = (number, ...rest) => {
    restore();
    if (number !== FIRST_CHANNEL) exec.call(protocol, number, ...rest);
  };
  return { channel, restore };
}

/** Makes ssh2 wait for the answer to the credential already sent: it never lists its keys. */
class SilentAgent extends BaseAgent {
  getIdentities(): void {}
  sign(): void {}
}
