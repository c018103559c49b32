/** An SSH server to log in to, with credentials already resolved. */
export interface SshServerLogin {
  address: string;
  port: number;
  username: string;
  password?: string;
  privateKey?: string;
  /** Decrypts the private key. */
  passphrase?: string;
  /** Path of the socket of an SSH agent to log in with. */
  agentSocket?: string;
  /** The public key, fingerprint or comment of the agent's only key to offer. Without it, all of them are offered. */
  agentKey?: string;
  /** The only host key to accept, as a line. Without it and `knownHosts`, no server is trusted unless `insecureSkipVerify`. */
  hostKey?: string;
  /** The host keys to accept, as the text of a known_hosts file. */
  knownHosts?: string;
  insecureSkipVerify: boolean;
}

/** The server to log in to, and the jump host in front of it. */
export interface SshTarget extends SshServerLogin {
  /** Limit of connection and login together, in seconds. */
  dialLimitSeconds: number;
  /** The host that forwards the connection. */
  jumpHost?: SshServerLogin;
}

export type SshFailureKind =
  | "unreachable"
  | "no-common-algorithm"
  | "unknown-host-key"
  | "wrong-host-key"
  | "revoked-host-key"
  | "login-refused"
  | "unusable-private-key"
  | "unusable-agent"
  | "forwarding-refused"
  | "connection-lost";

export interface SshFailureDetails extends ErrorOptions {
  /** The host key that was not accepted, as a line for `hostKey` or `knownHosts`. */
  presented?: string;
  /** True when the server closed the connection before it identified itself, as a busy server does. */
  isDropped?: boolean;
}

/** The reason why there is no connection. */
export class SshFailure extends Error {
  readonly presented: string | undefined;
  readonly isDropped: boolean;
  /** True when the jump host failed and not the server behind it. */
  isOfJumpHost = false;

  constructor(
    readonly kind: SshFailureKind,
    message: string,
    details: SshFailureDetails = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "SshFailure";
    this.presented = details.presented;
    this.isDropped = details.isDropped ?? false;
  }

  /** The same failure, attributed to the jump host. */
  ofJumpHost(): SshFailure {
    const { kind, message, presented, isDropped } = this;
    const details = { cause: this, isDropped, ...(presented !== undefined && { presented }) };
    const failure = new SshFailure(kind, message, details);
    failure.isOfJumpHost = true;
    return failure;
  }
}
