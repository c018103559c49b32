import type { Mismatch } from "../algorithms";
import { SshFailure, type SshServerLogin } from "../target";
import { type HostKey, hostKeyAlgorithms, hostKeyLine, isSameHostKey, parseHostKey } from "./host-key";
import { type KnownKeys, knownKeys, nameOf } from "./known-hosts";

/** Decides which host keys of one server are accepted, and explains why another one is not. */
export class HostKeyPolicy {
  private readonly known: KnownKeys;

  constructor(private readonly server: SshServerLogin) {
    const { hostKey, knownHosts, address, port } = server;
    const pinned = hostKey === undefined ? undefined : parseHostKey(hostKey);
    this.known =
      hostKey === undefined && knownHosts !== undefined
        ? knownKeys(knownHosts, address, port)
        : { trusted: pinned ? [pinned] : [], revoked: [], hasAuthority: false };
  }

  /** Whether a key is accepted. */
  accepts(key: HostKey): boolean {
    if (this.server.insecureSkipVerify) return true;
    return holds(this.known.trusted, key) && !holds(this.known.revoked, key);
  }

  /** The signature algorithms to request, so that the server presents a known key; undefined for any. */
  get algorithms(): string[] | undefined {
    const { trusted } = this.known;
    if (this.server.insecureSkipVerify || trusted.length === 0) return undefined;
    return [...new Set(trusted.flatMap(hostKeyAlgorithms))];
  }

  /** The failure for a server that has no algorithm in common with this program, or no host key of a known type. */
  mismatch({ name, option, offered, ours }: Mismatch, cause: Error): SshFailure {
    if (option === "HostKeyAlgorithms" && this.algorithms) {
      const type = this.server.hostKey === undefined ? "a known type" : "the pinned type";
      return new SshFailure("wrong-host-key", `the server has no host key of ${type}; it offers ${offered}`, { cause });
    }
    const text = `the server has no ${name} in common with this program: it offers ${offered} (${option}); this program has ${ours}`;
    return new SshFailure("no-common-algorithm", text, { cause });
  }

  /** The failure for a key that is not accepted. */
  refusal(presented: HostKey, cause: Error): SshFailure {
    const { trusted, revoked, hasAuthority } = this.known;
    const isPinned = this.server.hostKey !== undefined;
    const details = { presented: this.lineOf(presented), cause };
    if (holds(revoked, presented)) return new SshFailure("revoked-host-key", "its host key is revoked", details);
    if (isPinned) return new SshFailure("wrong-host-key", "its host key is not the pinned one", details);
    if (trusted.length > 0) return new SshFailure("wrong-host-key", "its host key is not a known one", details);
    const said = hasAuthority
      ? "its host key is not known (known hosts name only a certificate authority for it, and certificates are not supported)"
      : "its host key is not known";
    return new SshFailure("unknown-host-key", said, details);
  }

  /** The key as a line for `hostKey` or `knownHosts`. */
  private lineOf(key: HostKey): string {
    const { hostKey, knownHosts, address, port } = this.server;
    const line = hostKeyLine(key);
    return hostKey === undefined && knownHosts !== undefined ? `${nameOf(address, port)} ${line}` : line;
  }
}

function holds(keys: readonly HostKey[], key: HostKey): boolean {
  return keys.some((other) => isSameHostKey(other, key));
}
