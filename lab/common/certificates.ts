import "reflect-metadata"; // Required by @peculiar/x509.
import { createHash, randomBytes, webcrypto } from "node:crypto";
import { isIP } from "node:net";
import * as x509 from "@peculiar/x509";

/** A certificate of the lab with the values that appliances and tests show. */
export interface SignedCertificate {
  certificatePem: string;
  /** Issuing authorities, the direct issuer first and the root last, as in SPP's `IssuerCertificates`. */
  issuerPems: string[];
  /** The certificate followed by its issuers. */
  chainPem: string;
  /** SHA-256 of the DER form, 64 lower-case hexadecimal digits. */
  sha256: string;
  /** SHA-1 of the DER form, 40 upper-case hexadecimal digits: the form in which the appliances name certificates. */
  thumbprint: string;
  notBefore: Date;
  notAfter: Date;
  /** For example `CN=spp.lab`. */
  subject: string;
  issuedBy: string;
}

/** A certificate with its private key. */
export interface IssuedCertificate extends SignedCertificate {
  privateKeyPem: string;
}

/** Contents of the certificate to issue. */
export interface IssueOptions {
  commonName: string;
  /** DNS names among the subject alternative names. Default: none. */
  dnsNames?: string[];
  /** IP addresses among the subject alternative names. Default: none. */
  ipAddresses?: string[];
  /** Number of authorities between the certificate and the root. Default 0. */
  intermediates?: number;
  /** Default: one day ago. */
  notBefore?: Date;
  /** Default: in two years. */
  notAfter?: Date;
}

interface Authority {
  certificate: x509.X509Certificate;
  keys: webcrypto.CryptoKeyPair;
}

const KEY_ALGORITHM = { name: "ECDSA", namedCurve: "P-256" };
const SIGNING_ALGORITHM = { name: "ECDSA", hash: "SHA-256" };
const DAY_MILLISECONDS = 86_400_000;

/**
 * A certificate authority of the lab. Its keys exist in memory only. They are ECDSA P-256, because generating one takes
 * a few milliseconds.
 */
export class LabCertificateAuthority {
  private constructor(private readonly root: Authority) {}

  /** Creates a root authority that is valid for ten years. */
  static async create(commonName: string): Promise<LabCertificateAuthority> {
    const keys = await generateKeys();
    const name = subjectName(commonName);
    const certificate = await sign({
      subject: name,
      publicKey: keys.publicKey,
      issuer: name,
      issuerKeys: keys,
      notBefore: daysFromNow(-2),
      notAfter: daysFromNow(3650),
      extensions: authorityExtensions(),
    });
    return new LabCertificateAuthority({ certificate, keys });
  }

  /** The root certificate as PEM. */
  get certificatePem(): string {
    return pemOf(this.root.certificate);
  }

  /**
   * Issues a certificate, with its key, for TLS servers and clients.
   * @throws TypeError when one of `ipAddresses` is not an IP address.
   */
  async issue(options: IssueOptions): Promise<IssuedCertificate> {
    const notBefore = options.notBefore ?? daysFromNow(-1);
    const notAfter = options.notAfter ?? daysFromNow(730);
    const authorities = [this.root];
    for (let level = 1; level <= (options.intermediates ?? 0); level++) {
      authorities.unshift(
        await createIntermediate(`${options.commonName} intermediate ${level}`, authorities[0] ?? this.root),
      );
    }
    const [issuer = this.root] = authorities;
    const keys = await generateKeys();
    const certificate = await sign({
      subject: subjectName(options.commonName),
      publicKey: keys.publicKey,
      issuer: issuer.certificate.subjectName.toJSON(),
      issuerKeys: issuer.keys,
      notBefore,
      notAfter,
      extensions: [
        ...endEntityExtensions([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
        ...alternativeNames(options.dnsNames ?? [], options.ipAddresses ?? []),
      ],
    });
    const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
    return {
      ...(await toSignedCertificate(certificate, authorities)),
      privateKeyPem: `${x509.PemConverter.encode(pkcs8, "PRIVATE KEY")}\n`,
    };
  }

  /**
   * Signs a certificate request as a client certificate with the subject and key of the request.
   * @throws Error when the text is not a certificate request or its signature is invalid.
   */
  async signRequest(csrPem: string): Promise<SignedCertificate> {
    const request = new x509.Pkcs10CertificateRequest(csrPem);
    if (!(await request.verify())) throw new Error("the signature of the certificate request is invalid");
    const certificate = await sign({
      subject: request.subjectName.toJSON(),
      publicKey: request.publicKey,
      issuer: this.root.certificate.subjectName.toJSON(),
      issuerKeys: this.root.keys,
      notBefore: daysFromNow(-1),
      notAfter: daysFromNow(730),
      extensions: endEntityExtensions([x509.ExtendedKeyUsage.clientAuth]),
    });
    return toSignedCertificate(certificate, [this.root]);
  }
}

/** Creates a key and a certificate request for it, as an appliance does before it becomes a client of another one. */
export async function certificateRequest(commonName: string): Promise<{ csrPem: string; privateKeyPem: string }> {
  const keys = await generateKeys();
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: subjectName(commonName),
    keys,
    signingAlgorithm: SIGNING_ALGORITHM,
  });
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    csrPem: `${request.toString("pem")}\n`,
    privateKeyPem: `${x509.PemConverter.encode(pkcs8, "PRIVATE KEY")}\n`,
  };
}

