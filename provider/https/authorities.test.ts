import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, before, describe, it } from "mocha";
import { LabCertificateAuthority } from "../../lab/common/certificates";
import { skipTests } from "../../tests/contract/skip";
import { ScriptedServer } from "../../tests/support/https-server";
import { operationContext } from "../core/context";
import { authorities } from "./authorities";
import { Transport } from "./transport";

const ENVIRONMENT = { ...process.env };

describe("the authorities that certificates are verified by", () => {
  const folder = mkdtempSync(join(tmpdir(), "authorities-"));
  let company: LabCertificateAuthority;

  before(async () => {
    company = await LabCertificateAuthority.create("Company");
  });
  after(() => rmSync(folder, { recursive: true }));
  afterEach(() => {
    for (const name of ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"]) {
      if (ENVIRONMENT[name] === undefined) delete process.env[name];
      else process.env[name] = ENVIRONMENT[name];
    }
  });

  /** Whether a server with a certificate of the company is trusted without `ca`. */
  async function isTrusted(): Promise<boolean> {
    const certificate = await company.issue({ commonName: "sps", ipAddresses: ["127.0.0.1"] });
    const server = await ScriptedServer.start(certificate, () => ({ status: 200 }));
    const connection = { address: "127.0.0.1", port: server.port, username: "admin", insecureSkipVerify: false };
    const transport = new Transport("sps", connection, operationContext());
    try {
      return await transport.send({ method: "GET", path: "/" }).then(
        () => true,
        () => false,
      );
    } finally {
      await transport.close();
      await server.stop();
    }
  }

  for (const name of ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"]) {
    it(`include those of the system and of Node, here from ${name}`, async function () {
      if (process.platform !== "linux")
        skipTests(this, "only Linux takes the authorities of the system from SSL_CERT_FILE");
      assert.equal(await isTrusted(), false);
      const file = join(folder, `${name}.pem`);
      writeFileSync(file, `# remark\n${company.certificatePem}`);
      process.env[name] = file;
      assert.equal(await isTrusted(), true);
      process.env[name] = join(folder, "missing.pem");
      assert.equal(await isTrusted(), false);
    });
  }

  it("are read once for many connections, and are the given ones alone with ca", () => {
    const first = authorities(undefined);
    assert.ok("secureContext" in first);
    assert.equal(authorities(undefined).secureContext, first.secureContext);
    const own = authorities(company.certificatePem);
    assert.equal(authorities(company.certificatePem).secureContext, own.secureContext);
    assert.notEqual(own.secureContext, first.secureContext);
  });
});
