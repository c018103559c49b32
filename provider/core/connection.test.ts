import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { applianceConnection, routerConnection } from "./connection";
import { UNKNOWN } from "./unknown";
import { validate } from "./validate";

function reasons(changes: object): string[] {
  const validated = validate(applianceConnection, { address: "10.0.0.1", password: "hunter2", ...changes });
  return validated.ok ? [] : validated.failures.map(({ reason }) => reason);
}

describe("appliance connections", () => {
  it("accepts an address and a password and fills in the defaults", () => {
    assert.deepEqual(validate(applianceConnection, { address: "sps.example", password: "hunter2" }), {
      ok: true,
      value: {
        address: "sps.example",
        port: 443,
        username: "admin",
        password: "hunter2",
        insecureSkipVerify: false,
      },
    });
  });

  it("accepts host names and IPv4 addresses", () => {
    fc.assert(fc.property(fc.oneof(fc.domain(), fc.ipV4()), (address) => assert.deepEqual(reasons({ address }), [])));
    for (const address of ["sps", "sps-1.lab.example", "1sps.example"]) assert.deepEqual(reasons({ address }), []);
  });

  it("hides the value of an address that may contain a password or token", () => {
    for (const address of ["https://admin:hunter2@sps", "admin:hunter2@sps", "https://sps/?token=hunter2"]) {
      assert.deepEqual(reasons({ address, password: "x" }), [
        "Invalid value for address. Allowed values are: an IPv4 address or a host name (IPv6 is not supported).",
      ]);
    }
  });

  it("refuses malformed addresses, URLs and IPv6 addresses", () => {
    const wrong = ["10.0.0.300", "10.0.0", "1", "sps..example", ".sps", "sps.", "-sps", "sps_1", "::1", "[::1]"];
    for (const address of [...wrong, "10.0.0.1:8443", "https://sps", "sps/x", "a b", "é.example"]) {
      assert.deepEqual(reasons({ address }), [
        `Invalid value for address: ${address}. Allowed values are: an IPv4 address or a host name (IPv6 is not supported).`,
      ]);
    }
    assert.equal(reasons({ address: "a".repeat(64) }).length, 1);
    assert.equal(reasons({ address: `${"a.".repeat(127)}aa` }).length, 1);
  });

  it("normalizes fingerprints to lower-case digits without colons", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.boolean(),
        fc.boolean(),
        (bytes, upper, colons) => {
          const digits = Buffer.from(bytes).toString("hex");
          const cased = upper ? digits.toUpperCase() : digits;
          const given = colons ? (cased.match(/../g) ?? []).join(":") : cased;
          const validated = validate(applianceConnection, { address: "a", password: "b", certificateSha256: given });
          assert.ok(validated.ok);
          assert.equal(validated.value.certificateSha256, digits);
        },
      ),
    );
    for (const certificateSha256 of ["", "ab".repeat(31), "ab".repeat(33), "xy".repeat(32)]) {
      assert.equal(reasons({ certificateSha256 }).length, 1);
    }
  });

  it("shows no part of an invalid password", () => {
    for (const password of [["hunter2"], { evn: "hunter2" }, { env: "hunter2", file: "hunter2" }, 77777]) {
      assert.deepEqual(reasons({ password }), [
        "Invalid value for password. Allowed values are: text that is not empty; or set passwordEnv or passwordFile instead.",
      ]);
    }
  });

  it("reports every fault of a connection at once", () => {
    assert.deepEqual(reasons({ port: 0, username: "", insecureSkipVerify: "yes", adress: "10.0.0.1" }), [
      "Invalid value for port: 0. Allowed values are: 1 to 65535.",
      "Invalid value for username: empty text. Allowed values are: text that is not empty.",
      'Invalid value for insecureSkipVerify: "yes", which is text. Allowed values are: true, false.',
      "Unknown property adress. Did you mean address?",
    ]);
  });

  it("accepts unknown values in every property of a connection", () => {
    const keys = ["address", "port", "username", "password", "ca", "certificateSha256", "insecureSkipVerify"];
    const connection = Object.fromEntries(keys.map((key) => [key, UNKNOWN]));
    assert.deepEqual(validate(applianceConnection, connection), { ok: true, value: connection });
    const { password: _unset, ...byReference } = connection;
    for (const key of ["passwordEnv", "passwordFile"]) {
      const given = { ...byReference, [key]: UNKNOWN };
      assert.deepEqual(validate(applianceConnection, given), { ok: true, value: given });
    }
  });

  it("refuses a connection without a password or with several kinds of password", () => {
    assert.deepEqual(reasons({ password: undefined }), [
      "no password is set; set password, passwordEnv or passwordFile",
    ]);
    assert.deepEqual(reasons({ passwordEnv: "X" }), ["both password and passwordEnv are set; set only one of them"]);
    assert.deepEqual(reasons({ passwordEnv: "X", passwordFile: UNKNOWN }), [
      "password, passwordEnv and passwordFile are set; set only one of them",
    ]);
  });
});

describe("router connections", () => {
  it("defaults to root on port 22 and verifies the host key", () => {
    assert.deepEqual(validate(routerConnection, { address: "router.example", agent: true }), {
      ok: true,
      value: { address: "router.example", agent: true, port: 22, username: "root", insecureSkipVerify: false },
    });
  });

  it("shows no part of an invalid private key", () => {
    const validated = validate(routerConnection, { address: "router", privateKey: ["hunter2"] });
    assert.ok(!validated.ok);
    assert.deepEqual(
      validated.failures.map(({ reason }) => reason),
      [
        "Invalid value for privateKey. Allowed values are: text that is not empty; or set privateKeyEnv or privateKeyFile instead.",
      ],
    );
  });
});
