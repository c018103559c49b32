import { Client, type ClientChannel, type ConnectConfig, type ServerHostKeyAlgorithm } from "ssh2";
import { messageOf } from "../core/errors";
import { EagerLogin } from "./eager-login";
import { type HostKey, hostKeyAlgorithms, isSameHostKey, parseHostKey, presentedHostKey } from "./host-key";
import { RemoteShell } from "./shell";

/** Whom to log in to, with credentials already resolved. */
export interface SshTarget {
  address: string;
  port: number;
  username: string;
  password?: string;
  privateKey?: string;
  /** The only host key to accept, as a line. Without it, nobody is trusted unless `insecureSkipVerify`. */
  hostKey?: string;
  insecureSkipVerify: boolean;
  /** Limit for reaching the server and logging in, in seconds. */
  dialLimitSeconds: number;
}

export type SshFailureKind =
  | "unreachable"
  | "unknown-host-key"
  | "wrong-host-key"
  | "login-refused"
  | "unusable-private-key"
  | "connection-lost";

/** Why there is no connection. */
export class SshFailure extends Error {
  constructor(
    readonly kind: SshFailureKind,
    message: string,
    /** The key the server presented, where its key is the reason. */
    readonly presented?: HostKey,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "SshFailure";
  }
}

/** How long a command that was sent before the login was granted may take to begin, in seconds. */
const EAGER_LIMIT_SECONDS = 3;

/** A connection that is logged in. Closing it ends every shell on it. */
export class SshConnection {
  constructor(
    private readonly client: Client,
    private readonly login?: EagerLogin,
  ) {
    // After login every loss shows on the channels too; without a listener the event would end the process.
    client.on("error", () => undefined);
  }

  /**
   * Starts a command that is a shell reading scripts from its standard input, such as `sh -s`.
   * @throws SshFailure when the server opens no session.
   */
  async openShell(command: string): Promise<RemoteShell> {
    const begun = await this.login?.takeChannel(command, EAGER_LIMIT_SECONDS);
    const channel = begun ?? (await this.exec(command));
    return new RemoteShell({ stdin: channel, stdout: channel, stderr: channel.stderr }, () => channel.close());
  }

  private async exec(command: string): Promise<ClientChannel> {
    return await new Promise((resolve, reject) => {
      const onClose = () => reject(new SshFailure("connection-lost", "the connection was closed by the other side"));
      this.client.once("close", onClose);
      const fail = (error: unknown) => {
        this.client.removeListener("close", onClose);
        reject(new SshFailure("connection-lost", messageOf(error), undefined, { cause: error }));
      };
      try {
        this.client.exec(command, (error, channel) => {
          if (error) return fail(error);
          this.client.removeListener("close", onClose);
          resolve(channel);
        });
      } catch (error) {
        fail(error);
      }
    });
  }

  close(): void {
    this.client.end();
    // A server that does not answer the farewell must not keep the process waiting.
    this.client.destroy();
  }
}

/**
 * Reaches the server, verifies its key and logs in. A command that is named here may be under way already when
 * `openShell` asks for it.
 * @throws SshFailure; on cancel the abort reason.
 */
export async function dial(target: SshTarget, signal: AbortSignal, firstCommand?: string): Promise<SshConnection> {
  signal.throwIfAborted();
  const pinned = target.hostKey === undefined ? undefined : parseHostKey(target.hostKey);
  const client = new Client();
  const login = new EagerLogin(client, target, firstCommand);
  let presented: HostKey | undefined;
  const config: ConnectConfig = {
    host: target.address,
    port: target.port,
    username: target.username,
    password: target.password,
    privateKey: target.privateKey,
    tryKeyboard: target.password !== undefined,
    authHandler: login.authHandler,
    readyTimeout: target.dialLimitSeconds * 1000,
    keepaliveInterval: 5000,
    keepaliveCountMax: 3,
    hostVerifier: (blob: Buffer) => {
      presented = presentedHostKey(blob);
      return target.insecureSkipVerify || (pinned !== undefined && isSameHostKey(pinned, presented));
    },
  };
  if (pinned && !target.insecureSkipVerify) {
    config.algorithms = { serverHostKey: [...hostKeyAlgorithms(pinned)] as ServerHostKeyAlgorithm[] };
  }
  return await new Promise((resolve, reject) => {
    const settle = (action: () => void) => {
      signal.removeEventListener("abort", onAbort);
      client.removeAllListeners();
      action();
    };
    const fail = (error: Error) => {
      settle(() => reject(toFailure(error, target, presented)));
      client.on("error", () => undefined);
      client.destroy();
    };
    const onAbort = () => {
      settle(() => reject(signal.reason));
      client.on("error", () => undefined);
      client.destroy();
    };
    signal.addEventListener("abort", onAbort, { once: true });
    client.on("ready", () => settle(() => resolve(new SshConnection(client, login))));
    client.on("error", fail);
    client.on("close", () => fail(new Error("the server closed the connection before the login was complete")));
    client.on("keyboard-interactive", (_name, _instructions, _language, prompts, answer) =>
      answer(prompts.map(() => target.password ?? "")),
    );
    try {
      client.connect(config);
    } catch (error) {
      fail(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

function toFailure(
  error: Error & { level?: string; code?: string },
  target: SshTarget,
  presented?: HostKey,
): SshFailure {
  const options = { cause: error };
  const isRefusedKey = presented !== undefined && !isTrusted(target, presented);
  if (isRefusedKey) {
    return target.hostKey === undefined
      ? new SshFailure("unknown-host-key", "the host key is not known", presented, options)
      : new SshFailure("wrong-host-key", "another host key than the pinned one was presented", presented, options);
  }
  const message = messageOf(error);
  if (/privateKey/.test(message))
    return new SshFailure("unusable-private-key", "the key cannot be read", undefined, options);
  if (error.level === "client-authentication") {
    return new SshFailure("login-refused", `user ${target.username} was refused`, undefined, options);
  }
  if (error.level === "client-timeout") {
    const limit = `no login within ${target.dialLimitSeconds} s`;
    return new SshFailure("unreachable", limit, undefined, options);
  }
  if (target.hostKey !== undefined && /no matching host key format/i.test(message)) {
    return new SshFailure("wrong-host-key", "the server has no host key of the pinned type", undefined, options);
  }
  return new SshFailure("unreachable", message, undefined, options);
}

function isTrusted(target: SshTarget, presented: HostKey): boolean {
  const pinned = target.hostKey === undefined ? undefined : parseHostKey(target.hostKey);
  return target.insecureSkipVerify || (pinned !== undefined && isSameHostKey(pinned, presented));
}
