import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { connect, createServer, type TLSSocket } from "node:tls";
import { before, describe, it } from "mocha";
import { certificateRequest, type IssuedCertificate, LabCertificateAuthority } from "./certificates";

/** Serves one TLS connection. Returns the error code of the client, undefined when the client accepts. */
async function refusal(served: IssuedCertificate, ca: string, servername: string, host: string) {
  const server = createServer({ cert: served.chainPem, key: served.privateKeyPem });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  assert(address && typeof address === "object");
  try {
    return await new Promise<string | undefined>((resolve) => {
      const options = servername === "" ? {} : { servername };
      const socket: TLSSocket = connect({ host, port: address.port, ca, ...options }, () => {
        socket.end();
        resolve(undefined);
      });
      socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code));
    });
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

describe("certificate authority of the lab", () => {
  let authority: LabCertificateAuthority;
  before(async () => {
    authority = await LabCertificateAuthority.create("Lab Root");
  });

  it("issues certificates that Node accepts for their DNS name and address", async () => {
    const served = await authority.issue({
      commonName: "spp.lab",
      dnsNames: ["spp.lab"],
      ipAddresses: ["127.0.0.1"],
      intermediates: 2,
    });
    assert.equal(await refusal(served, authority.certificatePem, "spp.lab", "127.0.0.1"), undefined);
    assert.equal(await refusal(served, authority.certificatePem, "", "127.0.0.1"), undefined);
  });

  it("rejects an address listed as DNS name and a DNS name that is not listed", async () => {
    const byName = await authority.issue({ commonName: "spp.lab", dnsNames: ["spp.lab", "127.0.0.1"] });
    const byAddress = await authority.issue({ commonName: "box", ipAddresses: ["127.0.0.1"] });
    assert.equal(await refusal(byName, authority.certificatePem, "", "127.0.0.1"), "ERR_TLS_CERT_ALTNAME_INVALID");
    assert.equal(
      await refusal(byAddress, authority.certificatePem, "spp.lab", "127.0.0.1"),
      "ERR_TLS_CERT_ALTNAME_INVALID",
    );
    await assert.rejects(authority.issue({ commonName: "x", ipAddresses: ["spp.lab"] }), TypeError);
  });

  it("does not validate certificates of another authority with the same name", async () => {
    const other = await LabCertificateAuthority.create("Lab Root");
    const served = await authority.issue({ commonName: "spp.lab", dnsNames: ["spp.lab"] });
    // OpenSSL has several codes for a chain that does not end in a trusted root.
    const code = await refusal(served, other.certificatePem, "spp.lab", "127.0.0.1");
    assert.match(String(code), /^(SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|CERT_SIGNATURE_FAILURE)/);
  });

  it("issues certificates that have already expired on request", async () => {
    const notAfter = new Date(Date.now() - 3_600_000);
    const served = await authority.issue({ commonName: "old.lab", dnsNames: ["old.lab"], notAfter });
    assert.equal(await refusal(served, authority.certificatePem, "old.lab", "127.0.0.1"), "CERT_HAS_EXPIRED");
    assert.equal(Math.floor(served.notAfter.getTime() / 1000), Math.floor(notAfter.getTime() / 1000));
  });

  it("reports fingerprints, subject and issuer as Node does", async () => {
    const issued = await authority.issue({ commonName: "spp.lab", dnsNames: ["spp.lab"], intermediates: 1 });
    const parsed = new X509Certificate(issued.certificatePem);
    assert.equal(issued.sha256, parsed.fingerprint256.replaceAll(":", "").toLowerCase());
    assert.equal(issued.thumbprint, parsed.fingerprint.replaceAll(":", ""));
    assert.equal(issued.subject, "CN=spp.lab");
    assert.equal(issued.issuedBy, "CN=spp.lab intermediate 1");
    assert.equal(issued.chainPem.match(/-----BEGIN CERTIFICATE-----/g)?.length, 3);
    assert.equal(issued.issuerPems.length, 2);
    assert.equal(issued.issuerPems[1], authority.certificatePem);
    assert.match(issued.chainPem, /-----END CERTIFICATE-----\n$/);
  });

  it("signs a certificate request with its own subject and key", async () => {
    const { csrPem, privateKeyPem } = await certificateRequest("SPS-1");
    const signed = await authority.signRequest(csrPem);
    const parsed = new X509Certificate(signed.certificatePem);
    assert.equal(signed.subject, "CN=SPS-1");
    assert(parsed.verify(new X509Certificate(authority.certificatePem).publicKey));
    assert(parsed.checkPrivateKey(createPrivateKey(privateKeyPem)));
    await assert.rejects(authority.signRequest("no request"));
  });
});
