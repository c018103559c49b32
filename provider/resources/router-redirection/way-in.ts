import type { OperationContext } from "../../core/context";
import { UNKNOWN } from "../../core/unknown";
import type { InputFailure } from "../../core/validate";
import { HOST_KEY_FORM, parseHostKey } from "../../ssh/host-key";
import { holdsKnownHosts, KNOWN_HOSTS_FORM } from "../../ssh/known-hosts";
import { warnUnverified } from "../unverified";
import type { RouterRedirectionChecked } from "./schema";

type Connection = Exclude<RouterRedirectionChecked["router"], typeof UNKNOWN>;

/** What is wrong with a connection beyond its single values; what will be refused later is warned of. */
export function wayInProblems(path: string, connection: Connection, context: OperationContext): InputFailure[] {
  warnUnverified(context, path, connection);
  if (connection.password === undefined && connection.privateKey === undefined) {
    return [{ path, reason: `${path}: it has neither password nor privateKey; give one of them` }];
  }
  return trustProblems(path, connection, context);
}

function trustProblems(path: string, connection: Connection, context: OperationContext): InputFailure[] {
  const { hostKey, knownHosts } = connection;
  if (hostKey !== undefined && knownHosts !== undefined) {
    return [{ path, reason: `${path}: it has both hostKey and knownHosts; give one of them` }];
  }
  if (hostKey === undefined && knownHosts === undefined && connection.insecureSkipVerify === false) {
    context.log.warn(
      `${path}.hostKey is missing: ${String(connection.address)} will be refused, and the refusal shows the key it has`,
    );
  }
  const failures: InputFailure[] = [];
  if (typeof hostKey === "string" && !parseHostKey(hostKey)) {
    const reason = `Invalid value for ${path}.hostKey. Allowed values are: ${HOST_KEY_FORM}.`;
    failures.push({ path: `${path}.hostKey`, reason });
  }
  if (typeof knownHosts === "string" && !holdsKnownHosts(knownHosts)) {
    const reason = `Invalid value for ${path}.knownHosts. Allowed values are: ${KNOWN_HOSTS_FORM}.`;
    failures.push({ path: `${path}.knownHosts`, reason });
  }
  return failures;
}
