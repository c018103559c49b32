import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { utils } from "ssh2";
import { hostKeyLine, isSameHostKey, parseHostKey, presentedHostKey } from "./host-key";

function makeKey(type: "ed25519" | "rsa" | "ecdsa"): string {
  const options = type === "rsa" ? { bits: 2048 } : type === "ecdsa" ? { bits: 256 } : {};
  return utils.generateKeyPairSync(type, options as { bits: number }).public.trim();
}

describe("host keys", () => {
  for (const type of ["ed25519", "rsa", "ecdsa"] as const) {
    it(`reads an ${type} line, with a comment and as known_hosts writes it`, () => {
      const line = makeKey(type);
      const key = parseHostKey(line);
      assert.ok(key);
      assert.equal(hostKeyLine(key), line.split(" ").slice(0, 2).join(" "));
      assert.deepEqual(parseHostKey(`${line} root@router`), key);
      assert.deepEqual(parseHostKey(`10.0.0.1 ${line}`), key);
      assert.deepEqual(presentedHostKey(Buffer.from(key.base64, "base64")), key);
    });
  }

  it("refuses a truncated line, a key of another type than named, and text without a key", () => {
    const line = makeKey("ed25519");
    assert.equal(parseHostKey(line.slice(0, -8)), undefined);
    assert.equal(parseHostKey(line.replace("ssh-ed25519", "ssh-rsa")), undefined);
    assert.equal(parseHostKey("ssh-ed25519"), undefined);
    assert.equal(parseHostKey("SHA256:abcdef"), undefined);
    const pem = generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }).toString();
    assert.equal(parseHostKey(pem), undefined);
  });

  it("distinguishes two keys of one type", () => {
    const [one, other] = [parseHostKey(makeKey("ed25519")), parseHostKey(makeKey("ed25519"))];
    assert.ok(one && other);
    assert.equal(isSameHostKey(one, other), false);
    assert.equal(isSameHostKey(one, { ...one }), true);
  });
});
