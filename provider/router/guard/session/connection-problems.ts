import type { z } from "zod";
import { KNOWN_HOSTS_FORM, type routerConnection } from "../../../core/connection";
import type { Note } from "../../../core/note";
import { UNKNOWN } from "../../../core/unknown";
import { unverifiedText } from "../../../core/unverified";
import type { InputFailure } from "../../../core/validate";
import { HOST_KEY_FORM, parseHostKey } from "../../../ssh/host-keys/host-key";
import { holdsKnownHosts } from "../../../ssh/host-keys/known-hosts";
import type { Findings } from "../../platform";

type Router = z.output<typeof routerConnection>;
type Server = Exclude<NonNullable<Router["jumpHost"]>, typeof UNKNOWN>;

/** Errors and warnings about an SSH connection that its schema cannot express. */
export function connectionProblems(router: Router): Findings {
  const { jumpHost } = router;
  const servers = [{ path: "router", server: router as Server }];
  if (jumpHost !== undefined && jumpHost !== UNKNOWN) servers.push({ path: "router.jumpHost", server: jumpHost });
  return {
    failures: servers.flatMap(({ path, server }) => trustProblems(path, server)),
    notes: servers.flatMap(({ path, server }) => trustNotes(path, server)),
  };
}

/** The beginning of a public key, which a comment hardly has. */
const PUBLIC_KEY_BEGIN = /^(ssh|ecdsa|sk-ssh|sk-ecdsa)-\S+ /;

function trustProblems(path: string, { hostKey, knownHosts, agentKey }: Server): InputFailure[] {
  const invalid = (property: string, allowed: string): InputFailure => ({
    path: `${path}.${property}`,
    reason: `Invalid value for ${path}.${property}. Allowed values are: ${allowed}.`,
  });
  return [
    ...(typeof hostKey === "string" && !parseHostKey(hostKey) ? [invalid("hostKey", HOST_KEY_FORM)] : []),
    ...(typeof knownHosts === "string" && !holdsKnownHosts(knownHosts)
      ? [invalid("knownHosts", KNOWN_HOSTS_FORM)]
      : []),
    ...(typeof agentKey === "string" && PUBLIC_KEY_BEGIN.test(agentKey) && !parseHostKey(agentKey)
      ? [invalid("agentKey", `${HOST_KEY_FORM}, a fingerprint "SHA256:…", or a comment`)]
      : []),
  ];
}

function trustNotes(path: string, server: Server): Note[] {
  const { address, hostKey, knownHosts, knownHostsFile, insecureSkipVerify } = server;
  if (insecureSkipVerify === true) return [{ severity: "warning", text: unverifiedText(path, address) }];
  const isTrusted = [hostKey, knownHosts, knownHostsFile].some((value) => value !== undefined);
  if (isTrusted || insecureSkipVerify === UNKNOWN) return [];
  const text = `${path}.hostKey is missing: the connection to ${String(address)} will be refused with the key it presents`;
  return [{ severity: "warning", text }];
}
