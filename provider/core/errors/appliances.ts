import type { ErrorEntries } from "./entry";

/** Connections to SPS and SPP, their logins, and answers of SPS. */
export const APPLIANCE_ERRORS = {
  SG1001: {
    kind: "input",
    title: "credential not found",
    cause: "an environment variable or a file that should hold a credential is missing, unreadable or empty",
    remedy: "set the variable or write the file where the Pulumi program runs",
  },
  SG1010: {
    kind: "access",
    title: "appliance unreachable",
    cause: "no connection to the appliance could be opened, or its name has no usable address",
    remedy: "correct address or port of the connection, or let this machine through the firewall",
  },
  SG1011: {
    kind: "identity",
    title: "certificate not trusted",
    cause:
      "the certificate of the appliance is not issued by a trusted authority, is not the pinned one, or does not name the address",
    remedy: "correct address, ca or certificateSha256 of the connection; nothing was sent",
  },
  SG1012: {
    kind: "access",
    title: "not the expected appliance",
    cause: "a server answers at that address, but not as the appliance should",
    remedy: "correct address and port of the connection",
  },
  SG1013: {
    kind: "login",
    title: "login to SPS refused",
    cause: "SPS refused the username or the password, or the user may not use the REST API",
    remedy: "correct username or password, and give the user the REST server privilege",
  },
  SG1014: {
    kind: "permission",
    title: "SPS account lacks a right",
    cause: "the SPS user may not read or change what the resource needs",
    remedy: "give the user read and write/perform on Basic Settings > Cluster management",
  },
  SG1015: {
    kind: "refused",
    title: "SPS refused a request",
    cause: "SPS answered a request with an error",
    remedy: "fix the problem that the answer names; after an answer of 500 or more check load and log of the node",
  },
  SG1016: {
    kind: "outcome",
    title: "answer to a change lost",
    cause: "the connection broke after a change was sent and before its answer, so its outcome is unknown",
    remedy: "run the command again: it reads the appliance before it sends anything",
  },
  SG1017: {
    kind: "access",
    title: "connection broken",
    cause: "the connection broke while an appliance was being read",
    remedy: "check the load of the appliance, and proxies and firewalls in between; nothing was changed",
  },
  SG1018: {
    kind: "access",
    title: "answer beyond its limits",
    cause: "a server answers at that address with more data than an appliance ever does",
    remedy: "correct address and port of the connection, and check proxies in between; nothing was changed",
  },
  SG1019: {
    kind: "busy",
    title: "another support bundle in the way",
    cause: "the appliance makes one support bundle at a time, SPS keeps only one, and another one is there",
    remedy: "wait until it is downloaded or removed, then run the command again",
  },
  SG1020: {
    kind: "timeout",
    title: "support bundle not ready in time",
    cause: "the appliance did not finish its support bundle within the limit",
    remedy: "run the command again with a higher --minutes, or collect the bundle on the appliance's web page",
  },
  SG1021: {
    kind: "access",
    title: "support bundle damaged",
    cause: "what the appliance sent as support bundle is no complete archive",
    remedy: "run the command again, and check proxies in between",
  },
} as const satisfies ErrorEntries;
