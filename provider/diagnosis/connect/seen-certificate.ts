import type { X509Certificate } from "node:crypto";
import type { ApplianceConnection } from "../../core/connection";
import { certificatesIn } from "../../core/pem";
import { explainConnectionError } from "../../https/failures";
import { certificateFacts, readServedCertificate } from "../../https/served-certificate";
import { pinProblem, trustProblem } from "../../https/trust-problem";
import { RENEWAL } from "../checks/appliances";
import type { CertificateProof, Destination, SeenCertificate } from "./facts";

/** The part of a connection that proves the identity of an appliance. */
type Trust = Pick<ApplianceConnection, "address" | "port" | "ca" | "certificateSha256" | "insecureSkipVerify">;

/** The certificate that this machine sees, and whether the connection proves it. @throws SafeguardError as `readServedCertificate` */
export async function seenFromHere(
  { kind, object }: Destination,
  connection: Trust,
  signal: AbortSignal,
): Promise<SeenCertificate> {
  const { chainProblem, chain, ...facts } = await readServedCertificate(object, connection, signal);
  const seen = (proof?: CertificateProof): SeenCertificate => ({ ...facts, ...(proof && { proof }) });
  if (connection.certificateSha256 !== undefined) return seen(proofByPin(facts.sha256, connection, kind));
  if (connection.insecureSkipVerify) return seen();
  if (chainProblem === undefined) return seen({ by: connection.ca === undefined ? "system" : "ca" });
  const { text } = explainConnectionError(object, { method: "GET", path: "/" }, { code: chainProblem }, chain);
  const renewal = chainProblem === "CERT_HAS_EXPIRED" ? RENEWAL : undefined;
  const otherwise = `set ${kind}.ca to its authority, or pin its certificate with ${kind}.certificateSha256`;
  const remedy = trustProblem(chainProblem, chain)?.remedy(`${kind}.`) ?? renewal ?? otherwise;
  return seen({ problem: text.cause, remedy });
}

/**
 * The certificate that a router sees. Only a pin or `ca` proves it here: what the authorities of the system trust is not looked up.
 * @param pems the server's own certificate first
 * @throws Error when it cannot be read
 */
export function seenByRouter(pems: readonly string[], kind: Destination["kind"], connection: Trust): SeenCertificate {
  const [own, ...others] = certificatesIn(pems.join(""));
  if (!own) throw new Error("the certificate that arrives at the router cannot be read");
  const facts = certificateFacts(own);
  if (connection.certificateSha256 !== undefined) {
    return { ...facts, proof: proofByPin(facts.sha256, connection, kind) };
  }
  const isProved = connection.ca !== undefined && isIssuedBelow(own, others, certificatesIn(connection.ca));
  return { ...facts, ...(isProved && { proof: { by: "ca" } }) };
}

function proofByPin(sha256: string, { certificateSha256 }: Trust, kind: Destination["kind"]): CertificateProof {
  if (sha256 === certificateSha256) return { by: "pin" };
  const { cause, remedy } = pinProblem(sha256);
  return { problem: cause, remedy: remedy(`${kind}.`) };
}

/** Whether the signatures lead from a certificate, over others that the server sent, to an authority. */
function isIssuedBelow(
  own: X509Certificate,
  others: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
): boolean {
  const isIssuer = (issuer: X509Certificate, of: X509Certificate) =>
    issuer.ca && of.checkIssued(issuer) && of.verify(issuer.publicKey);
  let last = own;
  // No certificate stands twice in a chain.
  for (const _ of [own, ...others]) {
    if (authorities.some((authority) => authority.fingerprint256 === last.fingerprint256)) return true;
    if (authorities.some((authority) => isIssuer(authority, last))) return true;
    const next = others.find((other) => isIssuer(other, last));
    if (!next) return false;
    last = next;
  }
  return false;
}
