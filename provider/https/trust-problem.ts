/** What an untrusted certificate lacks, and the remedy. */
export interface TrustProblem {
  cause: string;
  /** An order; `prefix` goes before the properties of the connection, for example `sps.`. */
  remedy(prefix?: string): string;
}

/** What is known of an untrusted chain of certificates. */
export interface UntrustedChain {
  /** Name of the issuer at which the chain ends, as far as it is known. */
  lastIssuer: string | undefined;
  /** Whether `ca` was given, or the system's authorities were used. */
  hasCa: boolean;
  /** Whether `ca` holds the appliance's own certificate. */
  isOwnInCa: boolean;
}

/** The problem of a certificate that is not the pinned one. */
export const pinProblem = (sha256: string): TrustProblem => ({
  cause: `its certificate is ${sha256}, not the pinned one`,
  remedy: () => "find out why it changed; if it was renewed, pin the new one",
});

/** Nothing is known of the chain. */
export const UNKNOWN_CHAIN: UntrustedChain = { lastIssuer: undefined, hasCa: true, isOwnInCa: false };

/** The problem behind OpenSSL's code for a chain that ends at nothing trusted; undefined for other codes. */
export function trustProblem(code: string, { lastIssuer, hasCa, isOwnInCa }: UntrustedChain): TrustProblem | undefined {
  const issuer = `"${lastIssuer ?? "unknown"}"`;
  const missing = hasCa ? "is not in ca" : "is not trusted by this system";
  const which = hasCa ? "which is not in ca" : "which this system does not trust";
  const add = (prefix: string) =>
    hasCa ? `add the certificate of ${issuer} to ${prefix}ca` : `set ${prefix}ca to the certificate of ${issuer}`;
  const pin = (prefix: string) => `or pin the certificate of the appliance with ${prefix}certificateSha256`;
  switch (code) {
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
      return {
        cause: "its certificate is self-signed and not trusted here",
        remedy: (prefix = "") => `compare it with the one on the appliance and set ${prefix}ca to it, ${pin(prefix)}`,
      };
    case "SELF_SIGNED_CERT_IN_CHAIN":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
      return {
        cause: `its certificate was issued by the authority ${issuer}, ${which}`,
        remedy: (prefix = "") => `${add(prefix)}, ${pin(prefix)}`,
      };
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
      if (isOwnInCa) {
        return {
          cause: `ca holds the appliance's own certificate and not that of its issuer ${issuer}`,
          remedy: (prefix = "") => `set ${prefix}ca to the certificate of ${issuer}, ${pin(prefix)}`,
        };
      }
      return {
        cause: `it sends no certificate but its own, whose issuer ${issuer} ${missing}`,
        remedy: (prefix = "") => `install the intermediate certificate ${issuer} on the appliance, or ${add(prefix)}`,
      };
    case "UNABLE_TO_GET_ISSUER_CERT":
      return {
        cause: `an intermediate certificate is trusted here, but not its issuer ${issuer}`,
        remedy: (prefix = "") => `add the certificate of ${issuer} to ${prefix}ca, up to the root`,
      };
    default:
      return undefined;
  }
}
