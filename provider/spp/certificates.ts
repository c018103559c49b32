import { X509Certificate } from "node:crypto";
import { Address4 } from "ip-address";
import { z } from "zod";
import { SafeguardError } from "../core/errors";
import { asDnsName, type CertificateNames, isMarkedName, namesOf } from "../https/served-certificate";
import type { SppClient } from "./client";

/** The certificate assigned to SPP, with the chain for SPS (SPP REST reference §9). */
export interface AssignedCertificate extends CertificateNames {
  /** SHA-1, upper-case hexadecimal digits; empty when the certificate cannot be read. */
  thumbprint: string;
  /** End of validity, in milliseconds since 1970; undefined when the certificate cannot be read. */
  notAfter: number | undefined;
  /** End of validity as SPP formats it, ISO 8601; empty when unknown. */
  expiresAt: string;
  /** The certificate, then its issuers. */
  chainPem: string[];
  /** Issuer that the chain lacks, for example `CN=Root`; undefined when the chain ends in a self-signed certificate. */
  missingIssuer: string | undefined;
}

const certificatesAnswer = z.array(
  z.looseObject({
    NotAfter: z.string().nullish(),
    Subject: z.string().nullish(),
    Base64CertificateData: z.string().nullish(),
    IssuerCertificates: z.array(z.string()).nullish(),
    DnsNames: z.array(z.string()).nullish(),
    IpAddresses: z.array(z.string()).nullish(),
    Appliances: z.array(z.looseObject({ Id: z.string() })).nullish(),
  }),
);

/** Finds the certificate that is assigned to an appliance; undefined when there is none. */
export type FindAssigned = (applianceId: string) => AssignedCertificate | undefined;

/**
 * Reads the certificates of SPP (§9). The assignment depends on the appliance id, which can be read in parallel.
 * @throws SafeguardError SG2006 forbidden
 */
export async function readAssignedCertificates(client: SppClient): Promise<FindAssigned> {
  const certificates = await client.get("core", "SslCertificates", certificatesAnswer);
  return (applianceId) => {
    const wanted = applianceId.toLowerCase();
    const found = certificates.find(({ Appliances }) => Appliances?.some(({ Id }) => Id.toLowerCase() === wanted));
    if (!found?.Base64CertificateData) return undefined;
    const chainPem = [found.Base64CertificateData, ...(found.IssuerCertificates ?? [])].map(toPem);
    const chain = chainPem.map(parse);
    const leaf = chain[0];
    const reported = [...(found.DnsNames ?? []).map(asDnsName), ...(found.IpAddresses ?? [])];
    const own = leaf ? namesOf(leaf) : { names: [], commonName: commonNameIn(found.Subject ?? "") };
    return {
      thumbprint: leaf?.fingerprint.replaceAll(":", "") ?? "",
      names: reported.length > 0 ? reported : own.names,
      commonName: own.commonName,
      notAfter: leaf ? Date.parse(leaf.validTo) : undefined,
      expiresAt: found.NotAfter ?? "",
      chainPem,
      missingIssuer: leaf ? missingIssuer(leaf, chain) : undefined,
    };
  };
}

/**
 * The certificate chain with which SPS verifies SPP.
 * @throws SafeguardError SG2010 when no certificate is assigned to the appliance, SG2011 when it does not name `address`.
 */
export async function readCertificateChain(client: SppClient, applianceId: string, address: string): Promise<string> {
  const assigned = (await readAssignedCertificates(client))(applianceId);
  if (!assigned) {
    throw new SafeguardError({
      code: "SG2010",
      object: client.object,
      step: "read certificate chain",
      cause: `no TLS certificate is assigned to appliance ${applianceId}`,
    });
  }
  if (coverageOf(assigned, address) !== "none") return assigned.chainPem.join("");
  const names = effectiveNames(assigned);
  const usable = names.find((name) => !isMarkedName(name));
  throw new SafeguardError({
    code: "SG2011",
    object: client.object,
    step: "compare certificate",
    cause: `its certificate names ${names.join(", ") || "nothing"}, not ${address}; SPS would refuse to join`,
    remedy: usable ? `use spp.address ${usable}` : "give SPP a certificate that names its address",
  });
}

/** The relevant names of a certificate: the common name only counts without alternative names. */
export function effectiveNames({ names, commonName }: CertificateNames): string[] {
  return names.length > 0 ? names : [commonName].filter(Boolean).map(asDnsName);
}

/** How a certificate names an address. */
export function coverageOf(certificate: CertificateNames, address: string): "name" | "common name alone" | "none" {
  if (!effectiveNames(certificate).some((name) => covers(name, address))) return "none";
  return certificate.names.length > 0 ? "name" : "common name alone";
}

/** Whether a name in a certificate covers an address: equal, or a wildcard for exactly one label. */
export function covers(certificateName: string, address: string): boolean {
  const name = certificateName.toLowerCase();
  const wanted = address.toLowerCase();
  if (name === wanted) return true;
  if (Address4.isValid(wanted) || !name.startsWith("*.")) return false;
  return wanted.split(".").slice(1).join(".") === name.slice(2);
}

/** One PEM block with LF line ends; bare base64 is wrapped (§9). */
export function toPem(data: string): string {
  const text = data.replaceAll("\r", "").trim();
  if (text.includes("-----BEGIN")) return `${text}\n`;
  const lines = text.replace(/\s+/g, "").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

function commonNameIn(subject: string): string {
  return /(?:^|,\s*)CN=([^,]+)/i.exec(subject)?.[1]?.trim() ?? "";
}

/** Follows the signatures from a certificate to the first missing issuer, returned as one line. */
function missingIssuer(leaf: X509Certificate, chain: (X509Certificate | undefined)[]): string | undefined {
  let last = leaf;
  // Each step uses another certificate, so the chain length limits the steps.
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

function parse(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
