import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { describe, it } from "mocha";
import { withSecrets } from "./inputs";
import { secrets } from "./outputs/router-redirection";

/** The connection of a router with its secrets marked. */
function secretConnection<T>(router: T): T {
  return withSecrets({ router }, secrets).router;
}

/** Whether a value is a secret, and what it is. */
async function seen(value: unknown): Promise<{ isSecret: boolean; value: unknown }> {
  const output = pulumi.output(value);
  const isSecret = await pulumi.isSecret(output);
  return new Promise((resolve) => {
    pulumi.unsecret(output).apply((plain) => resolve({ isSecret, value: plain }));
  });
}

describe("secretConnection", () => {
  it("marks plain-text credentials as secrets and nothing else", async () => {
    const given = {
      address: "10.0.0.1",
      username: "admin",
      password: "hunter2",
      privateKey: "key",
      hostKey: "ssh-rsa A",
    };
    const connection: Record<string, unknown> = secretConnection(given);
    assert.deepEqual(Object.keys(connection), Object.keys(given));
    for (const name of ["password", "privateKey"] as const) {
      assert.deepEqual(await seen(connection[name]), { isSecret: true, value: given[name] });
    }
    for (const name of ["address", "username", "hostKey"] as const) assert.equal(connection[name], given[name]);
  });

  it("marks credentials from a plain output or promise as secrets", async () => {
    const connection: Record<string, unknown> = secretConnection({
      password: pulumi.output("hunter2"),
      privateKey: Promise.resolve("key"),
    });
    assert.deepEqual(await seen(connection.password), { isSecret: true, value: "hunter2" });
    assert.deepEqual(await seen(connection.privateKey), { isSecret: true, value: "key" });
  });

  it("marks the credentials of a jump host as secrets", async () => {
    const jumpHost = { address: "10.0.0.9", privateKey: "key", passphrase: "sesame", agent: true };
    const connection = secretConnection({ address: "10.0.0.1", knownHostsFile: "known_hosts", jumpHost });
    const { privateKey, passphrase, ...rest } = connection.jumpHost;
    assert.deepEqual(rest, { address: "10.0.0.9", agent: true });
    assert.deepEqual(await seen(privateKey), { isSecret: true, value: "key" });
    assert.deepEqual(await seen(passphrase), { isSecret: true, value: "sesame" });
    assert.equal(connection.knownHostsFile, "known_hosts");
    const later: Record<string, unknown> = secretConnection({ jumpHost: pulumi.output(jumpHost) });
    assert.deepEqual(await seen(later.jumpHost), { isSecret: true, value: jumpHost });
  });

  it("leaves references to credentials readable", async () => {
    const connection = secretConnection({ passwordEnv: "SPS_PASSWORD", privateKeyFile: "/run/key" });
    assert.deepEqual(connection, { passwordEnv: "SPS_PASSWORD", privateKeyFile: "/run/key" });
  });

  it("adds no credential that the program omits", () => {
    const connection = secretConnection({ address: "10.0.0.1", password: undefined });
    assert.deepEqual(connection, { address: "10.0.0.1", password: undefined });
    assert.equal(secretConnection(undefined), undefined);
  });

  for (const [what, given] of [
    ["an output", pulumi.output({ address: "10.0.0.1", password: "hunter2" })],
    ["a promise", Promise.resolve({ address: "10.0.0.1", password: "hunter2" })],
  ] as const) {
    it(`marks the whole connection as secret when it is ${what}`, async () => {
      const connection = secretConnection<unknown>(given);
      assert.deepEqual(await seen(connection), {
        isSecret: true,
        value: { address: "10.0.0.1", password: "hunter2" },
      });
    });
  }
});
