import { z } from "zod";
import { credentialFields, credentialNames } from "./credential";
import { access, field, flag, isIpv4, port, someText, text, unknownOr } from "./fields";
import { certificatesProblem, holdsCertificates, withLineBreaks } from "./pem";
import { atLeastOne, atMostOne, needs, withRules } from "./rules";
import type { Known } from "./unknown";

/** A SHA-256 fingerprint: 64 hexadecimal digits, colons allowed; canonical form is lower case without colons. */
function fingerprint(meaning: string) {
  return field<string>(
    (value) => {
      if (typeof value !== "string") return undefined;
      const digits = value.replaceAll(":", "").toLowerCase();
      return /^[0-9a-f]{64}$/.test(digits) ? digits : undefined;
    },
    {
      type: "string",
      pattern: "^([0-9a-fA-F]:*){64}$",
      allowed: "64 hexadecimal digits, with or without colons",
    },
    meaning,
  );
}

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;

/** Text of digits and dots only must be an IPv4 address. */
function isAddress(value: unknown): value is string {
  return typeof value === "string" && (/^[\d.]+$/.test(value) ? isIpv4(value) : HOST_NAME.test(value));
}

const address = field<string>(
  (value) => (isAddress(value) ? value : undefined),
  {
    type: "string",
    pattern: "^[a-zA-Z0-9]([a-zA-Z0-9.-]{0,251}[a-zA-Z0-9])?$",
    allowed: "an IPv4 address or a host name (IPv6 is not supported)",
  },
  "IPv4 address or host name.",
);

/** PEM certificates; canonical form has real line breaks. */
function certificates(meaning: string) {
  return field<string>(
    (value) => (typeof value === "string" && holdsCertificates(value) ? withLineBreaks(value) : undefined),
    {
      type: "string",
      pattern: "-----BEGIN CERTIFICATE-----",
      allowed: "PEM text with -----BEGIN CERTIFICATE-----, for example from fs.readFileSync",
    },
    meaning,
    (value) => (typeof value === "string" ? certificatesProblem(value) : undefined),
  );
}

/** What a connection to an appliance over HTTPS consists of. Its identity is verified by the system's trust store, `ca` or a pinned certificate. */
const appliance = {
  address,
  port: access(port("TCP port of the web interface.").default(443)),
  username: access(someText("User name of an administrator.").default("admin")),
  ...credentialFields("password", "Password of the user. It is required, here or as passwordEnv or passwordFile."),
  ca: access(certificates("PEM certificates to trust instead of the system's own.")).optional(),
  certificateSha256: access(
    fingerprint("SHA-256 fingerprint of the appliance's certificate. Pins it, whatever its name or issuer."),
  ).optional(),
  insecureSkipVerify: access(flag("True accepts any certificate, and warns in every preview.").default(false)),
};

const APPLIANCE_RULES = [atMostOne(credentialNames("password")), atLeastOne(credentialNames("password"), "password")];

/** How to reach an SPS node. */
export const applianceConnection = withRules(z.strictObject(appliance), APPLIANCE_RULES);

/** How to reach an SPP appliance. */
export const sppConnection = withRules(
  z.strictObject({
    ...appliance,
    identityProvider: access(
      someText(
        "Identity provider of the user: its name as in SPP, for example the domain of an Active Directory. Default: the local users.",
      ),
    ).optional(),
  }),
  APPLIANCE_RULES,
);

/** The form of known hosts, for messages. */
export const KNOWN_HOSTS_FORM = "lines as in ~/.ssh/known_hosts; or set knownHostsFile instead";

/** What a connection to any SSH server consists of. */
const sshServer = {
  address,
  port: access(port("TCP port of the SSH server.").default(22)),
  ...credentialFields("password", "Password of the user."),
  ...credentialFields("privateKey", "Private key in OpenSSH or PEM form."),
  ...credentialFields("passphrase", "Passphrase of the private key, where it is encrypted."),
  agent: access(flag("True logs in with the keys of the SSH agent. Default false.")).optional(),
  agentSocket: access(
    someText("Path of the SSH agent's socket. Default: the one in the environment variable SSH_AUTH_SOCK."),
  ).optional(),
  agentKey: access(
    someText(
      "Key of the SSH agent to log in with: its public key as one line, its fingerprint `SHA256:…` or its comment, as `ssh-add -l` shows them. Default: every key of the agent, in its order.",
    ),
  ).optional(),
  hostKey: access(someText("Public host key as one line, `ssh-ed25519 AAAA…`.")).optional(),
  knownHosts: access(text(/\S/, KNOWN_HOSTS_FORM, "Public host keys; instead of `hostKey`.")).optional(),
  knownHostsFile: access(
    someText("File with public host keys like ~/.ssh/known_hosts; read where the program runs, instead of `hostKey`."),
  ).optional(),
  insecureSkipVerify: access(flag("True accepts any host key, and warns in every preview.").default(false)),
};

