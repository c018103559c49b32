import { readFileSync } from "node:fs";
import tls from "node:tls";

/** Where Linux distributions keep the authorities that the system trusts, in one PEM file (as Go's crypto/x509 looks for them). */
const LINUX_FILES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/** From Node 22.15 on; the types of Node 20 do not have it. */
const { getCACertificates } = tls as { getCACertificates?: (type: "default" | "system") => string[] };

/** Made once for the same authorities, because reading their certificates for each connection takes time. */
const contexts = new Map<string, tls.SecureContext>();

/** More authorities than the sites of one estate have; beyond, all are read anew. */
const MAX_CONTEXTS = 200;

/**
 * What to verify the certificate of an appliance by: the given authorities, or else those that Node and the operating system trust. Node by
 * itself has a list of its own only, without the authorities that a company adds to its machines. On Linux, the system's are those of
 * SSL_CERT_FILE or of the distribution; on macOS and Windows, they need Node 22.15.
 */
export function authorities(ca: string | undefined): { secureContext: tls.SecureContext } {
  const { SSL_CERT_FILE = "", NODE_EXTRA_CA_CERTS = "" } = process.env;
  const key = ca ?? `${SSL_CERT_FILE}\0${NODE_EXTRA_CA_CERTS}`;
  const known = contexts.get(key);
  if (known) return { secureContext: known };
  const trusted = ca ?? [...new Set([...nodeAuthorities(NODE_EXTRA_CA_CERTS), ...systemAuthorities(SSL_CERT_FILE)])];
  const secureContext = tls.createSecureContext({ ca: trusted });
  if (contexts.size >= MAX_CONTEXTS) contexts.clear();
  contexts.set(key, secureContext);
  return { secureContext };
}

function nodeAuthorities(extraFile: string): string[] {
  // Node itself reads the variable only when the process starts.
  return [...(getCACertificates?.("default") ?? tls.rootCertificates), ...certificatesIn(extraFile)];
}

function systemAuthorities(file: string): string[] {
  if (process.platform !== "linux") return getCACertificates?.("system") ?? [];
  if (file !== "") return certificatesIn(file);
  return LINUX_FILES.map(certificatesIn).find((certificates) => certificates.length > 0) ?? [];
}

function certificatesIn(file: string): string[] {
  try {
    const text = file === "" ? "" : readFileSync(file, "utf8");
    return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  } catch {
    // A file that is missing or unreadable adds no authority; an appliance that needs one is refused with the reason.
    return [];
  }
}
