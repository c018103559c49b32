import type { ErrorEntries } from "./entry";

/** What the diagnosis of a site finds beyond what other codes name. */
export const DIAGNOSIS_ERRORS = {
  SG2501: {
    kind: "state",
    title: "not joined",
    cause: "SPP has no connected entry of the SPS cluster",
    remedy: "run pulumi up for the site, or join SPS to SPP",
  },
  SG2502: {
    kind: "state",
    title: "SPP knows the node by another address",
    cause: "the entry of the node on SPP has an address that the node no longer has",
    remedy: "run pulumi up for the site: SppJoin removes the join and re-creates it",
  },
  SG2503: {
    kind: "state",
    title: "certificate expires soon",
    cause: "the certificate of an appliance expires within 30 days",
    remedy: "assign the appliance a new certificate before that day",
  },
  SG2504: {
    kind: "state",
    title: "redirection out of sync",
    cause: "the router lacks rules of a redirection, or has others in their place",
    remedy: "run pulumi up --refresh for the site",
  },
  SG2505: {
    kind: "access",
    title: "router does not reach SPS",
    cause: "the router does not route redirected packets to SPS, or SPS does not answer it",
    remedy: "check the interface of SPS, the network in between, and that SPS has a connection policy for the port",
  },
  SG2506: {
    kind: "state",
    title: "selected traffic not sent to SPS",
    cause: "connections match a redirection, but the router sends none of their packets to SPS",
    remedy: "run pulumi up --refresh for the site, and check rules of other programs on the router",
  },
} as const satisfies ErrorEntries;
