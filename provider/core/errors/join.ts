import type { ErrorEntries } from "./entry";

/** Failures of the join request, as SPS reports them (SPS Administration Guide, SPP join error resolutions). */
export const JOIN_REQUEST_ERRORS = {
  SG2101: {
    kind: "input",
    title: "certificate mismatch",
    cause: "the certificate of SPP does not name the address SPS was given",
    remedy: "set spp.address to a name or address in SPP's certificate",
    retryAfterSeconds: 300,
    symptom:
      "SPS answers `JoinFailed`, and `details.response` is text with `CertificateError` or a host name that does not match.",
  },
  SG2102: {
    kind: "identity",
    title: "certificate untrusted",
    cause: "SPS does not trust the certificate of SPP",
    remedy: "assign SPP a certificate and install all its issuers on SPP, so that SPS receives the whole chain",
    retryAfterSeconds: 300,
    symptom:
      "SPS answers `JoinFailed`, and `details.response` is text with `SSLError` or a failed certificate verification.",
  },
  SG2103: {
    kind: "conflict",
    title: "already linked",
    cause: "SPP already knows this SPS node id, perhaps only as a disconnected entry",
    remedy:
      "open Appliance Management > Cluster > Session Appliances on SPP, remove the stale entry, then run pulumi up again",
    symptom: "SPS answers `JoinFailed`; SPP answered it 400 with code 60657.",
  },
  SG2104: {
    kind: "timeout",
    title: "over five minutes",
    cause: "the handshake took more than five minutes",
    remedy: "check the load of both appliances, wait five minutes, then run pulumi up again",
    retryAfterSeconds: 300,
    symptom:
      "SPP answered `/service/a2a/v2/PsmValidation` 403 with code 60108, or its untrusted entry for the node went again.",
  },
  SG2105: {
    kind: "permission",
    title: "permissions missing",
    cause: "the SPP account lacks the Appliance or Operations permission",
    remedy: "give the account of spp.username both permissions",
    symptom: "SPS answers `JoinFailed`; SPP answered `Cluster/SessionModules` 403 with code 60108.",
  },
  SG2106: {
    kind: "input",
    title: "join to a replica",
    cause: "the SPP appliance is a replica; only the primary can be joined",
    remedy: "point spp.address at the primary",
    symptom: "SPS answers `JoinFailed`; SPP answered 403 with code 60418.",
  },
  SG2107: {
    kind: "access",
    title: "SPP unreachable from SPS",
    cause: "SPS cannot reach SPP",
    remedy: "check spp.address as seen from SPS, and that tcp 443 from SPS to SPP is open, then run pulumi up again",
    retryAfterSeconds: 300,
    symptom: "SPS answers `JoinFailed`, and `details.response` is text about a connection that failed.",
  },
  SG2199: {
    kind: "refused",
    title: "join failed otherwise",
    cause: "SPS reports that the join failed",
    remedy: "open Basic Settings > Troubleshooting > View log files on SPS, log type syslog, and filter for SPP-join",
    retryAfterSeconds: 300,
    symptom: "SPS answers `JoinFailed` in a form that is not documented.",
  },
} as const satisfies ErrorEntries;

/** What keeps a join from being made, verified or removed. */
export const JOIN_ERRORS = {
  SG2110: {
    kind: "input",
    title: "not the Central Management node",
    cause: "sps.address leads to a node that is not the Central Management node, and only that node can be joined",
    remedy: "point sps.address at the Central Management node, or create the cluster first (SpsCluster)",
  },
  SG2111: {
    kind: "input",
    title: "another cluster",
    cause: "sps.address leads to another node or cluster than the program names or the state records",
    remedy: "point sps.address at the Central Management node of that cluster, or correct clusterId",
  },
  SG2112: {
    kind: "outcome",
    title: "outcome of the join request unknown",
    cause: "the answer to the join request was lost, and SPP lists no entry for the node",
    remedy:
      "run pulumi up again: it asks SPP first, and sends a request only if there is no entry and five minutes have passed",
    retryAfterSeconds: 300,
  },
  SG2113: {
    kind: "busy",
    title: "cluster operation on SPP",
    cause: "SPP runs another cluster operation, and it runs only one at a time",
    remedy: "let the operation end (Appliance Management > Cluster), then run pulumi up again",
  },
  SG2114: {
    kind: "timeout",
    title: "node not trusted in time",
    cause: "SPP lists the node and did not trust it within the limit",
    remedy: "check the load of both appliances, wait five minutes, then run pulumi up again",
    retryAfterSeconds: 300,
  },
  SG2115: {
    kind: "timeout",
    title: "objects of the join not made in time",
    cause: "SPS did not make all its safeguard_default objects within the limit",
    remedy: "check the log of SPS (filter SPP-join), then run pulumi up again",
  },
  SG2117: {
    kind: "input",
    title: "join not acknowledged",
    cause: "the join cannot be undone, and the program does not acknowledge it by naming both appliances",
    remedy: "set acknowledge to the addresses of both appliances; nothing was sent",
  },
  SG2118: {
    kind: "refused",
    title: "join not deleted",
    cause: "the join cannot be undone over the appliances' APIs, so deleting the resource is refused",
    remedy:
      'to drop only the record, set onDelete: "forget" and protect: false; to disconnect the node on SPP, set onDelete: "unlink", disconnects: true in acknowledge, and protect: false; run pulumi up, then delete; after a rename, drop the old record with `pulumi state delete`',
  },
  SG2119: {
    kind: "state",
    title: "preflight not passed",
    cause: "a check before the join request failed, or could not be made",
    remedy: "fix the cause, then run pulumi up again; nothing was sent",
  },
  SG2120: {
    kind: "timeout",
    title: "SPP backup not finished",
    cause: "the backup of SPP was not complete within the limit, or disappeared",
    remedy:
      'open Appliance Management > Backup and Retention, raise timeouts.backupSeconds, or set backups.spp to "skip"',
  },
  SG2121: {
    kind: "input",
    title: "another SPP",
    cause: "spp.address leads to another SPP cluster than the one the node is joined to",
    remedy:
      'keep spp.address on that cluster; to leave it for another SPP, set onDelete: "unlink", run pulumi up, delete the resource, then declare the new join as a resource of its own',
  },
  SG2122: {
    kind: "timeout",
    title: "node not disconnected in time",
    cause: "SPP still shows the node as linked at the limit",
    remedy: "open Appliance Management > Cluster > Session Appliances on SPP, then run pulumi up again",
  },
  SG2123: {
    kind: "timeout",
    title: "members not synchronized after the join",
    cause: "the join is done, and a member of the cluster did not take over the new configuration within the limit",
    remedy: "the join is done; check the member and its network, then run pulumi up again",
  },
  SG2124: {
    kind: "outcome",
    title: "join changed while it was verified",
    cause: "every step of the join succeeded, but the last read found it broken",
    remedy: "find out who changes the appliances at the same time, then run pulumi up again",
  },
  SG2125: {
    kind: "state",
    title: "joined node not recorded",
    cause: "the state does not say which node was joined, so none can be disconnected",
    remedy: 'run pulumi refresh, then delete; to drop only the record, set onDelete: "forget" and run pulumi up before',
  },
  SG2126: {
    kind: "outcome",
    title: "answer of SPP to SPS lost",
    cause: "SPP has accepted the join, and SPS did not get the answer, so the handshake cannot be completed",
    remedy: "wait five minutes until SPP drops its entry, then run pulumi up again, which sends a new request",
    retryAfterSeconds: 300,
  },
} as const satisfies ErrorEntries;
