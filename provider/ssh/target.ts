/** An SSH server to log in to, with credentials already resolved. */
export interface SshServerLogin {
  address: string;
  port: number;
  username: string;
  password?: string;
  privateKey?: string;
  /** Opens the private key where it is encrypted. */
  passphrase?: string;
  /** Path of the socket of an SSH agent whose keys may log in. */
  agentSocket?: string;
  /** The only host key to accept, as a line. Without it and `knownHosts`, nobody is trusted unless `insecureSkipVerify`. */
  hostKey?: string;
  /** The host keys to accept, as the text of a known_hosts file. */
  knownHosts?: string;
  insecureSkipVerify: boolean;
}

/** Whom to log in to, and by which way. */
export interface SshTarget extends SshServerLogin {
  /** Limit for reaching the server and logging in, in seconds. */
  dialLimitSeconds: number;
  /** The host that the connection is led through. */
  jumpHost?: SshServerLogin;
}

export type SshFailureKind =
  | "unreachable"
  | "unknown-host-key"
  | "wrong-host-key"
  | "revoked-host-key"
  | "login-refused"
  | "unusable-private-key"
  | "unusable-agent"
  | "forwarding-refused"
  | "connection-lost";

export interface SshFailureDetails extends ErrorOptions {
  /** The key the server presented, where its key is the reason, as the line that would make it known. */
  presented?: string;
  /** True when the server ended the connection before it said who it is, as one that has too many logins under way. */
  isDropped?: boolean;
}

/** Why there is no connection. */
export class SshFailure extends Error {
  readonly presented: string | undefined;
  readonly isDropped: boolean;
  /** True when it is the jump host that cannot be used, and not the server behind it. */
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

  /** The same failure, told of the jump host. */
  ofJumpHost(): SshFailure {
    const { kind, message, presented, isDropped } = this;
    const details = { cause: this, isDropped, ...(presented !== undefined && { presented }) };
    const failure = new SshFailure(kind, message, details);
    failure.isOfJumpHost = true;
    return failure;
  }
}
