import type { Duplex } from "node:stream";
import { Client, type ConnectConfig, type ServerHostKeyAlgorithm } from "ssh2";
import { messageOf } from "../core/errors";
import { SshConnection } from "./connection";
import type { Credentials } from "./credentials";
import { EagerLogin } from "./eager-login";
import { type HostKey, presentedHostKey } from "./host-key";
import { tooLate } from "./limits";
import { Questions } from "./questions";
import { SshFailure, type SshServerLogin } from "./target";
import { Trust } from "./trust";

export interface LoginOptions {
  /** Limit of all attempts together, for messages, and what is left of it, in seconds. */
  limitSeconds: number;
  leftSeconds: number;
  signal: AbortSignal;
  /** The way to the server, where that is not a connection of its own. */
  sock?: Duplex;
  credentials: Credentials;
  /** A command to send ahead. */
  firstCommand?: string;
}

/**
 * Reaches the server, verifies its key and logs in, once.
 * @throws SshFailure; on cancel the abort reason.
 */
export async function logIn(target: SshServerLogin, options: LoginOptions): Promise<SshConnection> {
  const { signal, limitSeconds, leftSeconds, credentials, sock, firstCommand } = options;
  const trust = new Trust(target);
  const client = new Client();
  const login = new EagerLogin(client, credentials, firstCommand);
  const questions = new Questions(credentials.password);
  let presented: HostKey | undefined;
  const config: ConnectConfig = {
    host: target.address,
    port: target.port,
    username: target.username,
    password: credentials.password,
    tryKeyboard: credentials.password !== undefined,
    authHandler: login.authHandler,
    readyTimeout: leftSeconds * 1000,
    keepaliveInterval: 5000,
    keepaliveCountMax: 3,
    hostVerifier: (blob: Buffer) => {
      presented = presentedHostKey(blob);
      return trust.accepts(presented);
    },
    ...(sock && { sock }),
  };
  const { algorithms } = trust;
  if (algorithms) config.algorithms = { serverHostKey: algorithms as ServerHostKeyAlgorithm[] };
  return await new Promise((resolve, reject) => {
    const settle = (action: () => void) => {
      signal.removeEventListener("abort", onAbort);
      client.removeAllListeners();
      action();
    };
    const fail = (error: Error) => {
      settle(() => reject(toFailure(error, target, limitSeconds, trust, presented)));
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
    client.on("keyboard-interactive", (_name, _instructions, _language, prompts, answer) => {
      const answers = questions.answer(prompts);
      if (answers) return answer(answers);
      const said = `user ${target.username} was asked "${questions.unanswered}", which a password does not answer`;
      fail(new SshFailure("login-refused", said));
    });
    try {
      client.connect(config);
    } catch (error) {
      fail(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

/** What ssh2 and the system say of a connection that the other side ended. */
const ENDED = /Connection lost before handshake|closed the connection|ECONNRESET|EPIPE/;

function toFailure(
  error: Error & { level?: string; code?: string },
  target: SshServerLogin,
  limitSeconds: number,
  trust: Trust,
  presented?: HostKey,
): SshFailure {
  if (presented !== undefined && !trust.accepts(presented)) return trust.refusal(presented, error);
  if (error instanceof SshFailure) return error;
  const message = messageOf(error);
  if (error.level === "client-authentication") {
    return new SshFailure("login-refused", `user ${target.username} was refused`, { cause: error });
  }
  if (/Too many authentication failures/i.test(message)) {
    const said = `user ${target.username} was refused: the server allows no further key or password`;
    return new SshFailure("login-refused", said, { cause: error });
  }
  if (error.level === "client-timeout") {
    return tooLate(limitSeconds, error);
  }
  if (trust.algorithms && /no matching host key format/i.test(message)) return trust.refusal(undefined, error);
  // Once the server has shown its key, a credential may be on its way, and that must never be sent twice.
  const isDropped = presented === undefined && ENDED.test(message);
  return new SshFailure("unreachable", message, { cause: error, isDropped });
}
