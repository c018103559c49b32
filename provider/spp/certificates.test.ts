import assert from "node:assert/strict";
import fc from "fast-check";
import { before, describe, it } from "mocha";
import type { z } from "zod";
import { type IssuedCertificate, LabCertificateAuthority } from "../../lab/common/certificates";
import { scriptedClients } from "../../tests/support/scripted-clients";
import { asDnsName } from "../https/served-certificate";
import { covers, readAssignedCertificates, readCertificateChain, toPem } from "./certificates";
import type { SppClient } from "./client";

const ID = "00155D26E342";
let issued: IssuedCertificate;

/** What is assigned to the appliance, when SPP answers this. */
async function read(answer: object[]) {
  const asked: string[] = [];
  const client = {
    async get(service: string, path: string, shape: z.ZodType) {
      asked.push(`${service} ${path}`);
      return shape.parse(answer);
    },
  } as unknown as SppClient;
  const find = await readAssignedCertificates(client);
  assert.deepEqual(asked, ["core SslCertificates"]);
  return find(ID);
}

const bare = (pem: string) => pem.replace(/-----[^-]+-----|\s/g, "");
const entry = (changes: object = {}) => ({
  Base64CertificateData: issued.certificatePem,
  IssuerCertificates: issued.issuerPems,
  DnsNames: ["spp.example.com"],
  IpAddresses: ["10.0.0.5"],
  NotAfter: "2028-01-01T00:00:00Z",
  Appliances: [{ Id: ID.toLowerCase() }],
  ...changes,
});
const expected = () => ({
  thumbprint: issued.thumbprint,
  names: ["spp.example.com", "10.0.0.5"],
  commonName: "spp",
  notAfter: Math.floor(issued.notAfter.getTime() / 1000) * 1000,
  expiresAt: "2028-01-01T00:00:00Z",
  chainPem: [issued.certificatePem, ...issued.issuerPems],
  missingIssuer: undefined,
});

describe("the certificate assigned to SPP", () => {
  before(async () => {
    const authority = await LabCertificateAuthority.create("Root");
    issued = await authority.issue({
      commonName: "spp",
      dnsNames: ["spp.example.com"],
      ipAddresses: ["10.0.0.5"],
      intermediates: 2,
    });
  });

  it("reads the whole chain of SPP's certificate, in any order and either encoding", async () => {
    assert.deepEqual(await read([{ Appliances: null }, entry()]), expected());
    const reversed = [...issued.issuerPems].reverse();
    const inReverse = { ...expected(), chainPem: [issued.certificatePem, ...reversed] };
    assert.deepEqual(await read([entry({ IssuerCertificates: reversed })]), inReverse);
    const encoded = {
      Base64CertificateData: bare(issued.certificatePem),
      IssuerCertificates: issued.issuerPems.map(bare),
    };
    assert.deepEqual(await read([entry(encoded)]), expected());
  });

  it("reads the names of the certificate when SPP reports none", async () => {
    assert.deepEqual(await read([entry({ DnsNames: null, IpAddresses: undefined })]), expected());
  });

  it("reports the issuer that is missing in the chain", async () => {
    const withoutRoot = await read([entry({ IssuerCertificates: issued.issuerPems.slice(0, 2) })]);
    assert.deepEqual([withoutRoot?.chainPem.length, withoutRoot?.missingIssuer], [3, "CN=Root"]);
    const alone = await read([entry({ IssuerCertificates: null })]);
    assert.deepEqual([alone?.chainPem.length, alone?.missingIssuer], [1, "CN=spp intermediate 2"]);
    const gap = await read([entry({ IssuerCertificates: [issued.issuerPems[0], issued.issuerPems[2]] })]);
    assert.equal(gap?.missingIssuer, "CN=spp intermediate 1");
  });

  it("needs no issuer of a self-signed certificate", async () => {
    const root = issued.issuerPems.at(-1) ?? "";
    const alone = await read([entry({ Base64CertificateData: root, IssuerCertificates: null })]);
    assert.deepEqual([alone?.chainPem.length, alone?.missingIssuer, alone?.commonName], [1, undefined, "Root"]);
  });

  it("reports no validity of a certificate that cannot be read", async () => {
    const broken = await read([entry({ Base64CertificateData: "AAAA" })]);
    assert.deepEqual([broken?.thumbprint, broken?.notAfter], ["", undefined]);
  });

  it("finds no certificate when none is assigned, or without data", async () => {
    assert.equal(await read([]), undefined);
    assert.equal(await read([entry({ Appliances: [{ Id: "00155D000001" }] })]), undefined);
    assert.equal(await read([entry({ Base64CertificateData: null })]), undefined);
  });
});

describe("names in certificates", () => {
  const label = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
  const name = fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join("."));

  it("covers the same name and the same address, ignoring case", () => {
    fc.assert(fc.property(name, (given) => assert.equal(covers(given.toUpperCase(), given), true)));
    fc.assert(fc.property(fc.ipV4(), (given) => assert.equal(covers(given, given), true)));
  });

  it("covers exactly one label with a wildcard", () => {
    fc.assert(
      fc.property(label, label, name, (first, second, domain) => {
        assert.equal(covers(`*.${domain}`, `${first}.${domain}`), true);
        assert.equal(covers(`*.${domain}`, `${second}.${first}.${domain}`), false);
        assert.equal(covers(`*.${domain}`, domain), false);
        assert.equal(covers(`${first}.${domain}`, domain), false);
        assert.equal(covers(domain, `${first}.${domain}`), false);
      }),
    );
  });

  it("covers no address with a wildcard", () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        assert.equal(covers(`*.${address.split(".").slice(1).join(".")}`, address), false);
        assert.equal(covers("*", address), false);
      }),
    );
    assert.equal(covers("*", "spp"), false);
    assert.equal(covers("s*.lab.example", "spp.lab.example"), false);
    assert.equal(covers("10.0.0.1", "10.0.0.10"), false);
    assert.equal(covers(asDnsName("10.0.0.1"), "10.0.0.1"), false);
    assert.equal(covers(asDnsName("spp.lab.example"), "spp.lab.example"), true);
  });
});

