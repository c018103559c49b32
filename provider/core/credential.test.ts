import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "mocha";
import { z } from "zod";
import { credentialFields, hasCredential, resolveCredential, resolvePassword } from "./credential";
import { jsonSchemaOf, secretPaths } from "./json-schema";
import { UNKNOWN } from "./unknown";
import { validate } from "./validate";

describe("credentials", () => {
  const folder = mkdtempSync(join(tmpdir(), "safeguard-credential-"));
  after(() => rmSync(folder, { recursive: true }));

  function file(content: string): { passwordFile: string } {
    const passwordFile = join(folder, "secret");
    writeFileSync(passwordFile, content);
    return { passwordFile };
  }

  it("uses a password given as text unchanged", async () => {
    assert.equal(await resolvePassword("sps 10.0.0.1", { password: " hunter2\n" }), " hunter2\n");
  });

  it("reads an environment variable at the time of use and refuses an empty one", async () => {
    process.env.SAFEGUARD_TEST_SECRET = "hunter2";
    assert.equal(await resolvePassword("sps 10.0.0.1", { passwordEnv: "SAFEGUARD_TEST_SECRET" }), "hunter2");
    process.env.SAFEGUARD_TEST_SECRET = "";
    const rejection = resolvePassword("sps 10.0.0.1", { passwordEnv: "SAFEGUARD_TEST_SECRET" });
    await assert.rejects(rejection, {
      code: "SG1001",
      message:
        "sps 10.0.0.1: resolve credential: environment variable SAFEGUARD_TEST_SECRET is not set; export it in the shell that runs pulumi; what the program itself sets is not seen [SG1001]",
    });
    delete process.env.SAFEGUARD_TEST_SECRET;
  });

  it("strips one final line break from a variable as from a file, and refuses one that holds nothing else", async () => {
    for (const [content, expected] of [
      ["hunter2\n", "hunter2"],
      ["hunter2\r\n", "hunter2"],
      [" hunter 2\n\n", " hunter 2\n"],
      ["\uFEFFhunter2", "hunter2"],
    ]) {
      process.env.SAFEGUARD_TEST_SECRET = content;
      assert.equal(await resolvePassword("x", { passwordEnv: "SAFEGUARD_TEST_SECRET" }), expected);
    }
    process.env.SAFEGUARD_TEST_SECRET = "\n";
    await assert.rejects(resolvePassword("x", { passwordEnv: "SAFEGUARD_TEST_SECRET" }), { code: "SG1001" });
    delete process.env.SAFEGUARD_TEST_SECRET;
  });

  it("understands a private key whose line breaks are written as two characters, however it is given", async () => {
    const key = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n";
    const flat = key.replaceAll("\n", "\\n");
    process.env.SAFEGUARD_TEST_SECRET = flat;
    const { passwordFile: privateKeyFile } = file(flat);
    for (const holder of [{ privateKey: flat }, { privateKeyEnv: "SAFEGUARD_TEST_SECRET" }, { privateKeyFile }]) {
      assert.equal(await resolveCredential("x", holder, "privateKey"), key);
    }
    delete process.env.SAFEGUARD_TEST_SECRET;
  });

  it("reads a file in the home directory, and refuses the home directory of another user", async () => {
    const home = process.env.HOME;
    process.env.HOME = folder;
    file("hunter2");
    assert.equal(await resolvePassword("x", { passwordFile: "~/secret" }), "hunter2");
    await assert.rejects(resolvePassword("x", { passwordFile: "~other/secret" }), {
      code: "SG1001",
      message: /file ~other\/secret cannot be read \(~other is known to shells only; write the whole path\)/,
    });
    process.env.HOME = home;
  });

  it("strips one final line break from a password file and keeps all others", async () => {
    assert.equal(await resolvePassword("x", file("hunter2\n")), "hunter2");
    assert.equal(await resolvePassword("x", file("hunter2\r\n")), "hunter2");
    assert.equal(await resolvePassword("x", file("hunter2\n\n")), "hunter2\n");
    assert.equal(await resolvePassword("x", file(" hunter 2")), " hunter 2");
    const pem = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    assert.equal(await resolvePassword("x", file(pem)), pem);
    assert.equal(await resolvePassword("x", file("\uFEFFhunter2\n")), "hunter2");
  });

  it("refuses an empty password file", async () => {
    for (const content of ["", "\n", "\uFEFF\r\n"]) {
      await assert.rejects(resolvePassword("x", file(content)), {
        code: "SG1001",
        message: /secret is empty; write/,
      });
    }
  });

  it("accepts an unknown value as text, variable and file", () => {
    const schema = z.strictObject(credentialFields("password", "Password."));
    for (const name of ["password", "passwordEnv", "passwordFile"]) {
      assert.deepEqual(validate(schema, { [name]: UNKNOWN }), { ok: true, value: { [name]: UNKNOWN } });
    }
  });

  it("treats a missing credential as undefined, but requires an appliance password", async () => {
    assert.equal(await resolveCredential("router 10.0.0.1", {}, "passphrase"), undefined);
    await assert.rejects(resolvePassword("sps 10.0.0.1", {}), {
      code: "SG1001",
      message:
        "sps 10.0.0.1: resolve credential: no password is set; set password, passwordEnv or passwordFile [SG1001]",
    });
    assert.equal(hasCredential({}, "password"), false);
    assert.equal(hasCredential({ passwordFile: "x" }, "password"), true);
  });

  it("resolves a private key and its passphrase independently", async () => {
    const holder = { privateKey: "key", passphraseEnv: "SAFEGUARD_TEST_PASSPHRASE" };
    process.env.SAFEGUARD_TEST_PASSPHRASE = "sesame";
    assert.equal(await resolveCredential("x", holder, "privateKey"), "key");
    assert.equal(await resolveCredential("x", holder, "passphrase"), "sesame");
    delete process.env.SAFEGUARD_TEST_PASSPHRASE;
  });

  it("marks a credential as secret, but not its variable and file name", () => {
    const schema = z.strictObject(credentialFields("privateKey", "Key."));
    assert.deepEqual([...secretPaths(schema)], ["privateKey"]);
    assert.equal(jsonSchemaOf(schema).properties?.privateKeyEnv?.access, true);
  });

  it("names the file of a credential that cannot be read", async () => {
    const missing = join(folder, "missing");
    await assert.rejects(resolvePassword("sps 10.0.0.1", { passwordFile: missing }), (error: Error) => {
      assert.ok(error.message.startsWith(`sps 10.0.0.1: resolve credential: file ${missing} cannot be read (ENOENT`));
      assert.ok(error.message.endsWith("; correct the path or its rights [SG1001]"));
      return true;
    });
  });
});
