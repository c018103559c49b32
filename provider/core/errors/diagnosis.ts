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
  SG2511: {
    kind: "state",
    title: "port closed on the appliance",
    cause: "nothing listens on a port of an appliance that another part of the site must reach",
    remedy:
      "for tcp 8649, enable Basic Settings > Local Services > Cluster interface on the node; for the web interface, enable the login of administrators on that address",
  },
  SG2512: {
    kind: "access",
    title: "firewall in between",
    cause: "the connections of one part of the site to a port of another are dropped or refused on the way",
    remedy: "allow the port on the firewall between the two: tcp 8649 in both directions, and tcp 443 from SPS to SPP",
  },
  SG2513: {
    kind: "access",
    title: "route ends on the way",
    cause: "packets do not get as far as the appliance",
    remedy: "check the routes and filters of the last hop that answers, and of the next one",
  },
  SG2514: {
    kind: "access",
    title: "large packets get lost",
    cause: "the path carries smaller packets than its ends send, and the sender is not told",
    remedy:
      "allow ICMP type 3 code 4 (fragmentation needed) on the firewalls in between, or lower the MTU at both ends",
  },
  SG2515: {
    kind: "identity",
    title: "another certificate than the appliance's own",
    cause: "a part of the site sees another certificate than the appliance uses, or than another part sees there",
    remedy: "check for a proxy or an inspecting firewall in between, and exempt the appliances from it",
  },
  SG2516: {
    kind: "state",
    title: "name leads to different addresses",
    cause: "the name of an appliance has other addresses for one part of the site than for another",
    remedy: "correct the DNS records, or use the address instead of the name",
  },
} as const satisfies ErrorEntries;
