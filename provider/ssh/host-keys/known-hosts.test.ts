import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { utils } from "ssh2";
import { type HostKey, hostKeyLine, parseHostKey } from "./host-key";
import { holdsKnownHosts, knownKeys, nameOf } from "./known-hosts";

const [one, other, ecdsa] = (["ed25519", "ed25519", "ecdsa"] as const).map((type) =>
  utils.generateKeyPairSync(type, { bits: 256 } as { bits: 256 }).public.trim(),
) as [string, string, string];
const keyOf = (line: string) => parseHostKey(line) as HostKey;

/** The keys that are trusted, as lines. */
function trusted(text: string, address: string, port = 22): string[] {
  return knownKeys(text, address, port).trusted.map(hostKeyLine);
}

describe("known hosts", () => {
  it("matches a known host by address or name, in any case, in lists, patterns, exclusions", () => {
    const text = `# comment\n\nrouter,10.0.0.1 ${one} root@router\n*.lab.example,!bad.lab.example ${other}\nedge-? ${ecdsa}\r\n`;
    assert.deepEqual(trusted(text, "10.0.0.1"), [one]);
    assert.deepEqual(trusted(text, "ROUTER"), [one]);
    assert.deepEqual(trusted(text, "10.0.0.11"), []);
    assert.deepEqual(trusted(text, "r.lab.example"), [other]);
    assert.deepEqual(trusted(text, "bad.lab.example"), []);
    assert.deepEqual(trusted(text, "rxlab.example"), [], "a dot is a dot");
    assert.deepEqual(trusted(text, "edge-7"), [ecdsa]);
    assert.deepEqual(trusted(text, "edge-77"), []);
  });

  it("lists several keys of one known host", () => {
    assert.deepEqual(trusted(`router ${one}\nrouter ${ecdsa}\n`, "router"), [one, ecdsa]);
  });

  it("matches another port in brackets, else the name of the known host alone", () => {
    const text = `router ${one}\n[router]:2222 ${other}\n`;
    assert.equal(nameOf("Router", 2222), "[router]:2222");
    assert.deepEqual(trusted(text, "router"), [one]);
    assert.deepEqual(trusted(text, "router", 2222), [other]);
    assert.deepEqual(trusted(text, "router", 2223), [one]);
    assert.deepEqual(trusted("[router]:2222 ".concat(one), "router"), []);
  });

  it("reads known hosts in the hashed form of ssh-keygen", () => {
    const folder = mkdtempSync(join(tmpdir(), "known-"));
    try {
      const file = join(folder, "known_hosts");
      writeFileSync(file, `router ${one}\n[10.0.0.1]:2222 ${other}\n`);
      execFileSync("ssh-keygen", ["-q", "-H", "-f", file], { stdio: "ignore" });
      const text = readFileSync(file, "utf8");
      assert.doesNotMatch(text, /router|10\.0\.0\.1/);
      assert.deepEqual(trusted(text, "router"), [one]);
      assert.deepEqual(trusted(text, "10.0.0.1", 2222), [other]);
      assert.deepEqual(trusted(text, "10.0.0.2"), []);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("reads revoked keys, and certificate authorities, which are not supported", () => {
    const text = `router ${one}\n@revoked * ${other}\n@cert-authority *.example ${ecdsa}\n@unheard-of router ${ecdsa}\n`;
    assert.deepEqual(knownKeys(text, "router", 22), {
      trusted: [keyOf(one)],
      revoked: [keyOf(other)],
      hasAuthority: false,
    });
    assert.deepEqual(knownKeys(text, "r.example", 2222), { trusted: [], revoked: [keyOf(other)], hasAuthority: true });
  });

  it("ignores unreadable lines of known hosts", () => {
    const broken = `router\nrouter ssh-ed25519\nrouter ${one.slice(0, -8)}\n|1|!!|! ${one}\n|2|a|b ${one}\n`;
    assert.deepEqual(trusted(broken, "router"), []);
    assert.equal(holdsKnownHosts("router\n# nothing\n"), false);
    assert.equal(holdsKnownHosts(`\nrouter ${one}`), true);
  });
});
