import { X509Certificate } from "node:crypto";
import { z } from "zod";
import { asDnsName, namesOf } from "../https/served-certificate";
import type { SppClient } from "./client";
import { toPem } from "./session-modules";

/** The certificate SPP says it uses, with the chain that SPS will be handed (SPP REST reference §9). */
export interface AssignedCertificate {
  /** SHA-1, upper-case hexadecimal digits; empty when the certificate cannot be read. */
  thumbprint: string;
  /** DNS names as of `asDnsName`, then IP addresses. */
  names: string[];
  commonName: string;
  /** End of validity, in milliseconds since 1970; undefined when the certificate cannot be read. */
  notAfter: number | undefined;
  /** How many certificates the chain has, the certificate itself included. */
  length: number;
  /** Issuer the chain lacks, for example `CN=Root`; undefined when it ends in one that signed itself. */
  missingIssuer: string | undefined;
}

const certificatesAnswer = z.array(
  z.looseObject({
    Base64CertificateData: z.string().nullish(),
    IssuerCertificates: z.array(z.string()).nullish(),
    DnsNames: z.array(z.string()).nullish(),
    IpAddresses: z.array(z.string()).nullish(),
    Appliances: z.array(z.looseObject({ Id: z.string() })).nullish(),
  }),
);

/** Finds what is assigned to an appliance in a list of certificates; undefined when there is none. */
export type FindAssigned = (applianceId: string) => AssignedCertificate | undefined;

/**
 * Reads the certificates of SPP. Which one is in use depends on the appliance id, which may be read at the same time.
 * One round trip. @throws SafeguardError SG2006 forbidden
 */
export async function readAssignedCertificates(client: SppClient): Promise<FindAssigned> {
  const certificates = await client.get("core", "SslCertificates", certificatesAnswer);
  return (applianceId) => {
    const wanted = applianceId.toLowerCase();
    const found = certificates.find(({ Appliances }) => Appliances?.some(({ Id }) => Id.toLowerCase() === wanted));
    if (!found?.Base64CertificateData) return undefined;
    const chain = [found.Base64CertificateData, ...(found.IssuerCertificates ?? [])].map(parse);
    const leaf = chain[0];
    const told = [...(found.DnsNames ?? []).map(asDnsName), ...(found.IpAddresses ?? [])];
    const own = leaf ? namesOf(leaf) : { names: [], commonName: "" };
    return {
      thumbprint: leaf?.fingerprint.replaceAll(":", "") ?? "",
      names: told.length > 0 ? told : own.names,
      commonName: own.commonName,
      notAfter: leaf ? Date.parse(leaf.validTo) : undefined,
      length: chain.length,
      missingIssuer: leaf ? missingIssuer(leaf, chain) : undefined,
    };
  };
}

/** Follows the signatures from a certificate on; the issuer that is not among them, in one line. */
function missingIssuer(leaf: X509Certificate, chain: (X509Certificate | undefined)[]): string | undefined {
  let last = leaf;
  // Each step uses another certificate of the chain, so there are never more steps than certificates.
  for (let step = 0; step < chain.length; step += 1) {
    if (isIssuedBy(last, last)) return undefined;
    const issuer = chain.find((candidate) => candidate && candidate !== last && isIssuedBy(last, candidate));
    if (!issuer) break;
    last = issuer;
  }
  return isIssuedBy(last, last) ? undefined : last.issuer.replaceAll("\n", ", ");
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function parse(data: string): X509Certificate | undefined {
  try {
    return new X509Certificate(toPem(data));
  } catch {
    return undefined;
  }
}
