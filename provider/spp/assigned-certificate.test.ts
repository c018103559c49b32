import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import type { z } from "zod";
import { type IssuedCertificate, LabCertificateAuthority } from "../../lab/common/certificates";
import { readAssignedCertificates } from "./assigned-certificate";
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
  Appliances: [{ Id: ID.toLowerCase() }],
  ...changes,
});
const expected = () => ({
  thumbprint: issued.thumbprint,
  names: ["spp.example.com", "10.0.0.5"],
  commonName: "spp",
  notAfter: Math.floor(issued.notAfter.getTime() / 1000) * 1000,
  length: 4,
  missingIssuer: undefined,
});

describe("the certificate SPP says it uses", () => {
  before(async () => {
    const authority = await LabCertificateAuthority.create("Root");
    issued = await authority.issue({
      commonName: "spp",
      dnsNames: ["spp.example.com"],
      ipAddresses: ["10.0.0.5"],
      intermediates: 2,
    });
  });

  it("is the one assigned to the appliance, with its whole chain in any order and either encoding", async () => {
    assert.deepEqual(await read([{ Appliances: null }, entry()]), expected());
    assert.deepEqual(await read([entry({ IssuerCertificates: [...issued.issuerPems].reverse() })]), expected());
    const encoded = {
      Base64CertificateData: bare(issued.certificatePem),
      IssuerCertificates: issued.issuerPems.map(bare),
    };
    assert.deepEqual(await read([entry(encoded)]), expected());
  });

  it("tells its names itself where SPP does not", async () => {
    assert.deepEqual(await read([entry({ DnsNames: null, IpAddresses: undefined })]), expected());
  });

  it("names the issuer that its chain lacks", async () => {
    const withoutRoot = await read([entry({ IssuerCertificates: issued.issuerPems.slice(0, 2) })]);
    assert.deepEqual([withoutRoot?.length, withoutRoot?.missingIssuer], [3, "CN=Root"]);
    const alone = await read([entry({ IssuerCertificates: null })]);
    assert.deepEqual([alone?.length, alone?.missingIssuer], [1, "CN=spp intermediate 2"]);
    const gap = await read([entry({ IssuerCertificates: [issued.issuerPems[0], issued.issuerPems[2]] })]);
    assert.equal(gap?.missingIssuer, "CN=spp intermediate 1");
  });

  it("needs no issuer when it signed itself", async () => {
    const root = issued.issuerPems.at(-1) ?? "";
    const alone = await read([entry({ Base64CertificateData: root, IssuerCertificates: null })]);
    assert.deepEqual([alone?.length, alone?.missingIssuer, alone?.commonName], [1, undefined, "Root"]);
  });

  it("is not taken for sound when it cannot be read", async () => {
    const broken = await read([entry({ Base64CertificateData: "AAAA" })]);
    assert.deepEqual([broken?.thumbprint, broken?.notAfter], ["", undefined]);
  });

  it("is missing when nothing is assigned, or without data", async () => {
    assert.equal(await read([]), undefined);
    assert.equal(await read([entry({ Appliances: [{ Id: "00155D000001" }] })]), undefined);
    assert.equal(await read([entry({ Base64CertificateData: null })]), undefined);
  });
});
