import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { afterEach, before, describe, it } from "mocha";
import { type IssueOptions, LabCertificateAuthority } from "../../lab/common/certificates";
import { namesOf, readServedCertificate } from "./served-certificate";

const ADDRESS = "127.0.59.1";
const never = new AbortController().signal;
let authority: LabCertificateAuthority;
let server: Server | undefined;

async function listen(started: Server): Promise<number> {
  server = started;
  await new Promise<void>((resolve) => started.listen(0, ADDRESS, resolve));
  return (started.address() as AddressInfo).port;
}

async function serve(options: IssueOptions) {
  const issued = await authority.issue(options);
  const requests: string[] = [];
  const port = await listen(
    createTlsServer({ key: issued.privateKeyPem, cert: issued.chainPem }, (request) =>
      requests.push(String(request.url)),
    ),
  );
  return { issued, port, requests };
}

function withAuthority(): void {
  before(async () => {
    authority = await LabCertificateAuthority.create("Root");
  });
  afterEach(() => {
    server?.close();
    server = undefined;
  });
}

describe("the served certificate", () => {
  withAuthority();

  it("reads the served certificate with its names, whatever the address, without a request", async () => {
    const names = { dnsNames: ["spp.example.com", "*.b.example.com"], ipAddresses: ["10.0.0.5"] };
    const { issued, port, requests } = await serve({ commonName: "spp", ...names });
    const ca = authority.certificatePem;
    assert.deepEqual(await readServedCertificate("spp", { address: ADDRESS, port, ca }, never), {
      names: ["spp.example.com", "*.b.example.com", "10.0.0.5"],
      commonName: "spp",
      subject: "CN=spp",
      issuer: "CN=Root",
      thumbprint: issued.thumbprint,
      sha256: issued.sha256,
      notAfter: Math.floor(issued.notAfter.getTime() / 1000) * 1000,
      chainProblem: undefined,
      chain: { lastIssuer: "Root", hasCa: true, isOwnInCa: false },
    });
    assert.deepEqual(requests, []);
  });

  it("reports a served certificate of an unknown authority, and an expired one", async () => {
    const first = await serve({ commonName: "spp" });
    const unknown = await readServedCertificate("spp", { address: ADDRESS, port: first.port, ca: undefined }, never);
    assert.match(unknown.chainProblem ?? "", /^(SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_.*)$/);
    server?.close();
    const second = await serve({ commonName: "spp", notAfter: new Date(Date.now() - 60_000) });
    const ca = authority.certificatePem;
    const expired = await readServedCertificate("spp", { address: ADDRESS, port: second.port, ca }, never);
    assert.equal(expired.chainProblem, "CERT_HAS_EXPIRED");
  });

  it("fails to read a certificate where nothing listens, or nothing that speaks TLS", async () => {
    const closed = readServedCertificate("spp x", { address: ADDRESS, port: 1, ca: undefined }, never);
    await assert.rejects(closed, /^SafeguardError: spp x: connect: nothing listens there; .* \[SG1010\]$/);
    const port = await listen(createServer());
    const plain = readServedCertificate("spp x", { address: ADDRESS, port, ca: undefined }, never);
    await assert.rejects(plain, /does not speak HTTPS; .* \[SG1012\]$/);
  });

  it("stops waiting for a certificate when the signal aborts", async () => {
    const silent = new (await import("node:net")).Server();
    const port = await listen(silent);
    const ending = new AbortController();
    setTimeout(() => ending.abort(new Error("the time is up")), 50);
    const started = Date.now();
    await assert.rejects(
      readServedCertificate("spp", { address: ADDRESS, port, ca: undefined }, ending.signal),
      /^Error: the time is up$/,
    );
    assert(Date.now() - started < 2_000);
  });
});

describe("names of a certificate", () => {
  withAuthority();

  it("names a certificate by its common name only without alternative names", async () => {
    const issued = await authority.issue({ commonName: "old.example.com" });
    assert.deepEqual(namesOf(new X509Certificate(issued.certificatePem)), { names: [], commonName: "old.example.com" });
  });

  it("reads names in certificates whole, with commas", () => {
    const subjectAltName = 'DNS:a.example.com, DNS:"b\\u002c, DNS:c", IP Address:10.0.0.5, URI:https://x';
    const made = namesOf({ subjectAltName, subject: "C=HU\nO=Example\nCN=a" } as unknown as X509Certificate);
    const likeAddress = { subjectAltName: "DNS:10.0.0.5", subject: "CN=a" } as unknown as X509Certificate;
    assert.deepEqual(namesOf(likeAddress).names, ["DNS:10.0.0.5"]);
    assert.deepEqual(made, { names: ["a.example.com", "b,, DNS:c", "10.0.0.5"], commonName: "a" });
  });
});
