import assert from "node:assert/strict";
import fc from "fast-check";
import { afterEach, describe, it } from "mocha";
import { LabCertificateAuthority } from "../../lab/common/certificates";
import { ScriptedAppliance } from "../../tests/support/scripted-appliance";
import { operationContext } from "../core/context";
import { asDnsName } from "../https/served-certificate";
import { SppClient } from "./client";
import {
  covers,
  findSessionModule,
  linkState,
  listConnectionPolicies,
  readCertificateChain,
  toPem,
} from "./session-modules";

describe("names in certificates", () => {
  const label = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
  const name = fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join("."));

  it("cover the same name and the same address, whatever the case", () => {
    fc.assert(fc.property(name, (given) => assert.equal(covers(given.toUpperCase(), given), true)));
    fc.assert(fc.property(fc.ipV4(), (given) => assert.equal(covers(given, given), true)));
  });

  it("with a wildcard cover exactly one label", () => {
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

  it("with a wildcard never cover an address", () => {
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
  it("keep their data and have lines of at most 64 characters, from base64 with or without breaks", () => {
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

  it("stay as they are, but for carriage returns and the end of the last line", async () => {
    const { certificatePem } = await LabCertificateAuthority.create("PEM");
    assert.equal(toPem(certificatePem), certificatePem);
    assert.equal(toPem(certificatePem.replaceAll("\n", "\r\n")), certificatePem);
    assert.equal(toPem(certificatePem.trim()), certificatePem);
    assert.equal(toPem(certificatePem.replace(/-----[^-]+-----|\s/g, "")), certificatePem);
  });
});

describe("how SPP stands with an SPS node", () => {
  const row = { Id: 3, NodeId: "ABC", Trusted: false, CertificateUserThumbprint: null as string | null };

  it("follows from its entry: none, disconnected, not trusted yet, trusted", () => {
    assert.equal(linkState(undefined), "none");
    assert.equal(linkState(row), "disconnected");
    assert.equal(linkState({ ...row, Trusted: true }), "disconnected");
    assert.equal(linkState({ ...row, CertificateUserThumbprint: "9D6A" }), "untrusted");
    assert.equal(linkState({ ...row, CertificateUserThumbprint: "9D6A", Trusted: true }), "trusted");
  });

  describe("as SPP tells it", () => {
    const endings: (() => unknown)[] = [];
    afterEach(async () => {
      for (const end of endings.splice(0).reverse()) await end();
    });

    async function spp(answers: Record<string, unknown>): Promise<{ client: SppClient; asked: string[] }> {
      const server = await ScriptedAppliance.start(({ path }) => {
        const body = answers[path.split("?")[0]?.replace("/service/core/v4/", "") ?? ""];
        return body === undefined ? { status: 404 } : { status: 200, body: JSON.stringify(body) };
      });
      endings.push(() => server.stop());
      const client = SppClient.anonymous(server.connection, operationContext());
      endings.push(() => client.close());
      return {
        client,
        get asked() {
          return server.asked.map((request) => decodeURIComponent(request));
        },
      };
    }

    it("finds the entry by node id, whatever the case, disconnected ones too, asking for every field it needs", async () => {
      const rows = [
        { ...row, Id: 1, NodeId: "abcd" },
        { ...row, Id: 2 },
        { ...row, Id: 3, NodeId: "xyz" },
      ];
      const { client } = await spp({ "Cluster/SessionModules": rows });
      assert.equal((await findSessionModule(client, "abc"))?.Id, 2);
      assert.equal(await findSessionModule(client, "ab"), undefined);
    });

    it("names the thumbprint among the fields, because its absence would look like a disconnected entry", async () => {
      const found = await spp({ "Cluster/SessionModules": [] });
      await findSessionModule(found.client, "abc");
      assert.deepEqual(found.asked, [
        "GET /service/core/v4/Cluster/SessionModules?includeDisconnected=true&fields=Id,NodeId,SpsNetworkAddress,SpsHostName,Trusted,CertificateUserThumbprint,FirmwareVersion,CreatedDate",
      ]);
    });

    it("refuses an answer that leaves the thumbprint out", async () => {
      const { client } = await spp({ "Cluster/SessionModules": [{ Id: 1, NodeId: "abc", Trusted: true }] });
      await assert.rejects(findSessionModule(client, "abc"), { code: "SG1012" });
    });

    it("asks for the connection policies once per protocol", async () => {
      const found = await spp({ "Cluster/SessionModules/3/ConnectionPolicies": [{ Name: "b" }, { Name: "a" }] });
      assert.deepEqual(await listConnectionPolicies(found.client, 3), ["a", "b"]);
      assert.deepEqual([...found.asked].sort(), [
        "GET /service/core/v4/Cluster/SessionModules/3/ConnectionPolicies?protocol=Rdp",
        "GET /service/core/v4/Cluster/SessionModules/3/ConnectionPolicies?protocol=Ssh",
      ]);
    });

    const certificate = {
      Thumbprint: "AB",
      Base64CertificateData: "AAAA",
      IssuerCertificates: ["BBBB", "-----BEGIN CERTIFICATE-----\r\nCCCC\r\n-----END CERTIFICATE-----"],
      DnsNames: ["spp.lab.example"],
      IpAddresses: ["10.0.0.5"],
      Appliances: [{ Id: "00155D26E342" }],
    };
    const pem = (data: string) => `-----BEGIN CERTIFICATE-----\n${data}\n-----END CERTIFICATE-----\n`;

    it("hands out the chain of the certificate this appliance uses, leaf first", async () => {
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

    it("takes an address that stands among the DNS names for none, as SPS does", async () => {
      const { client } = await spp({ SslCertificates: [{ ...certificate, DnsNames: ["10.0.0.5"], IpAddresses: [] }] });
      await assert.rejects(readCertificateChain(client, "00155D26E342", "10.0.0.5"), {
        code: "SG2011",
        message:
          /its certificate names DNS:10\.0\.0\.5, not 10\.0\.0\.5; .*; give SPP a certificate that names its address/,
      });
    });

    it("hands out a certificate that signed itself alone", async () => {
      const { client } = await spp({ SslCertificates: [{ ...certificate, IssuerCertificates: null }] });
      assert.equal(await readCertificateChain(client, "00155D26E342", "10.0.0.5"), pem("AAAA"));
    });

    it("counts the common name where there are no alternative names, and only there", async () => {
      const subject = { ...certificate, Subject: "O=Lab, CN=spp.old.example, C=HU" };
      const old = await spp({ SslCertificates: [{ ...subject, DnsNames: null, IpAddresses: [] }] });
      assert.ok(await readCertificateChain(old.client, "00155D26E342", "spp.old.example"));
      const { client } = await spp({ SslCertificates: [subject] });
      await assert.rejects(readCertificateChain(client, "00155D26E342", "spp.old.example"), { code: "SG2011" });
    });

    it("refuses a certificate that does not name the address, and says which name to use", async () => {
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

    it("says so when no certificate is assigned to the appliance", async () => {
      const { client } = await spp({ SslCertificates: [certificate] });
      await assert.rejects(readCertificateChain(client, "00155D000000", "10.0.0.5"), { code: "SG2010" });
    });
  });
});