const [PASSWORD, PRIVATE_KEY, PASSPHRASE] = (["password", "privateKey", "passphrase"] as const).map(
  (name): readonly string[] => credentialNames(name),
) as [readonly string[], readonly string[], readonly string[]];

const SSH_RULES = [
  atMostOne(PASSWORD),
  atMostOne(PRIVATE_KEY),
  atMostOne(PASSPHRASE),
  atMostOne(["hostKey", "knownHosts", "knownHostsFile"]),
  atLeastOne([...PASSWORD, ...PRIVATE_KEY, "agent"], "password, private key or agent"),
  ...PASSPHRASE.map((name) => needs(name, PRIVATE_KEY)),
  needs("agentSocket", ["agent"]),
  needs("agentKey", ["agent"]),
];

/** How to reach the host that a connection to a router goes through. */
export const jumpHostConnection = withRules(
  z.strictObject({
    ...sshServer,
    username: access(someText("User name on the jump host. No command is run there.").default("root")),
  }),
  SSH_RULES,
);

/** What a connection to any router consists of. */
const router = {
  ...sshServer,
  username: access(someText("User name. On Linux without root rights, sudo -n is used.").default("root")),
  jumpHost: access(
    unknownOr(jumpHostConnection, "Host that the connection goes through, with its own credentials and host key."),
  ).optional(),
};

/** How to reach a router over SSH. The host key is verified unless `insecureSkipVerify` is true. */
export const routerConnection = withRules(z.strictObject(router), SSH_RULES);

/** How to reach a Cisco router over SSH. */
export const ciscoRouterConnection = withRules(
  z.strictObject({
    ...router,
    ...credentialFields(
      "enablePassword",
      "Password of `enable`; only for Cisco routers, where the user has less than privilege level 15.",
    ),
  }),
  [...SSH_RULES, atMostOne(credentialNames("enablePassword"))],
);

/** How to reach a Sophos UTM over its REST API. */
export const sophosUtmConnection = withRules(
  z.strictObject({
    ...appliance,
    port: access(port("TCP port of WebAdmin.").default(4444)),
    username: access(someText("User name, or `token` to log in with an API token as password.").default("token")),
  }),
  APPLIANCE_RULES,
);

/** How to reach a Check Point gateway over SSH. */
export const checkPointConnection = withRules(
  z.strictObject({
    ...router,
    username: access(someText("User name.").default("admin")),
    ...credentialFields(
      "expertPassword",
      "Password of expert mode; only for Check Point gateways, where a timer then rolls back unconfirmed changes. Users with bash as login shell need none.",
    ),
  }),
  [...SSH_RULES, atMostOne(credentialNames("expertPassword"))],
);

/** How to reach a router of any platform. Each platform has part of these properties, and its own default port and user. */
export const anyRouterConnection = withRules(
  z.strictObject({
    ...ciscoRouterConnection.shape,
    port: access(port("TCP port. Default: 22, and 4444 on Sophos UTM.")).optional(),
    username: access(
      someText(
        "User name. Default: root; admin on Check Point; token on Sophos UTM, which logs in with an API token as password. On Linux without root rights, sudo -n is used.",
      ),
    ).optional(),
    expertPassword: checkPointConnection.shape.expertPassword,
    expertPasswordEnv: checkPointConnection.shape.expertPasswordEnv,
    expertPasswordFile: checkPointConnection.shape.expertPasswordFile,
    ca: sophosUtmConnection.shape.ca,
    certificateSha256: sophosUtmConnection.shape.certificateSha256,
    insecureSkipVerify: access(
      flag("True accepts any host key or certificate, and warns in every preview.").default(false),
    ),
  }),
  [...SSH_RULES, atMostOne(credentialNames("enablePassword")), atMostOne(credentialNames("expertPassword"))],
);

export type ApplianceConnection = Known<z.output<typeof applianceConnection>>;
/** A connection to SPP; without `identityProvider` also one to any appliance. */
export type SppConnection = Known<z.output<typeof sppConnection>>;
export type RouterConnection = Known<z.output<typeof routerConnection>>;
export type CiscoRouterConnection = Known<z.output<typeof ciscoRouterConnection>>;
export type CheckPointConnection = Known<z.output<typeof checkPointConnection>>;
export type SophosUtmConnection = Known<z.output<typeof sophosUtmConnection>>;
export type JumpHostConnection = Known<z.output<typeof jumpHostConnection>>;
