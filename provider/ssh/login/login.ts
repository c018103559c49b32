import type { Duplex } from "node:stream";
import { Client, type ConnectConfig, type ServerHostKeyAlgorithm } from "ssh2";
import { messageOf } from "../../core/errors";
import { AlgorithmOffers } from "../algorithms";
import { SshConnection } from "../connection";
import { type HostKey, presentedHostKey } from "../host-keys/host-key";
import { HostKeyPolicy } from "../host-keys/policy";
import { SshFailure, type SshServerLogin } from "../target";
import type { Credentials } from "./credentials";
import { LoginTimeout } from "./limits";
import { PasswordPrompts } from "./password-prompts";
import { PipelinedLogin } from "./pipelined-login";

export interface LoginOptions {
  /** Limit of all attempts together, for messages, and the rest of it, in seconds. */
  limitSeconds: number;
  remainingSeconds: number;
  signal: AbortSignal;
  /** The connection to the server, when it leads through a jump host. */
  sock?: Duplex;
  credentials: Credentials;
  /** A command to send together with the login. */
  firstCommand?: string;
}

/**
 * Connects to the server, verifies its host key and logs in, once.
 * @throws SshFailure; on cancel the abort reason.
 */
export async function logIn(target: SshServerLogin, options: LoginOptions): Promise<SshConnection> {
  const { signal, limitSeconds, remainingSeconds: leftSeconds, credentials, sock, firstCommand } = options;
  const policy = new HostKeyPolicy(target);
  const client = new Client();
  const login = new PipelinedLogin(client, credentials, firstCommand);
  const prompts = new PasswordPrompts(credentials.password);
  const offers = new AlgorithmOffers();
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
    debug: offers.read,
    hostVerifier: (blob: Buffer) => {
      presented = presentedHostKey(blob);
      return policy.accepts(presented);
    },
    ...(sock && { sock }),
  };
  const { algorithms } = policy;
  if (algorithms) config.algorithms = { serverHostKey: algorithms as ServerHostKeyAlgorithm[] };
  return await new Promise((resolve, reject) => {
    const settle = (action: () => void) => {
      signal.removeEventListener("abort", onAbort);
      client.removeAllListeners();
      action();
    };
    const fail = (error: Error) => {
      settle(() => reject(toFailure(error, { target, limitSeconds, policy, offers, credentials, presented })));
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
    client.on("keyboard-interactive", (_name, _instructions, _language, asked, answer) => {
      const answers = prompts.answer(asked);
      if (answers) return answer(answers);
      const text = `user ${target.username} was asked "${prompts.unanswered}", which a password does not answer`;
      fail(new SshFailure("login-refused", text));
    });
    try {
      client.connect(config);
    } catch (error) {
      fail(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

/** Messages of ssh2 and the system for a connection that the server closed. */
const ENDED = /Connection lost before handshake|closed the connection|ECONNRESET|EPIPE/;

/** What is known of a login that failed. */
interface FailedLogin {
  target: SshServerLogin;
  limitSeconds: number;
  policy: HostKeyPolicy;
  offers: AlgorithmOffers;
  credentials: Credentials;
  presented: HostKey | undefined;
}

function toFailure(error: Error & { level?: string; code?: string }, failed: FailedLogin): SshFailure {
  const { target, limitSeconds, policy, offers, presented } = failed;
  if (presented !== undefined && !policy.accepts(presented)) return policy.refusal(presented, error);
  if (error instanceof SshFailure) return error;
  const message = messageOf(error);
  if (error.level === "client-authentication") {
    return new SshFailure("login-refused", `user ${target.username} was refused${triedKeys(failed)}`, { cause: error });
  }
  if (/Too many authentication failures/i.test(message)) {
    const text = `user ${target.username} was refused: the server allows no further key or password${triedKeys(failed)}`;
    return new SshFailure("login-refused", text, { cause: error });
  }
  if (error.level === "client-timeout") {
    return new LoginTimeout(limitSeconds, error);
  }
  const mismatch = offers.mismatch(message);
  if (mismatch) return policy.mismatch(mismatch, error);
  // Once the server has presented its key, a credential may have been sent, and must not be sent twice.
  const isDropped = presented === undefined && ENDED.test(message);
  return new SshFailure("unreachable", message, { cause: error, isDropped });
}

/** What a refused user must know about the keys of an agent. */
function triedKeys({ credentials: { agent }, target: { agentKey } }: FailedLogin): string {
  if (!agent) return "";
  const notes = [
    ...(agent.count > 1 && agentKey === undefined
      ? [`the agent offered ${agent.count} keys; agentKey chooses one`]
      : []),
    ...(agent.unsupported.length > 0 ? [`not tried, because not supported: ${agent.unsupported.join(", ")}`] : []),
  ];
  return notes.length > 0 ? ` (${notes.join("; ")})` : "";
}
