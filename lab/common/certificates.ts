import "reflect-metadata"; // @peculiar/x509 cannot be loaded without it
import { createHash, randomBytes, webcrypto } from "node:crypto";
import { isIP } from "node:net";
import * as x509 from "@peculiar/x509";

/** A certificate of the lab together with what appliances and tests want to know about it. */
export interface SignedCertificate {
  certificatePem: string;
  /** Intermediate authorities, nearest first, then the root: the order of SPP's `IssuerCertificates`. */
  issuerPems: string[];
  /** The certificate followed by all its issuers. */
  chainPem: string;
  /** SHA-256 of the DER form, 64 lower-case hexadecimal digits. */
  sha256: string;
  /** SHA-1 of the DER form, 40 upper-case hexadecimal digits, as the appliances name certificates. */
  thumbprint: string;
  notBefore: Date;
  notAfter: Date;
  /** For example `CN=spp.lab`. */
  subject: string;
  issuedBy: string;
}

/** A certificate with the private key that belongs to it. */
export interface IssuedCertificate extends SignedCertificate {
  privateKeyPem: string;
}

/** What a TLS server's certificate shall say. */
export interface IssueOptions {
  commonName: string;
  /** DNS names among the subject alternative names. Default: none. */
  dnsNames?: string[];
  /** IP addresses among the subject alternative names. Default: none. */
  ipAddresses?: string[];
  /** How many authorities stand between the certificate and the root. Default 0. */
  intermediates?: number;
  /** Default: a day ago. */
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
 * A certificate authority of the lab. Its keys are made when the lab starts, live in memory and are never stored by
 * this class. Keys are ECDSA P-256, because they are made in a few milliseconds.
 */
export class LabCertificateAuthority {
  private constructor(private readonly root: Authority) {}

  /** Makes a new root authority, valid for ten years. */
  static async create(commonName: string): Promise<LabCertificateAuthority> {
    const keys = await newKeys();
    const name = nameOf(commonName);
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

  /** The root certificate; who trusts it trusts everything this authority issues. */
  get certificatePem(): string {
    return pemOf(this.root.certificate);
  }

  /**
   * Issues a certificate for a TLS server (also fit as a client's), with its key.
   * @throws TypeError when one of `ipAddresses` is not an IP address.
   */
  async issue(options: IssueOptions): Promise<IssuedCertificate> {
    const notBefore = options.notBefore ?? daysFromNow(-1);
    const notAfter = options.notAfter ?? daysFromNow(730);
    const authorities = [this.root];
    for (let level = 1; level <= (options.intermediates ?? 0); level++) {
      authorities.unshift(
        await intermediate(`${options.commonName} intermediate ${level}`, authorities[0] ?? this.root),
      );
    }
    const [issuer = this.root] = authorities;
    const keys = await newKeys();
    const certificate = await sign({
      subject: nameOf(options.commonName),
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
      ...(await describe(certificate, authorities)),
      privateKeyPem: `${x509.PemConverter.encode(pkcs8, "PRIVATE KEY")}\n`,
    };
  }

  /**
   * Signs a certificate request as a client certificate, keeping its subject and key.
   * @throws Error when the text is no certificate request or its own signature does not fit.
   */
  async signRequest(csrPem: string): Promise<SignedCertificate> {
    const request = new x509.Pkcs10CertificateRequest(csrPem);
    if (!(await request.verify())) throw new Error("the certificate request is not signed with its own key");
    const certificate = await sign({
      subject: request.subjectName.toJSON(),
      publicKey: request.publicKey,
      issuer: this.root.certificate.subjectName.toJSON(),
      issuerKeys: this.root.keys,
      notBefore: daysFromNow(-1),
      notAfter: daysFromNow(730),
      extensions: endEntityExtensions([x509.ExtendedKeyUsage.clientAuth]),
    });
    return describe(certificate, [this.root]);
  }
}

/** Makes a key and a PEM certificate request for it, as an appliance does that wants to become a client of another. */
export async function certificateRequest(commonName: string): Promise<{ csrPem: string; privateKeyPem: string }> {
  const keys = await newKeys();
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: nameOf(commonName),
    keys,
    signingAlgorithm: SIGNING_ALGORITHM,
  });
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    csrPem: `${request.toString("pem")}\n`,
    privateKeyPem: `${x509.PemConverter.encode(pkcs8, "PRIVATE KEY")}\n`,
  };
}

async function intermediate(commonName: string, parent: Authority): Promise<Authority> {
  const keys = await newKeys();
  const certificate = await sign({
    subject: nameOf(commonName),
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
    // A leading byte below 0x80 keeps the number positive, above zero keeps it from being shortened.
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

async function describe(certificate: x509.X509Certificate, authorities: Authority[]): Promise<SignedCertificate> {
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

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ["sign", "verify"]);
}

function nameOf(commonName: string): x509.JsonName {
  return [{ CN: [commonName] }];
}

function pemOf(certificate: x509.X509Certificate): string {
  return `${certificate.toString("pem")}\n`;
}

function daysFromNow(days: number): Date {
  return new Date(Date.now() + days * DAY_MILLISECONDS);
}
