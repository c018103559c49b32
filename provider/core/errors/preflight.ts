import type { ErrorEntries } from "./entry";

/** What the preflight of a join finds. */
export const PREFLIGHT_ERRORS = {
  SG2201: {
    kind: "state",
    title: "SPS not set up",
    cause: "the welcome wizard of the node is not completed",
    remedy: "complete the welcome wizard of the node first",
  },
  SG2202: {
    kind: "state",
    title: "no recording node",
    cause: "no node of the cluster has the role search-local or search-minion, so none can record",
    remedy: "give the Central Management node the role search-local, or add a node that records",
  },
  SG2203: {
    kind: "state",
    title: "incomplete cluster member",
    cause: "a node of the cluster has no search role or reports no status",
    remedy: "complete the cluster first (SpsCluster): nodes added after the join cause problems",
  },
  SG2204: {
    kind: "state",
    title: "cluster not synchronized",
    cause: "a member of the cluster is not a managed host, is out of sync, reports errors or stopped reporting",
    remedy:
      "wait until the members have applied the configuration, or fix the issues at Basic Settings > Cluster management",
  },
  SG2205: {
    kind: "conflict",
    title: "names of the join taken",
    cause: "objects named safeguard_default exist on SPS and were not created by a join; the join would overwrite them",
    remedy: "rename or remove them on SPS, or acknowledge that they are overwritten",
  },
  SG2206: {
    kind: "state",
    title: "no backup policy on SPS",
    cause: "SPS has no system backup policy, and the join cannot be undone",
    remedy: 'set one at Basic Settings > Management > System backup, or set backups.sps to "skip"',
  },
  SG2207: {
    kind: "state",
    title: "SPP certificate unreadable",
    cause: "the certificate that is assigned to SPP cannot be read",
    remedy: "assign SPP another certificate",
  },
  SG2208: {
    kind: "state",
    title: "SPP certificate expired",
    cause: "the certificate that is assigned to SPP has expired",
    remedy: "assign SPP a new certificate",
  },
  SG2209: {
    kind: "state",
    title: "no recent SPP backup",
    cause: "SPP has no finished backup of the last seven days, and the join cannot be undone",
    remedy: 'make one at Appliance Management > Backup and Retention, or set backups.spp to "take" or "skip"',
  },
  SG2210: {
    kind: "state",
    title: "different versions of SPS and SPP",
    cause: "SPS and SPP must run the same version",
    remedy: "upgrade the older one first",
  },
  SG2211: {
    kind: "input",
    title: "no IPv4 address",
    cause: "an appliance has only IPv6 addresses, and the join needs IPv4",
    remedy: "use an IPv4 address, or a name that has one",
  },
  SG2212: {
    kind: "conflict",
    title: "joined on one side only",
    cause: "one appliance shows the join, and the other does not",
    remedy: "remove the entry on SPP, wait five minutes, then run pulumi up again",
    retryAfterSeconds: 300,
  },
  SG2213: {
    kind: "conflict",
    title: "entry of another node",
    cause: "SPP has an entry for the address of SPS with another node id, as when SPS was reinstalled",
    remedy: "remove that entry on SPP if it is no longer needed",
  },
  SG2214: {
    kind: "conflict",
    title: "joined to another SPP",
    cause: "SPS has the objects of a join, and this SPP does not know the node",
    remedy:
      "point spp.address at the SPP it is joined to; if that SPP is gone for good, remove the objects on SPS, then run pulumi up again",
  },
  SG2215: {
    kind: "busy",
    title: "recent unfinished join",
    cause: "a join was begun less than five minutes ago and not finished; it blocks the next one for that long",
    remedy: "wait five minutes, then run pulumi up again; nothing was sent",
    retryAfterSeconds: 300,
  },
} as const satisfies ErrorEntries;
