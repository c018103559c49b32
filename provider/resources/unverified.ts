import type { OperationContext } from "../core/context";
import { UNKNOWN, type Unknown } from "../core/unknown";

/** Warns, in every preview and update, about a connection whose other end is not asked to prove who it is. */
export function warnUnverified(
  context: OperationContext,
  path: string,
  connection: { address: string | Unknown; insecureSkipVerify: boolean | Unknown } | Unknown,
): void {
  if (connection === UNKNOWN || connection.insecureSkipVerify !== true) return;
  context.log.warn(
    `${path}.insecureSkipVerify is true: ${String(connection.address)} does not have to prove its identity; anyone in between can read the credentials`,
  );
}
