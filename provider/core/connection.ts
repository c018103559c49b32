import { z } from "zod";
import { type Credential, credential } from "./credential";
import { field, flag, isIpv4, port, someText, unknownOr } from "./fields";
import { type Known, UNKNOWN } from "./unknown";

/** A SHA-256 fingerprint: 64 hexadecimal digits, colons allowed; canonical form is lower case without colons. */
function fingerprint(meaning: string) {
  return field<string>(
    (value) => {
      if (typeof value !== "string") return undefined;
      const digits = value.replaceAll(":", "").toLowerCase();
      return /^[0-9a-f]{64}$/.test(digits) ? digits : undefined;
    },
    "64 hexadecimal digits, with or without colons",
    meaning,
  );
}

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;

/** Digits and dots alone are meant as an IPv4 address, so they have to be one. */
function isAddress(value: unknown): value is string {
  return typeof value === "string" && (/^[\d.]+$/.test(value) ? isIpv4(value) : HOST_NAME.test(value));
}

const address = field<string>(
  (value) => (isAddress(value) ? value : undefined),
  "an IPv4 address or a host name (IPv6 is not supported)",
  "IPv4 address or host name.",
);

/** How to reach an appliance over HTTPS. Identity is verified by the system's trust store, `ca`, or the pinned certificate. */
export const applianceConnection = z.strictObject({
  address,
  port: port("TCP port of the web interface. Default 443.").default(443),
  username: someText("User name of an administrator. Default admin.").default("admin"),
  password: credential("Password of that user."),
  ca: someText("PEM certificates to trust instead of the system's own.").optional(),
  certificateSha256: fingerprint(
    "SHA-256 of the appliance's certificate: pins it, whatever its name or issuer.",
  ).optional(),
  insecureSkipVerify: flag("True skips the proof of identity and warns in every preview. Default false.").default(
    false,
  ),
});

/** A file with host keys, or its text. */
const knownHosts = field<string | { file: string }>(
  (value) => {
    if (typeof value === "string") return /\S/.test(value) ? value : undefined;
    if (value === null || typeof value !== "object" || Object.keys(value).join() !== "file") return undefined;
    const { file } = value as { file: unknown };
    return file === UNKNOWN ? UNKNOWN : typeof file === "string" && file !== "" ? { file } : undefined;
  },
  'lines as in ~/.ssh/known_hosts, or {file: "path"}',
  'Public host keys in the form of known_hosts, as text or `{file: "path"}`; instead of `hostKey`.',
);

const agent = field<boolean | string>(
  (value) => (typeof value === "boolean" || (typeof value === "string" && /\S/.test(value)) ? value : undefined),
  "true, false, the path of a socket",
  "True lets the keys of the SSH agent log in that SSH_AUTH_SOCK names; a path names its socket. Default false.",
);

/** What a connection to any SSH server is made of. */
const sshServer = {
  address,
  port: port("TCP port of the SSH server. Default 22.").default(22),
  password: credential("Password of that user.").optional(),
  privateKey: credential("Private key in OpenSSH or PEM form.").optional(),
  passphrase: credential("Passphrase of the private key, where that is encrypted.").optional(),
  agent: agent.optional(),
  hostKey: someText("Public host key as one line, `ssh-ed25519 AAAA…`.").optional(),
  knownHosts: knownHosts.optional(),
  insecureSkipVerify: flag("True accepts any host key and warns in every preview. Default false.").default(false),
};

/** How to reach the host that a connection to a router is led through. */
const jumpHostConnection = z.strictObject({
  ...sshServer,
  username: someText("User name there; no command is run. Default root.").default("root"),
});

/** How to reach a router over SSH. The host key is always proved unless `insecureSkipVerify` says otherwise. */
export const routerConnection = z.strictObject({
  ...sshServer,
  username: someText("User name; without root rights, sudo -n is used. Default root.").default("root"),
  jumpHost: unknownOr(
    jumpHostConnection,
    "A host to lead the connection through; its own credentials and host key are used for it.",
  ).optional(),
});

export type ApplianceConnection = Known<z.output<typeof applianceConnection>>;
export type RouterConnection = Known<z.output<typeof routerConnection>>;
export type JumpHostConnection = Known<z.output<typeof jumpHostConnection>>;
export type { Credential };
