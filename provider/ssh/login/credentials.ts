import { createHash } from "node:crypto";
import { type ParsedKey, utils } from "ssh2";
import { SshFailure, type SshServerLogin } from "../target";
import { type AgentKeys, readAgentKeys } from "./agent-keys";
import { withoutPkcs8 } from "./pkcs8";

/** User and credentials. Without any credential the server must accept the name alone. */
export interface Credentials {
  username: string;
  password?: string;
  key?: ParsedKey;
  /** An SSH agent that answered, with the keys to offer. */
  agent?: AgentKeys;
}

/**
 * The credentials, ready for use.
 * @throws SshFailure when the private key cannot be read, or the agent does not answer or has no such key.
 */
export async function readCredentials(login: SshServerLogin): Promise<Credentials> {
  const { username, password, privateKey, passphrase, agentSocket, agentKey } = login;
  return {
    username,
    ...(password !== undefined && { password }),
    ...(privateKey !== undefined && { key: parsePrivateKey(privateKey, passphrase) }),
    ...(agentSocket !== undefined && { agent: await readAgentKeys(agentSocket, agentKey) }),
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
  if (key instanceof Error) throw new SshFailure("unusable-private-key", whyUnreadable(key, privateKey, passphrase));
  if (!key.isPrivateKey()) throw new SshFailure("unusable-private-key", "it is a public key, not a private one");
  if (passphrase !== undefined && decryptedKeys.size < MAX_DECRYPTED_KEYS) decryptedKeys.set(digest, key);
  return key;
}

/** Texts that are no private key, each with its remedy. */
const NO_KEYS: readonly [RegExp, string][] = [
  [
    /^(?=\S{1,1000}\s*$)(?:[~./\\]|[A-Za-z]:[\\/])/,
    "the private key is the path of a file; set privateKeyFile instead",
  ],
  [/^PuTTY-User-Key-File-3/, "the private key is in PuTTY's format 3; export it as an OpenSSH key with PuTTYgen"],
  [/-----BEGIN CERTIFICATE-----/, "it is a certificate, not a private key"],
  [/^(?![\s\S]*-----BEGIN)/, "the private key cannot be read: it has no line -----BEGIN … KEY-----"],
  [/^(?![\s\S]*-----END)/, "the private key is cut off: it has no line -----END … KEY-----"],
  [/^[^\n]*$/, "the private key has lost its line breaks; write them as line breaks or as \\n"],
];

function whyUnreadable(error: Error, privateKey: string, passphrase: string | undefined): string {
  if (/no passphrase given/i.test(error.message)) return "the private key is encrypted and has no passphrase";
  const mistake = NO_KEYS.find(([form]) => form.test(privateKey.trim()))?.[1];
  return mistake ?? `the private key cannot be read${passphrase === undefined ? "" : " with this passphrase"}`;
}

function parse(privateKey: string, passphrase: string | undefined): ParsedKey | Error {
  try {
    const parsed: ParsedKey | ParsedKey[] | Error = utils.parseKey(withoutPkcs8(privateKey, passphrase), passphrase);
    return (Array.isArray(parsed) ? parsed[0] : parsed) ?? new Error("no key");
  } catch (error) {
    return error instanceof Error ? error : new Error("no key");
  }
}
