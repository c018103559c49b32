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

/** A user name that is not secret: it shows that a text contains the program's inputs. */
export const CONTROL = "planted-control";

/**
 * How the program sets its credentials: in every possible way, or only by reference. Pulumi stores and logs literal values
 * itself; of a reference it knows only the name.
 */
export type Ways = "every way" | "references";

/** The members of a connection that set one credential. */
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

/** A site whose credentials are all planted secrets, and programs for it. */
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
    const plant = new Planter(folder, name, secrets);
    const isLiteral = ways === "every way";
    const wrongKey = `-----BEGIN OPENSSH PRIVATE KEY-----\n${randomBytes(40).toString("base64")}\n-----END OPENSSH PRIVATE KEY-----\n`;
    const jumpHost = {
      ...(isLiteral
        ? { privateKey: plant.literal("encrypted key of the jump host, literal", encryptedKey) }
        : { privateKeyFile: plant.file("encrypted key of the jump host, from a file", encryptedKey) }),
      ...(isLiteral
        ? { passphrase: plant.literal("passphrase of the jump host, literal", passphrase) }
        : { passphraseEnv: plant.env("passphrase of the jump host, from a variable", passphrase) }),
    };
    const right: Credentials = {
      central: isLiteral
        ? { password: plant.literal("password of SPS, literal", central) }
        : { passwordEnv: plant.env("password of SPS, from a variable", central) },
      member: isLiteral
        ? { passwordEnv: plant.env("password of SPS, from a variable", member) }
        : { passwordFile: plant.file("password of SPS, from a file", member) },
      spp: isLiteral
        ? { password: secret(plant.literal("password of SPP, secret output", spp)) }
        : { passwordFile: plant.file("password of SPP, from a file", spp) },
      router: isLiteral
        ? { privateKey: plant.literal("private key for SSH, literal", key) }
        : { privateKeyFile: plant.file("private key for SSH, from a file", key) },
      jumpHost,
    };
    const wrong: Credentials = {
      central: isLiteral
        ? { password: plant.literal("wrong password of SPS, literal", words("wrong sps 1")) }
        : { passwordFile: plant.file("wrong password of SPS, from a file", words("wrong sps 1")) },
      member: { passwordEnv: plant.env("wrong password of SPS, from a variable", words("wrong sps 2")) },
      spp: isLiteral
        ? { password: plant.literal("wrong password of SPP, literal", words("wrong spp")) }
        : { passwordEnv: plant.env("wrong password of SPP, from a variable", words("wrong spp")) },
      router: {
        privateKeyFile: plant.file("unusable private key, from a file", wrongKey),
        ...(isLiteral
          ? { password: plant.literal("password of the router, literal", words("router")) }
          : { passwordEnv: plant.env("password of the router, from a variable", words("router")) }),
      },
      jumpHost,
    };
    return new PlantedSite(lab, folder, right, wrong);
  }

  /** A program that creates everything. */
  get creating(): PulumiFn {
    return this.program(this.right, {});
  }

  /** A program that changes everything with wrong credentials. */
  get failing(): PulumiFn {
    return this.program(this.wrong, { searchRole: "search-master", ports: [3389, 22] });
  }

  /** A program with a whole connection, password included, as text. It is refused without a request. */
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
    // The router is its own jump host: this management address is reachable only from the router.
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

/** A private key encrypted with a passphrase. */
function encrypted(key: string, passphrase: string, folder: string): string {
  const file = join(folder, "encrypted");
  writeFileSync(file, key, { mode: 0o600 });
  execFileSync("ssh-keygen", ["-q", "-p", "-a", "1", "-P", "", "-N", passphrase, "-f", file], { stdio: "ignore" });
  return readFileSync(file, "utf8");
}

/** Plants secrets and returns how a program refers to them. */
class Planter {
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
