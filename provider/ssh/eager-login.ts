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

/** Servers that take what they are told before they have answered. */
const EAGER_SERVERS = /^OpenSSH_/;

/** Tells ssh2 that no way is left; its types know only of ways. */
const NO_MORE = false as unknown as AuthenticationType;

type Way = "none" | "publickey" | "agent" | "password" | "keyboard-interactive";

/** What is used of ssh2's inside. Where a release lacks a part of it, everything goes the usual way. */
interface Inner {
  _remoteVer?: string;
  _protocol?: {
    authPK?(username: string, key: ParsedKey, algorithm: string, sign: Signer): void;
    authPassword?(username: string, password: string): void;
    exec?(channel: number, command: string, wantReply: boolean): void;
  };
}

type Signer = (data: Buffer, answer: (signature: Buffer) => void) => void;

/**
 * Saves five of the six round trips between the proof of the server's identity and a running command: the credential
 * is sent together with the request for its service, signed without asking whether the key would do, and the command
 * behind it, before any of this is granted. The server takes it all one after the other. Only for OpenSSH; other
 * servers are spoken to in the usual order, and so is OpenSSH once it has refused the credential.
 */
export class EagerLogin {
  private begun: BegunCommand | undefined;
  private sent: AuthenticationType | undefined;
  private isAwaited = false;

  constructor(
    private readonly client: Client,
    private readonly credentials: Credentials,
    private readonly command?: string,
  ) {
    // ssh2 asks for the service right after this event, and what came along with it may not be read yet.
    client.once("handshake", () => process.nextTick(() => this.send()));
  }

  /** Tells ssh2 which ways to log in are left, one at a time, of those that the server offers. */
  get authHandler(): AuthHandlerMiddleware {
    let left: Way[] | undefined;
    let isPasswordSent = false;
    return (offered, isPartial, next) => {
      if (this.sent !== undefined && !this.isAwaited) {
        this.isAwaited = true;
        next({ type: "agent", username: this.credentials.username, agent: new SilentAgent() });
        return;
      }
      // Refused: then the command was, too.
      this.giveUp();
      left ??= this.otherWays();
      // The same password in answer to a question would count as a second wrong one.
      isPasswordSent ||= this.sent === "password";
      const isPasswordWrong = isPasswordSent && !isPartial && offered?.includes("password");
      if (isPasswordWrong) left = left.filter((way) => way !== "keyboard-interactive");
      const isOffered = (way: Way) =>
        way === "none" || !offered || offered.includes(way === "agent" ? "publickey" : way);
      const way = left.find(isOffered);
      left = left.filter((other) => other !== way);
      if (way === "password") isPasswordSent = true;
      next(way === undefined ? NO_MORE : this.method(way));
    };
  }

  /**
   * The channel of the command, if that is the one that was sent ahead and it begins within the limit. To be asked once,
   * after the login; from then on ssh2 starts commands in the usual way.
   */
  async takeChannel(command: string, limitSeconds: number): Promise<ClientChannel | undefined> {
    const { begun } = this;
    if (!begun) return undefined;
    const isWanted = command === this.command;
    const limit = new AbortController();
    const late = pause(isWanted ? limitSeconds * 1000 : 0, undefined, { signal: limit.signal }).catch(() => undefined);
    const channel = await Promise.race([begun.channel.catch(() => undefined), late]);
    limit.abort();
    this.giveUp();
    if (channel && isWanted) return channel;
    begun.channel.then(
      (unwanted) => unwanted.close(),
      () => "it never opened",
    );
    return undefined;
  }

  private giveUp(): void {
    this.begun?.giveUp();
    this.begun = undefined;
  }

  private otherWays(): Way[] {
    const { password, key, agent } = this.credentials;
    if (password === undefined && key === undefined && agent === undefined) return ["none"];
    // An older server may take another signature of the same RSA key.
    const isKeyOver = this.sent === "publickey" && key?.type !== "ssh-rsa";
    return [
      ...(key !== undefined && !isKeyOver ? (["publickey"] as const) : []),
      ...(agent === undefined ? [] : (["agent"] as const)),
      ...(password !== undefined && this.sent !== "password" ? (["password"] as const) : []),
      ...(password === undefined ? [] : (["keyboard-interactive"] as const)),
    ];
  }

  private method(way: Way): AuthenticationType | AnyAuthMethod {
    const { username, key, agent } = this.credentials;
    if (way === "publickey" && key) return { type: way, username, key };
    if (way === "agent" && agent) return { type: way, username, agent };
    return way;
  }

  private send(): void {
    const inner = this.client as unknown as Inner;
    const { username, password, key } = this.credentials;
    const protocol = inner._protocol;
    if (!protocol || !EAGER_SERVERS.test(inner._remoteVer ?? "")) return;
    if (key && protocol.authPK) {
      const [algorithm, hash] = key.type === "ssh-rsa" ? ["rsa-sha2-512", "sha512"] : [key.type, undefined];
      protocol.authPK(username, key, algorithm, (data, answer) => answer(key.sign(data, hash)));
      this.sent = "publickey";
    } else if (password !== undefined && protocol.authPassword) {
      protocol.authPassword(username, password);
      this.sent = "password";
    } else return;
    if (this.command !== undefined) this.begun = execEagerly(this.client, protocol, this.command);
  }
}

interface BegunCommand {
  channel: Promise<ClientChannel>;
  /** Lets ssh2 start commands in the usual way again. */
  giveUp(): void;
}

/** Opens a channel and starts the command in it without awaiting that it is open. */
function execEagerly(
  client: Client,
  protocol: NonNullable<Inner["_protocol"]>,
  command: string,
): BegunCommand | undefined {
  const { exec } = protocol;
  if (!exec) return undefined;
  const channel = new Promise<ClientChannel>((resolve, reject) => {
    client.exec(command, (error, opened) => (error ? reject(error) : resolve(opened)));
  });
  channel.catch(() => "told to whoever takes it");
  exec.call(protocol, FIRST_CHANNEL, command, true);
  const giveUp = () => {
    protocol.exec = exec;
  };
  // ssh2 itself asks as soon as the channel is open, which by then is done.
  protocol.exec = (number, ...rest) => {
    giveUp();
    if (number !== FIRST_CHANNEL) exec.call(protocol, number, ...rest);
  };
  return { channel, giveUp };
}

/** Lets ssh2 wait for the answer to what was sent already: it has no keys, and never says so. */
class SilentAgent extends BaseAgent {
  getIdentities(): void {}
  sign(): void {}
}
