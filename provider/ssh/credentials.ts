import { createHash } from "node:crypto";
import { type BaseAgent, createAgent, type ParsedKey, utils } from "ssh2";
import { messageOf } from "../core/errors";
import { withoutPkcs8 } from "./pkcs8";
import { SshFailure, type SshServerLogin } from "./target";

/** Whom to log in as. With nothing but a name, the server has to let the user in for the name alone. */
export interface Credentials {
  username: string;
  password?: string;
  key?: ParsedKey;
  /** An SSH agent that has answered, and has keys. */
  agent?: BaseAgent;
}

/** How long an agent on this machine may take to list its keys, in seconds. */
const AGENT_LIMIT_SECONDS = 5;

/**
 * The credentials, ready for use.
 * @throws SshFailure when the private key cannot be read, or the agent cannot be asked or has no key.
 */
export async function readCredentials(login: SshServerLogin): Promise<Credentials> {
  const { username, password, privateKey, passphrase, agentSocket } = login;
  return {
    username,
    ...(password !== undefined && { password }),
    ...(privateKey !== undefined && { key: readKey(privateKey, passphrase) }),
    ...(agentSocket !== undefined && { agent: await askAgent(agentSocket) }),
  };
}

/** Keys that were opened with a passphrase, by a digest of both: to open one takes half a second of this process's time. */
const openedKeys = new Map<string, ParsedKey>();
const MOST_OPENED_KEYS = 32;

function readKey(privateKey: string, passphrase: string | undefined): ParsedKey {
  const digest = createHash("sha256")
    .update(`${passphrase ?? ""}\0${privateKey}`)
    .digest("hex");
  const opened = openedKeys.get(digest);
  if (opened) return opened;
  const key = parse(privateKey, passphrase);
  // What ssh2 says may hold a piece of the key, so it is only looked at.
  if (key instanceof Error) throw new SshFailure("unusable-private-key", whyUnreadable(key, passphrase));
  if (!key.isPrivateKey()) throw new SshFailure("unusable-private-key", "the private key is a public one");
  if (passphrase !== undefined && openedKeys.size < MOST_OPENED_KEYS) openedKeys.set(digest, key);
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

async function askAgent(socket: string): Promise<BaseAgent> {
  const agent = createAgent(socket);
  const count = await new Promise<number>((resolve, reject) => {
    const fail = (said: string, cause?: unknown) =>
      reject(new SshFailure("unusable-agent", `the SSH agent at ${socket} ${said}`, { cause }));
    const limit = setTimeout(
      () => fail(`has not answered within ${AGENT_LIMIT_SECONDS} s`),
      AGENT_LIMIT_SECONDS * 1000,
    );
    agent.getIdentities((error, keys) => {
      clearTimeout(limit);
      if (error) fail(`cannot be asked (${messageOf(error)})`, error);
      else resolve(keys?.length ?? 0);
    });
  });
  if (count === 0) throw new SshFailure("unusable-agent", `the SSH agent at ${socket} has no key`);
  return agent;
}