async function createIntermediate(commonName: string, parent: Authority): Promise<Authority> {
  const keys = await generateKeys();
  const certificate = await sign({
    subject: subjectName(commonName),
    publicKey: keys.publicKey,
    issuer: parent.certificate.subjectName.toJSON(),
    issuerKeys: parent.keys,
    notBefore: daysFromNow(-2),
    notAfter: daysFromNow(1825),
    extensions: authorityExtensions(),
  });
  return { certificate, keys };
}

async function sign(options: {
  subject: x509.JsonName;
  publicKey: webcrypto.CryptoKey | x509.PublicKey;
  issuer: x509.JsonName;
  issuerKeys: webcrypto.CryptoKeyPair;
  notBefore: Date;
  notAfter: Date;
  extensions: x509.Extension[];
}): Promise<x509.X509Certificate> {
  return x509.X509CertificateGenerator.create({
    // The first byte is between 0x01 and 0x7f: DER would otherwise pad or shorten the number.
    serialNumber: `4a${randomBytes(15).toString("hex")}`,
    subject: options.subject,
    issuer: options.issuer,
    publicKey: options.publicKey,
    signingKey: options.issuerKeys.privateKey,
    signingAlgorithm: SIGNING_ALGORITHM,
    notBefore: options.notBefore,
    notAfter: options.notAfter,
    extensions: [
      ...options.extensions,
      await x509.SubjectKeyIdentifierExtension.create(options.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(options.issuerKeys.publicKey),
    ],
  });
}

function authorityExtensions(): x509.Extension[] {
  const usages = x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign;
  return [new x509.BasicConstraintsExtension(true, undefined, true), new x509.KeyUsagesExtension(usages, true)];
}

function endEntityExtensions(usages: x509.ExtendedKeyUsageType[]): x509.Extension[] {
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension(usages),
  ];
}

function alternativeNames(dnsNames: string[], ipAddresses: string[]): x509.Extension[] {
  for (const address of ipAddresses) if (!isIP(address)) throw new TypeError(`${address} is not an IP address`);
  const names = [
    ...dnsNames.map((value) => ({ type: "dns" as const, value })),
    ...ipAddresses.map((value) => ({ type: "ip" as const, value })),
  ];
  return names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)];
}

async function toSignedCertificate(
  certificate: x509.X509Certificate,
  authorities: Authority[],
): Promise<SignedCertificate> {
  const der = Buffer.from(certificate.rawData);
  const certificatePem = pemOf(certificate);
  const issuerPems = authorities.map((authority) => pemOf(authority.certificate));
  return {
    certificatePem,
    issuerPems,
    chainPem: [certificatePem, ...issuerPems].join(""),
    sha256: createHash("sha256").update(der).digest("hex"),
    thumbprint: createHash("sha1").update(der).digest("hex").toUpperCase(),
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
    subject: certificate.subject,
    issuedBy: certificate.issuer,
  };
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ["sign", "verify"]);
}

function subjectName(commonName: string): x509.JsonName {
  return [{ CN: [commonName] }];
}

function pemOf(certificate: x509.X509Certificate): string {
  return `${certificate.toString("pem")}\n`;
}

function daysFromNow(days: number): Date {
  return new Date(Date.now() + days * DAY_MILLISECONDS);
}
