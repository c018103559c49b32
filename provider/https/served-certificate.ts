import type { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { connect } from "node:tls";
import type { ApplianceConnection } from "../core/connection";
import { certificatesIn } from "../core/pem";
import { authorities } from "./authorities";
import { explainConnectionError } from "./failures";
import type { UntrustedChain } from "./trust-problem";

/** The names in a certificate. */
export interface CertificateNames {
  /** DNS names as of `asDnsName`, then IP addresses, of the subject alternative names. */
  names: string[];
  /** The common name of the subject, which counts only without alternative names; may be empty. */
  commonName: string;
}

/** What a certificate says of itself. */
export interface CertificateFacts extends CertificateNames {
  /** SHA-1 of the DER form, 40 upper-case hexadecimal digits, as SPP names certificates. */
  thumbprint: string;
  /** SHA-256 of the DER form, 64 lower-case hexadecimal digits. */
  sha256: string;
  /** End of validity, in milliseconds since 1970. */
  notAfter: number;
}

/** The last day of a certificate, such as `2027-05-20`, in UTC. */
export const lastDayOf = (notAfter: number) => new Date(notAfter).toISOString().slice(0, 10);

/** Distinguished names in one line, such as `CN=spp.example.com`; may be empty. */
export interface DistinguishedNames {
  subject: string;
  issuer: string;
}

/** The certificate that an appliance serves, and its validity as seen from this machine. */
export interface ServedCertificate extends CertificateFacts {
  /** OpenSSL's code for a problem of the chain, for example `CERT_HAS_EXPIRED`; names are not compared. */
  chainProblem: string | undefined;
  /** What explains a problem of the chain. */
  chain: UntrustedChain;
}

/** Limit for the connection and the handshake, in seconds. */
const LIMIT_SECONDS = 10;

/** The most certificates of a chain that are followed. */
const MAX_CHAIN = 20;

/**
 * Reads the certificate that an appliance serves, trusted or not. Nothing is sent beyond the handshake.
 * @throws SafeguardError SG1010 unreachable, SG1012 no TLS, SG1017 broken connection; the signal's reason on abort
 */
export function readServedCertificate(
  object: string,
  connection: Pick<ApplianceConnection, "address" | "port" | "ca">,
  signal: AbortSignal,
): Promise<ServedCertificate & DistinguishedNames> {
  const { address, port, ca } = connection;
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: address,
      port,
      ...authorities(ca),
      servername: isIP(address) ? "" : address,
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    });
    const stop = () => socket.destroy(signal.reason);
    const limit = setTimeout(
      () => socket.destroy(Object.assign(new Error("no handshake"), { code: "UND_ERR_CONNECT_TIMEOUT" })),
      LIMIT_SECONDS * 1000,
    );
    const settle = () => {
      clearTimeout(limit);
      signal.removeEventListener("abort", stop);
      socket.destroy();
    };
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    socket.once("secureConnect", () => {
      const served = socket.getPeerX509Certificate();
      const problem = socket.authorizationError as unknown;
      settle();
      if (!served)
        return reject(explainConnectionError(object, { method: "GET", path: "/" }, new Error("no certificate")));
      const isOwnInCa = certificatesIn(ca ?? "").some(({ fingerprint256 }) => fingerprint256 === served.fingerprint256);
      const chain = { lastIssuer: lastIssuerOf(served), hasCa: ca !== undefined, isOwnInCa };
      return resolve({ ...certificateFacts(served), chainProblem: problem ? codeOf(problem) : undefined, chain });
    });
    socket.once("error", (error) => {
      settle();
      reject(signal.aborted ? signal.reason : explainConnectionError(object, { method: "GET", path: "/" }, error));
    });
  });
}

/** The names in a certificate, as its text form writes them. */
export function namesOf(certificate: X509Certificate): CertificateNames {
  const alternatives = certificate.subjectAltName ?? "";
  const found = [...alternatives.matchAll(/(?:^|, )(DNS|IP Address):("(?:[^"\\]|\\.)*"|[^,]*)/g)];
  const names = (kind: string) => found.filter(([, type]) => type === kind).map(([, , name = ""]) => unquoted(name));
  return {
    names: [...names("DNS").map(asDnsName), ...names("IP Address")],
    commonName: /(?:^|\n)CN=(.*)/.exec(certificate.subject)?.[1] ?? "",
  };
}

/** The prefix of a DNS name that looks like an address. */
const DNS_PREFIX = "DNS:";

/** A DNS name for comparing; one that looks like an address matches none (RFC 6125), and is marked as `DNS:10.0.0.5`. */
export function asDnsName(name: string): string {
  return isIP(name) === 0 ? name : `${DNS_PREFIX}${name}`;
}

/** Whether a name from `asDnsName` is marked, and so matches no address. */
export function isMarkedName(name: string): boolean {
  return name.startsWith(DNS_PREFIX);
}

function lastIssuerOf(served: X509Certificate): string {
  let last = served;
  for (let count = 0; count < MAX_CHAIN && last.issuerCertificate; count += 1) last = last.issuerCertificate;
  return /(?:^|\n)CN=(.*)/.exec(last.issuer)?.[1] ?? last.issuer.replaceAll("\n", ", ");
}

/** What a certificate says of itself. */
export function certificateFacts(certificate: X509Certificate): CertificateFacts & DistinguishedNames {
  return {
    ...namesOf(certificate),
    subject: inOneLine(certificate.subject),
    issuer: inOneLine(certificate.issuer),
    thumbprint: certificate.fingerprint.replaceAll(":", ""),
    sha256: certificate.fingerprint256.replaceAll(":", "").toLowerCase(),
    notAfter: Date.parse(certificate.validTo),
  };
}

/** Node writes the parts of a distinguished name in lines; one without parts is undefined, whatever its type says. */
const inOneLine = (name: string | undefined) => (name ?? "").trim().replaceAll("\n", ", ");

function unquoted(name: string): string {
  return name.startsWith('"') ? String(JSON.parse(name)) : name;
}

/** Node gives OpenSSL's code either as the error itself or as its `code`. */
function codeOf(problem: unknown): string {
  const code = (problem as { code?: unknown }).code;
  return typeof code === "string" ? code : String(problem);
}
