import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { after, describe, it } from "mocha";
import { credential, resolveCredential, withoutCredentials } from "./credential";
import { UNKNOWN } from "./unknown";

describe("credentials", () => {
  const folder = mkdtempSync(join(tmpdir(), "safeguard-credential-"));
  after(() => rmSync(folder, { recursive: true }));

  function file(content: string): { file: string } {
    const path = join(folder, "secret");
    writeFileSync(path, content);
    return { file: path };
  }

  it("given as text are taken as they are", async () => {
    assert.equal(await resolveCredential("sps 10.0.0.1", " hunter2\n"), " hunter2\n");
  });

  it("come from the environment when they are used", async () => {
    process.env.SAFEGUARD_TEST_SECRET = "hunter2";
    assert.equal(await resolveCredential("sps 10.0.0.1", { env: "SAFEGUARD_TEST_SECRET" }), "hunter2");
    process.env.SAFEGUARD_TEST_SECRET = "";
    const rejection = resolveCredential("sps 10.0.0.1", { env: "SAFEGUARD_TEST_SECRET" });
    await assert.rejects(rejection, {
      code: "SG1001",
      message:
        "sps 10.0.0.1: resolve credential: environment variable SAFEGUARD_TEST_SECRET is not set; set it where the Pulumi program runs [SG1001]",
    });
    delete process.env.SAFEGUARD_TEST_SECRET;
  });

  it("come from a file without the line break an editor put there, and with every other one", async () => {
    assert.equal(await resolveCredential("x", file("hunter2\n")), "hunter2");
    assert.equal(await resolveCredential("x", file("hunter2\r\n")), "hunter2");
    assert.equal(await resolveCredential("x", file("hunter2\n\n")), "hunter2\n");
    assert.equal(await resolveCredential("x", file(" hunter 2")), " hunter 2");
    const pem = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    assert.equal(await resolveCredential("x", file(pem)), pem);
    assert.equal(await resolveCredential("x", file("\uFEFFhunter2\n")), "hunter2");
  });

  it("are never nothing: an empty file is told, not tried", async () => {
    for (const content of ["", "\n", "\uFEFF\r\n"]) {
      await assert.rejects(resolveCredential("x", file(content)), {
        code: "SG1001",
        message: /secret is empty; write/,
      });
    }
  });

  it("are not known while what they refer to is not", () => {
    const schema = credential("Password.");
    for (const given of [{ env: UNKNOWN }, { file: UNKNOWN }]) assert.equal(schema.parse(given), UNKNOWN);
    assert.equal(schema.safeParse({ file: UNKNOWN, env: "X" }).success, false);
  });

  it("that cannot be read name the file", async () => {
    const missing = join(folder, "missing");
    await assert.rejects(resolveCredential("sps 10.0.0.1", { file: missing }), (error: Error) => {
      assert.ok(error.message.startsWith(`sps 10.0.0.1: resolve credential: file ${missing} cannot be read (ENOENT`));
      assert.ok(error.message.endsWith("; correct the path or its rights [SG1001]"));
      return true;
    });
  });

  it("are blanked wherever they stand, and nothing else is", () => {
    const connection = { address: "10.0.0.1", port: 443, password: UNKNOWN };
    assert.deepEqual(withoutCredentials({ one: connection, many: [{ connection }, UNKNOWN], privateKey: "x" }), {
      one: { address: "10.0.0.1", port: 443, password: "" },
      many: [{ connection: { address: "10.0.0.1", port: 443, password: "" } }, UNKNOWN],
      privateKey: "",
    });
    const plain = fc.jsonValue().filter((value) => !/"(password|privateKey)":/.test(JSON.stringify(value)));
    fc.assert(fc.property(plain, (value) => assert.deepEqual(withoutCredentials(value), value)));
  });
});
