import { type IssuedCertificate, LabCertificateAuthority } from "../../lab/common/certificates";
import type { ApplianceConnection } from "../../provider/core/connection";
import { type Script, ScriptedServer } from "./https-server";

let material: Promise<{ ca: string; certificate: IssuedCertificate }> | undefined;

async function prepare() {
  const authority = await LabCertificateAuthority.create("Scripted appliance");
  const certificate = await authority.issue({ commonName: "scripted", ipAddresses: ["127.0.0.1"] });
  return { ca: authority.certificatePem, certificate };
}

/** A password that no message may contain. */
export const SECRET = "hunter2-hunter2";

/** A scripted HTTPS server and a trusted connection to it. */
export class ScriptedAppliance {
  private constructor(
    readonly server: ScriptedServer,
    readonly connection: ApplianceConnection,
  ) {}

  static async start(script: Script): Promise<ScriptedAppliance> {
    material ??= prepare();
    const { ca, certificate } = await material;
    const server = await ScriptedServer.start(certificate, script);
    return new ScriptedAppliance(server, {
      address: "127.0.0.1",
      port: server.port,
      username: "admin",
      password: SECRET,
      ca,
      insecureSkipVerify: false,
    });
  }

  /** Every request so far, for example `GET /api/info`. */
  get asked(): string[] {
    return this.server.requests.map(({ method, path }) => `${method} ${path}`);
  }

  stop(): Promise<void> {
    return this.server.stop();
  }
}

/** An SPS node that accepts every login and answers other paths from a table, else with 404. */
export function scriptedSps(answers: Record<string, unknown>): Promise<ScriptedAppliance> {
  return ScriptedAppliance.start(({ path }) => {
    if (path === "/api/authentication") return { status: 200, headers: { "set-cookie": "session_id=abc; Secure" } };
    const body = answers[path];
    if (body === undefined) return { status: 404, body: JSON.stringify({ error: { type: "NotFound" } }) };
    return { status: 200, body: JSON.stringify(body) };
  });
}
