import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Input, secret } from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { RouterRedirection, SppJoin, SpsCluster, type SpsClusterArgs } from "pulumi-safeguard";
import type { ApplianceDescription } from "../../lab/common/description";
import { Lab } from "../../lab/lab";
import type { PlantedSecrets } from "./planted-secrets";

/** A user name that is no secret, so that it must be found wherever secrets are looked for. */
export const CONTROL = "planted-control";

/**
 * How the program gives its credentials: each in another way, literal texts among them, or all by reference. What is
 * given literally is Pulumi's to keep; of what is given by reference Pulumi never gets to know more than the reference.
 */
export type Ways = "every way" | "references";

/** The members of a connection that give one credential. */
type Given<Name extends string> = { [Key in Name | `${Name}Env` | `${Name}File`]?: Input<string> };

/** The credentials of one run of the program. */
interface Credentials {
  central: Given<"password">;
  member: Given<"password">;
  spp: Given<"password">;
  router: Given<"privateKey"> & Given<"password">;
  jumpHost: Given<"privateKey"> & Given<"passphrase">;
}

const words = (what: string) => `planted ${what} ${randomBytes(12).toString("hex")}`;

/** A site whose every credential is a planted secret, and programs for it. */
export class PlantedSite {
  private constructor(
    readonly lab: Lab,
    private readonly folder: string,
    private readonly right: Credentials,
    private readonly wrong: Credentials,
  ) {}

  static async start(ways: Ways, secrets: PlantedSecrets): Promise<PlantedSite> {
    const name = ways.replaceAll(" ", "-");
    const [central, member, spp] = ["sps 1", "sps 2", "spp"].map(words) as [string, string, string];
    const lab = await Lab.start({
      name: `secrets-${name}-${process.pid}`,
      speed: 100,
      nodes: [{ password: central }, { password: member }],
      spp: { password: spp, username: CONTROL, openAccessRequests: 0 },
    });
    const folder = mkdtempSync(join(tmpdir(), "safeguard-secrets-"));
    const routerKey = lab.description.network?.router.privateKeyFile;
    const key = routerKey === undefined ? "" : readFileSync(routerKey, "utf8");
    const passphrase = key === "" ? "" : words("passphrase");
    const encryptedKey = key === "" ? "" : encrypted(key, passphrase, folder);
    const give = new Giver(folder, name, secrets);
    const isLiteral = ways === "every way";
    const wrongKey = `-----BEGIN OPENSSH PRIVATE KEY-----\n${randomBytes(40).toString("base64")}\n-----END OPENSSH PRIVATE KEY-----\n`;
    const jumpHost = {
      ...(isLiteral
        ? { privateKey: give.literal("encrypted key of the jump host, literal", encryptedKey) }
        : { privateKeyFile: give.file("encrypted key of the jump host, from a file", encryptedKey) }),
      ...(isLiteral
        ? { passphrase: give.literal("passphrase of the jump host, literal", passphrase) }
        : { passphraseEnv: give.env("passphrase of the jump host, from a variable", passphrase) }),
    };
    const right: Credentials = {
      central: isLiteral
        ? { password: give.literal("password of SPS, literal", central) }
        : { passwordEnv: give.env("password of SPS, from a variable", central) },
      member: isLiteral
        ? { passwordEnv: give.env("password of SPS, from a variable", member) }
        : { passwordFile: give.file("password of SPS, from a file", member) },
      spp: isLiteral
        ? { password: secret(give.literal("password of SPP, secret output", spp)) }
        : { passwordFile: give.file("password of SPP, from a file", spp) },
      router: isLiteral
        ? { privateKey: give.literal("private key for SSH, literal", key) }
        : { privateKeyFile: give.file("private key for SSH, from a file", key) },
      jumpHost,
    };
    const wrong: Credentials = {
      central: isLiteral
        ? { password: give.literal("wrong password of SPS, literal", words("wrong sps 1")) }
        : { passwordFile: give.file("wrong password of SPS, from a file", words("wrong sps 1")) },
      member: { passwordEnv: give.env("wrong password of SPS, from a variable", words("wrong sps 2")) },
      spp: isLiteral
        ? { password: give.literal("wrong password of SPP, literal", words("wrong spp")) }
        : { passwordEnv: give.env("wrong password of SPP, from a variable", words("wrong spp")) },
      router: {
        privateKeyFile: give.file("unusable private key, from a file", wrongKey),
        ...(isLiteral
          ? { password: give.literal("password of the router, literal", words("router")) }
          : { passwordEnv: give.env("password of the router, from a variable", words("router")) }),
      },
      jumpHost,
    };
    return new PlantedSite(lab, folder, right, wrong);
  }

