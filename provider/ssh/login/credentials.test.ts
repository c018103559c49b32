import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ParsedKey } from "ssh2";
import { CERTIFICATE } from "../../../tests/support/certificate";
import { SshFailure, type SshServerLogin } from "../target";
import { readCredentials } from "./credentials";

const login = { address: "127.0.0.1", port: 22, username: "root", insecureSkipVerify: false };
const PASSPHRASE = "open the key sesame";

async function refusal(parts: Partial<SshServerLogin>): Promise<[string, string]> {
  const error: unknown = await readCredentials({ ...login, ...parts }).catch((reason: unknown) => reason);
  assert.ok(error instanceof SshFailure, String(error));
  return [error.kind, error.message];
}

describe("credentials for SSH", () => {
  const folder = mkdtempSync(join(tmpdir(), "keys-"));
  after(() => rmSync(folder, { recursive: true }));

  function makeKey(name: string, ...options: string[]): string {
    const file = join(folder, name);
    execFileSync("ssh-keygen", ["-q", "-C", "", "-f", file, ...options]);
    return readFileSync(file, "utf8");
  }

  for (const [form, options] of [
    ["OpenSSH's own form", ["-t", "ed25519", "-a", "1", "-N", PASSPHRASE]],
    ["PEM form", ["-t", "rsa", "-b", "2048", "-m", "PEM", "-N", PASSPHRASE]],
  ] as const) {
    it(`decrypts a private key in ${form} with its passphrase only, and shows neither`, async () => {
      const privateKey = makeKey(form.replaceAll(/\W/g, ""), ...options);
      const { key } = await readCredentials({ ...login, privateKey, passphrase: PASSPHRASE });
      assert.equal(key?.isPrivateKey(), true);
      const missing = "the private key is encrypted and has no passphrase";
      const wrong = "the private key cannot be read with this passphrase";
      assert.deepEqual(await refusal({ privateKey }), ["unusable-private-key", missing]);
      assert.deepEqual(await refusal({ privateKey, passphrase: "hunter2" }), ["unusable-private-key", wrong]);
    });
  }

  it("accepts an unencrypted key, with or without a passphrase, and no public key", async () => {
    const privateKey = makeKey("plain", "-t", "ed25519", "-N", "");
    for (const passphrase of [undefined, PASSPHRASE]) {
      const { key } = await readCredentials({ ...login, privateKey, ...(passphrase && { passphrase }) });
      assert.equal(key?.type, "ssh-ed25519");
    }
    const publicKey = readFileSync(join(folder, "plain.pub"), "utf8");
    const said = "it is a public key, not a private one";
    assert.deepEqual(await refusal({ privateKey: publicKey }), ["unusable-private-key", said]);
    const cut = privateKey.slice(0, privateKey.length / 2);
    const mistakes = {
      "the private key is cut off: it has no line -----END … KEY-----": cut,
      "the private key is the path of a file; set privateKeyFile instead": "~/.ssh/id_ed25519\n",
      "the private key cannot be read: it has no line -----BEGIN … KEY-----": "rubbish",
      "the private key has lost its line breaks; write them as line breaks or as \\n": privateKey.replaceAll("\n", " "),
      "the private key is in PuTTY's format 3; export it as an OpenSSH key with PuTTYgen": "PuTTY-User-Key-File-3: x",
      "it is a certificate, not a private key": CERTIFICATE,
      "the private key cannot be read": privateKey.replace("b3Bl", "AAAA"),
    };
    for (const [message, wrong] of Object.entries(mistakes)) {
      assert.deepEqual(await refusal({ privateKey: wrong }), ["unusable-private-key", message]);
    }
  });

  for (const type of ["rsa", "ec", "ed25519"] as const) {
    it(`accepts a key in PKCS #8 form, encrypted or not: ${type}`, async () => {
      const hash = type === "ed25519" ? undefined : "sha256";
      const options = { modulusLength: 2048, namedCurve: "P-256" };
      const { privateKey, publicKey } = generateKeyPairSync(type as "rsa", options as { modulusLength: number });
      const pem = (encryption = {}) => privateKey.export({ type: "pkcs8", format: "pem", ...encryption }).toString();
      const encrypted = pem({ cipher: "aes-256-cbc", passphrase: PASSPHRASE });
      for (const parts of [{ privateKey: pem() }, { privateKey: encrypted, passphrase: PASSPHRASE }]) {
        const { key } = await readCredentials({ ...login, ...parts });
        const signature = key?.sign(Buffer.from("a text"), hash) as Buffer;
        assert.equal(key?.verify(Buffer.from("a text"), signature, hash), true);
        const opened = createPublicKey(key?.getPublicPEM() ?? "");
        assert.ok(opened.equals(publicKey));
      }
      const missing = "the private key is encrypted and has no passphrase";
      const wrong = "the private key cannot be read with this passphrase";
      assert.deepEqual(await refusal({ privateKey: encrypted }), ["unusable-private-key", missing]);
      assert.deepEqual(await refusal({ privateKey: encrypted, passphrase: "hunter2" }), [
        "unusable-private-key",
        wrong,
      ]);
    });
  }

  it("refuses a key of a type that SSH does not support", async () => {
    const privateKey = generateKeyPairSync("x25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    assert.deepEqual(await refusal({ privateKey }), ["unusable-private-key", "the private key cannot be read"]);
  });

  describe("from an agent", () => {
    const socket = join(folder, "agent");
    let agentId: number;

    before(() => {
      const said = execFileSync("ssh-agent", ["-s", "-a", socket], { encoding: "utf8" });
      agentId = Number(/SSH_AGENT_PID=(\d+)/.exec(said)?.[1]);
    });
    after(() => process.kill(agentId));

    const agentRuns = (...options: string[]) =>
      execFileSync("ssh-add", ["-q", ...options], { env: { ...process.env, SSH_AUTH_SOCK: socket } });

    it("uses an SSH agent with a key, and refuses one without a key or without an answer", async () => {
      const refused = (at: string) => refusal({ agentSocket: at });
      assert.deepEqual(await refused(socket), ["unusable-agent", `the SSH agent at ${socket} has no key`]);
      makeKey("forAgent", "-t", "ed25519", "-N", "");
      agentRuns(join(folder, "forAgent"));
      assert.ok((await readCredentials({ ...login, agentSocket: socket })).agent);

      const [kind, message] = await refused(join(folder, "nobody"));
      assert.equal(kind, "unusable-agent");
      assert.match(message, /^the SSH agent at \S+nobody does not answer \(.+\)$/);
    });

    it("offers the one key of an agent that is chosen by public key, fingerprint or comment", async () => {
      for (const name of ["first", "second"]) {
        makeKey(name, "-t", "ed25519", "-N", "", "-C", `key ${name}`);
        agentRuns(join(folder, name));
      }
      const publicKey = readFileSync(join(folder, "second.pub"), "utf8");
      const fingerprint = execFileSync("ssh-keygen", ["-lf", join(folder, "second.pub")], { encoding: "utf8" }).split(
        " ",
      )[1];
      const offered = async (agentKey?: string) => {
        const { agent } = await readCredentials({ ...login, agentSocket: socket, ...(agentKey && { agentKey }) });
        return await new Promise<string[]>((resolve) =>
          agent?.agent.getIdentities((_error, keys) =>
            resolve((keys as ParsedKey[]).map((key) => key.getPublicSSH().toString("base64"))),
          ),
        );
      };
      const wanted = publicKey.split(" ")[1] ?? "";
      assert.ok((await offered()).length > 1);
      for (const agentKey of [publicKey, `ssh-ed25519 ${wanted} another comment`, String(fingerprint), "key second"]) {
        assert.deepEqual(await offered(agentKey), [wanted]);
      }
      const [kind, message] = await refusal({ agentSocket: socket, agentKey: "key third" });
      assert.equal(kind, "unusable-agent");
      assert.match(message, /has no key key third; it has ssh-ed25519 SHA256:.*, ssh-ed25519 SHA256:\S+ key second$/);
    });

    it("says that an agent holds only a user certificate, which is not supported", async () => {
      agentRuns("-D");
      for (const name of ["authority", "certified"]) makeKey(name, "-t", "ed25519", "-N", "");
      const [authority, certified] = ["authority", "certified"].map((name) => join(folder, name));
      execFileSync("ssh-keygen", ["-q", "-s", String(authority), "-I", "id", "-n", "root", `${certified}.pub`]);
      agentRuns(String(certified));
      const both = await readCredentials({ ...login, agentSocket: socket });
      assert.deepEqual([both.agent?.count, both.agent?.unsupported], [1, ["ssh-ed25519-cert-v01@openssh.com"]]);
      // Beside a certificate, its file would name both.
      renameSync(`${certified}.pub`, join(folder, "plain-of-certified.pub"));
      agentRuns("-d", join(folder, "plain-of-certified"));
      assert.deepEqual(await refusal({ agentSocket: socket }), [
        "unusable-agent",
        `the SSH agent at ${socket} holds only keys of types that are not supported: ssh-ed25519-cert-v01@openssh.com`,
      ]);
      agentRuns("-D");
    });

    it("refuses an SSH agent that closes the connection without an answer", async () => {
      const path = join(folder, "rude");
      const server = createServer((peer) => peer.on("error", () => undefined).end());
      await new Promise<void>((resolve) => server.listen(path, resolve));
      try {
        const [kind, message] = await refusal({ agentSocket: path });
        assert.equal(kind, "unusable-agent");
        assert.match(message, /^the SSH agent at \S+rude does not answer \(.+\)$/);
      } finally {
        server.close();
      }
    });
  });
});