describe("certificates as PEM", () => {
  it("writes PEM data in lines of at most 64 characters", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.constantFrom("", "\n", "\r\n"), (bytes, end) => {
        const base64 = Buffer.from(bytes).toString("base64");
        const pem = toPem(end === "" ? base64 : (base64.match(/.{1,76}/g) ?? []).join(end));
        const lines = pem.split("\n");
        assert.equal(lines[0], "-----BEGIN CERTIFICATE-----");
        assert.deepEqual(lines.slice(-2), ["-----END CERTIFICATE-----", ""]);
        assert.equal(lines.slice(1, -2).join(""), base64);
        assert.ok(lines.slice(1, -3).every(({ length }) => length === 64));
      }),
    );
  });

  it("changes PEM text only in carriage returns and the final line break", async () => {
    const { certificatePem } = await LabCertificateAuthority.create("PEM");
    assert.equal(toPem(certificatePem), certificatePem);
    assert.equal(toPem(certificatePem.replaceAll("\n", "\r\n")), certificatePem);
    assert.equal(toPem(certificatePem.trim()), certificatePem);
    assert.equal(toPem(certificatePem.replace(/-----[^-]+-----|\s/g, "")), certificatePem);
  });
});

describe("the certificate chain for SPS", () => {
  const { spp } = scriptedClients();

  const certificate = {
    Thumbprint: "AB",
    Base64CertificateData: "AAAA",
    IssuerCertificates: ["BBBB", "-----BEGIN CERTIFICATE-----\r\nCCCC\r\n-----END CERTIFICATE-----"],
    DnsNames: ["spp.lab.example"],
    IpAddresses: ["10.0.0.5"],
    Appliances: [{ Id: "00155D26E342" }],
  };
  const pem = (data: string) => `-----BEGIN CERTIFICATE-----\n${data}\n-----END CERTIFICATE-----\n`;

  it("gives SPS the certificate of this appliance and its issuers, leaf first", async () => {
    const others = [
      { ...certificate, Base64CertificateData: "XXXX", Appliances: [{ Id: "00155D000000" }] },
      { ...certificate, Base64CertificateData: "YYYY", Appliances: null },
    ];
    const { client } = await spp({ SslCertificates: [...others, certificate] });
    const chain = pem("AAAA") + pem("BBBB") + pem("CCCC");
    for (const address of ["10.0.0.5", "SPP.lab.example"]) {
      assert.equal(await readCertificateChain(client, "00155D26E342", address), chain);
    }
  });

  it("ignores an address among the DNS names, as SPS does", async () => {
    const { client } = await spp({ SslCertificates: [{ ...certificate, DnsNames: ["10.0.0.5"], IpAddresses: [] }] });
    await assert.rejects(readCertificateChain(client, "00155D26E342", "10.0.0.5"), {
      code: "SG2011",
      message:
        /its certificate names DNS:10\.0\.0\.5, not 10\.0\.0\.5; .*; give SPP a certificate that names its address/,
    });
  });

  it("gives SPS only the certificate when it is self-signed", async () => {
    const { client } = await spp({ SslCertificates: [{ ...certificate, IssuerCertificates: null }] });
    assert.equal(await readCertificateChain(client, "00155D26E342", "10.0.0.5"), pem("AAAA"));
  });

  it("uses the common name only without alternative names", async () => {
    const subject = { ...certificate, Subject: "O=Lab, CN=spp.old.example, C=HU" };
    const old = await spp({ SslCertificates: [{ ...subject, DnsNames: null, IpAddresses: [] }] });
    assert.ok(await readCertificateChain(old.client, "00155D26E342", "spp.old.example"));
    const { client } = await spp({ SslCertificates: [subject] });
    await assert.rejects(readCertificateChain(client, "00155D26E342", "spp.old.example"), { code: "SG2011" });
  });

  it("refuses a certificate that does not name the address, and shows the name to use", async () => {
    const { client } = await spp({ SslCertificates: [certificate] });
    await assert.rejects(readCertificateChain(client, "00155D26E342", "10.0.0.50"), {
      code: "SG2011",
      message:
        "spp 127.0.0.1: compare certificate: its certificate names spp.lab.example, 10.0.0.5, not 10.0.0.50; SPS would refuse to join; use spp.address spp.lab.example [SG2011]",
    });
    const nameless = await spp({ SslCertificates: [{ ...certificate, DnsNames: [], IpAddresses: null }] });
    await assert.rejects(readCertificateChain(nameless.client, "00155D26E342", "10.0.0.5"), (error: Error) => {
      assert.match(error.message, /names nothing, not 10\.0\.0\.5; .*give SPP a certificate that names its address/);
      return true;
    });
  });

  it("fails when no certificate is assigned to the appliance", async () => {
    const { client } = await spp({ SslCertificates: [certificate] });
    await assert.rejects(readCertificateChain(client, "00155D000000", "10.0.0.5"), { code: "SG2010" });
  });
});
