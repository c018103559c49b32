import { createHash } from "node:crypto";
import { type BaseAgent, createAgent, type ParsedKey, utils } from "ssh2";
import { messageOf } from "../../core/errors";
import { SshFailure, type SshServerLogin } from "../target";
import { withoutPkcs8 } from "./pkcs8";

/** User and credentials. Without any credential the server must accept the name alone. */
export interface Credentials {
  username: string;
  password?: string;
  key?: ParsedKey;
  /** An SSH agent that answered and has keys. */
  agent?: BaseAgent;
}

/** Limit for an agent on this machine to list its keys, in seconds. */
const AGENT_LIMIT_SECONDS = 5;

/**
 * The credentials, ready for use.
 * @throws SshFailure when the private key cannot be read, or the agent does not answer or has no key.
 */
export async function readCredentials(login: SshServerLogin): Promise<Credentials> {
  const { username, password, privateKey, passphrase, agentSocket } = login;
  return {
    username,
    ...(password !== undefined && { password }),
    ...(privateKey !== undefined && { key: parsePrivateKey(privateKey, passphrase) }),
    ...(agentSocket !== undefined && { agent: await connectAgent(agentSocket) }),
  };
}

/** Decrypted keys by a digest of key and passphrase: decrypting one takes half a second of processor time. */
const decryptedKeys = new Map<string, ParsedKey>();
const MAX_DECRYPTED_KEYS = 32;

function parsePrivateKey(privateKey: string, passphrase: string | undefined): ParsedKey {
  const digest = createHash("sha256")
    .update(`${passphrase ?? ""}\0${privateKey}`)
    .digest("hex");
  const decrypted = decryptedKeys.get(digest);
  if (decrypted) return decrypted;
  const key = parse(privateKey, passphrase);
  // The message of ssh2 may quote part of the key, so it is never shown.
  if (key instanceof Error) throw new SshFailure("unusable-private-key", whyUnreadable(key, passphrase));
  if (!key.isPrivateKey()) throw new SshFailure("unusable-private-key", "it is a public key, not a private one");
  if (passphrase !== undefined && decryptedKeys.size < MAX_DECRYPTED_KEYS) decryptedKeys.set(digest, key);
  return key;
}

function whyUnreadable(error: Error, passphrase: string | undefined): string {
  if (/no passphrase given/i.test(error.message)) return "the private key is encrypted and has no passphrase";
  return `the private key cannot be read${passphrase === undefined ? "" : " with this passphrase"}`;
}

function parse(privateKey: string, passphrase: string | undefined): ParsedKey | Error {
  try {
    const parsed: ParsedKey | ParsedKey[] | Error = utils.parseKey(withoutPkcs8(privateKey, passphrase), passphrase);
    return (Array.isArray(parsed) ? parsed[0] : parsed) ?? new Error("no key");
  } catch (error) {
    return error instanceof Error ? error : new Error("no key");
  }
}

async function connectAgent(socket: string): Promise<BaseAgent> {
  const agent = createAgent(socket);
  const count = await new Promise<number>((resolve, reject) => {
    const fail = (problem: string, cause?: unknown) =>
      reject(new SshFailure("unusable-agent", `the SSH agent at ${socket} ${problem}`, { cause }));
    const limit = setTimeout(() => fail(`did not answer within ${AGENT_LIMIT_SECONDS} s`), AGENT_LIMIT_SECONDS * 1000);
    agent.getIdentities((error, keys) => {
      clearTimeout(limit);
      if (error) fail(`does not answer (${messageOf(error)})`, error);
      else resolve(keys?.length ?? 0);
    });
  });
  if (count === 0) throw new SshFailure("unusable-agent", `the SSH agent at ${socket} has no key`);
  return agent;
}
