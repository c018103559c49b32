import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";

const PKCS8 = /-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/;

/** Length of the private and of the public part, at the end of the DER form of an Ed25519 key (RFC 8410). */
const ED25519_BYTES = 32;

/** The unencrypted OpenSSH form is padded to a multiple of this. */
const BLOCK_BYTES = 8;

/**
 * Converts a private key in PKCS #8 form, as openssl and many clouds write it, to a form that ssh2 reads, decrypted with
 * the passphrase. Any other text is returned unchanged.
 * @throws Error for no key, a type that SSH does not have, or a wrong passphrase.
 */
export function withoutPkcs8(privateKey: string, passphrase: string | undefined): string {
  const found = PKCS8.exec(privateKey);
  if (!found) return privateKey;
  if (found[1] !== undefined && passphrase === undefined) throw new Error("no passphrase given");
  const key = createPrivateKey({ key: privateKey, format: "pem", ...(passphrase !== undefined && { passphrase }) });
  if (key.asymmetricKeyType === "rsa") return key.export({ type: "pkcs1", format: "pem" }).toString();
  if (key.asymmetricKeyType === "ec") return key.export({ type: "sec1", format: "pem" }).toString();
  if (key.asymmetricKeyType === "ed25519") return opensshEd25519(key);
  throw new Error(`SSH does not support keys of type ${key.asymmetricKeyType}`);
}

/** The unencrypted OpenSSH form of an Ed25519 key (PROTOCOL.key of OpenSSH). */
function opensshEd25519(key: KeyObject): string {
  const last = (der: Buffer) => der.subarray(der.length - ED25519_BYTES);
  const secret = last(key.export({ type: "pkcs8", format: "der" }));
  const open = last(createPublicKey(key).export({ type: "spki", format: "der" }));
  const name = text("ssh-ed25519");
  const check = number(0);
  const body = Buffer.concat([check, check, name, text(open), text(Buffer.concat([secret, open])), text("")]);
  const padding = Buffer.from(Array.from({ length: -body.length & (BLOCK_BYTES - 1) }, (_, index) => index + 1));
  const whole = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    ...[text("none"), text("none"), text(""), number(1)],
    text(Buffer.concat([name, text(open)])),
    text(Buffer.concat([body, padding])),
  ]);
  const lines = whole.toString("base64").match(/.{1,70}/g) ?? [];
  return ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join("\n");
}

function text(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([number(bytes.length), bytes]);
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
