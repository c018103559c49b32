import type { ErrorEntries } from "./entry";

/** What SPP answers. */
export const SPP_ERRORS = {
  SG2001: {
    kind: "login",
    title: "login to SPP refused",
    cause: "SPP refused the username or the password",
    remedy:
      "correct username or password, and set identityProvider for a user of a directory; five wrong ones lock the account for 15 minutes",
  },
  SG2002: {
    kind: "login",
    title: "SPP account needs a second factor",
    cause: "the SPP account cannot log in without a second factor, which a program cannot give",
    remedy: "use an account for unattended programs, without a second factor",
  },
  SG2003: {
    kind: "login",
    title: "too many logins to SPP",
    cause: "SPP refuses more logins of this account for some minutes",
    remedy: "wait some minutes, then run the command again",
  },
  SG2004: {
    kind: "access",
    title: "not an SPP appliance",
    cause: "a server answers at that address, and it is not an SPP appliance",
    remedy: "correct address and port; SPP answers at /service/notification/v4/Status",
  },
  SG2005: {
    kind: "state",
    title: "SPP unavailable",
    cause: "SPP is not online, is in maintenance, or answered with a server error",
    remedy: "check the state of the appliance, then run the command again",
  },
  SG2006: {
    kind: "permission",
    title: "SPP account lacks a permission",
    cause: "the SPP account may not read or change what the resource needs",
    remedy: "give it the Appliance and Operations permissions",
  },
  SG2007: {
    kind: "input",
    title: "SPP replica",
    cause: "the SPP appliance is a replica, and only the primary accepts changes",
    remedy: "point spp.address at the primary",
  },
  SG2008: {
    kind: "refused",
    title: "SPP refused a request",
    cause: "SPP answered a request with an error",
    remedy: "fix the problem that the answer names",
  },
  SG2009: {
    kind: "access",
    title: "SPP session expired",
    cause: "SPP no longer accepts the token of this run",
    remedy: "run the command again",
  },
  SG2010: {
    kind: "state",
    title: "SPP has no TLS certificate",
    cause: "no TLS certificate is assigned to the SPP appliance",
    remedy: "assign one at Appliance Management > Certificates > SSL/TLS Certificates",
  },
  SG2011: {
    kind: "input",
    title: "certificate names another SPP address",
    cause: "the certificate of SPP does not name spp.address, so SPS would refuse the join",
    remedy: "set spp.address to a name of the certificate, or give SPP a certificate that names its address",
  },
  SG2012: {
    kind: "input",
    title: "unknown identity provider",
    cause: "SPP has no identity provider of that name, or several that match",
    remedy: "set spp.identityProvider to the name of one of them",
  },
  SG2401: {
    kind: "refused",
    title: "SPP does not test the port",
    cause: "the network diagnostics of SPP are missing or refused to test a port of SPS",
    remedy: "test the port on SPP at Appliance Management > Appliance > Network Diagnostics",
  },
} as const satisfies ErrorEntries;
