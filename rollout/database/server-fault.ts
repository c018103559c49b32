/** A server that refused what a command began with, or whose certificate was refused. */
export class ServerRefusal extends Error {
  constructor(server: string, cause: Error & { code?: string }) {
    super(`database ${server}: ${cause.message.trim()}; ${remedyOf(cause)}`, { cause });
  }
}

/** Codes of PostgreSQL (Appendix A of its manual) and of Node's TLS, and words of the driver where it gives no code. */
const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/^28|client password must be/, "check user and password in the URL, or set PGPASSWORD"],
  [/^3D000$/, "create the database, or correct its name in the URL"],
  [/^42501$/, "let its user create schemas in the database: GRANT CREATE ON DATABASE … TO …"],
  [/^53300$/, "end other clients, or raise max_connections"],
  [/does not support SSL/, "turn TLS on at the server, or remove sslmode from the URL"],
  [/CERT|VERIFY|SIGNATURE|ALTNAME/, "add sslrootcert=FILE with the certificate of its authority to the URL"],
];

function remedyOf({ code = "", message }: Error & { code?: string }): string {
  const found = REMEDIES.find(([pattern]) => pattern.test(code) || pattern.test(message));
  return found?.[1] ?? "check the URL and the log of the server";
}
