import { utils } from "ssh2";

/** A public host key: its type and the key itself in base64. */
export interface HostKey {
  type: string;
  base64: string;
}

/** Signature algorithms by key type, to request the pinned key from a server that has several. */
const ALGORITHMS: Record<string, readonly string[]> = {
  "ssh-ed25519": ["ssh-ed25519"],
  "ecdsa-sha2-nistp256": ["ecdsa-sha2-nistp256"],
  "ecdsa-sha2-nistp384": ["ecdsa-sha2-nistp384"],
  "ecdsa-sha2-nistp521": ["ecdsa-sha2-nistp521"],
  "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"],
};

/** The form of a host key, for messages. */
export const HOST_KEY_FORM = `a public host key in one line, such as "ssh-ed25519 AAAA…" (types: ${Object.keys(ALGORITHMS).join(", ")})`;

/**
 * Reads `ssh-ed25519 AAAA… comment`, also with host names in front as in a known_hosts file. Undefined when the line
 * holds no whole key of a known type.
 */
export function parseHostKey(line: string): HostKey | undefined {
  const words = line.trim().split(/\s+/);
  const at = words.findIndex((word) => Object.hasOwn(ALGORITHMS, word));
  const type = words[at];
  const base64 = words[at + 1];
  if (at < 0 || at > 1 || type === undefined || base64 === undefined) return undefined;
  const isWhole = !(utils.parseKey(`${type} ${base64}`) instanceof Error);
  return isWhole && typeOf(Buffer.from(base64, "base64")) === type ? { type, base64 } : undefined;
}

/** The key a server presented, from its wire form (RFC 4253 §6.6). */
export function presentedHostKey(blob: Buffer): HostKey {
  return { type: typeOf(blob) ?? "unknown", base64: blob.toString("base64") };
}

/** The line to put into `hostKey`. */
export function hostKeyLine(key: HostKey): string {
  return `${key.type} ${key.base64}`;
}

/** Whether two keys are the same key. */
export function isSameHostKey(left: HostKey, right: HostKey): boolean {
  return left.type === right.type && left.base64 === right.base64;
}

/** The signature algorithms that make a server present a key of this type. */
export function hostKeyAlgorithms(key: HostKey): readonly string[] {
  return ALGORITHMS[key.type] ?? [];
}

function typeOf(blob: Buffer): string | undefined {
  if (blob.length < 4) return undefined;
  const length = blob.readUInt32BE(0);
  return length <= blob.length - 4 ? blob.toString("latin1", 4, 4 + length) : undefined;
}