  /** Makes everything. */
  get making(): PulumiFn {
    return this.program(this.right, {});
  }

  /** Changes everything, with credentials that are wrong. */
  get failing(): PulumiFn {
    return this.program(this.wrong, { searchRole: "search-master", ports: [3389, 22] });
  }

  /** Gives a whole connection, its password included, as text: it is refused before anybody is asked. */
  get refused(): PulumiFn {
    const text: unknown = JSON.stringify({ ...this.connectionOf("central"), ...this.right.central });
    return async () => {
      new SpsCluster("as-text", { centralManagement: text as SpsClusterArgs["centralManagement"] });
    };
  }

  async stop(): Promise<void> {
    rmSync(this.folder, { recursive: true, force: true });
    await this.lab.stop();
  }

  private connectionOf(side: "central" | "member" | "spp") {
    const { sps, spp } = this.lab.description;
    const appliance: ApplianceDescription | undefined = { central: sps[0], member: sps[1], spp }[side];
    assert.ok(appliance);
    const { address, port, username, caFile } = appliance;
    return { address, port, username, ca: readFileSync(caFile, "utf8") };
  }

  private program(
    given: Credentials,
    change: { searchRole?: "search-local" | "search-master"; ports?: number[] },
  ): PulumiFn {
    return async () => {
      const central = { ...this.connectionOf("central"), ...given.central };
      const cluster = new SpsCluster("cluster", {
        centralManagement: central,
        members: [{ connection: { ...this.connectionOf("member"), ...given.member } }],
        ...(change.searchRole ? { searchRole: change.searchRole } : {}),
      });
      const acknowledge = { irreversible: true as const, sps: central.address, spp: this.connectionOf("spp").address };
      const ownCluster = change.searchRole ? {} : { clusterId: cluster.clusterId };
      new SppJoin(
        "join",
        {
          sps: { ...central },
          spp: { ...this.connectionOf("spp"), ...given.spp },
          acknowledge,
          onDelete: "forget",
          ...ownCluster,
        },
        { protect: false },
      );
      this.redirect(given, change.ports ?? [3389]);
      return { clusterId: cluster.clusterId };
    };
  }

  private redirect({ router: credentials, jumpHost }: Credentials, ports: number[]): void {
    const { network } = this.lab.description;
    if (!network) return;
    const { router, client, server, sps } = network;
    const { address, port, username, hostKey } = router;
    // The router is its own jump host: only from there its management address can be reached.
    const connection = { address: "172.31.255.1", username, hostKey, ...credentials };
    new RouterRedirection("router", {
      platform: "linux",
      router: { ...connection, jumpHost: { address, port, username, hostKey, ...jumpHost } },
      redirections: [
        {
          name: "rdp",
          clientInterfaces: [router.clientInterface],
          clientCidrs: [client.network],
          serverCidrs: [server.network],
          ports,
          spsAddress: sps.address,
          spsInterface: router.spsInterface,
        },
      ],
    });
  }
}

/** A private key as it is when a passphrase protects it. */
function encrypted(key: string, passphrase: string, folder: string): string {
  const file = join(folder, "encrypted");
  writeFileSync(file, key, { mode: 0o600 });
  execFileSync("ssh-keygen", ["-q", "-p", "-a", "1", "-P", "", "-N", passphrase, "-f", file], { stdio: "ignore" });
  return readFileSync(file, "utf8");
}

/** Gives secrets to a program in the ways it can be given some, and plants them. */
class Giver {
  constructor(
    private readonly folder: string,
    private readonly name: string,
    private readonly secrets: PlantedSecrets,
  ) {}

  literal(kind: string, value: string): string {
    if (value.includes("\n")) return this.secrets.addKey(kind, value);
    return value === "" ? value : this.secrets.add(kind, value);
  }

  env(kind: string, value: string): string {
    const variable = `PLANTED_${kind}_${this.name}`.replace(/\W+/g, "_").toUpperCase();
    process.env[variable] = this.literal(kind, value);
    return variable;
  }

  file(kind: string, value: string): string {
    const file = join(this.folder, kind.replace(/\W+/g, "-"));
    writeFileSync(file, this.literal(kind, value), { mode: 0o600 });
    return file;
  }
}
