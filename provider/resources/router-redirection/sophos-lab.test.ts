import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LabCertificateAuthority } from "../../../lab/common/certificates";
import { LabNetwork } from "../../../lab/network/network";
import type { UtmObject } from "../../../lab/sophos-utm/configuration";
import type { Fault, RecordedRequest } from "../../../lab/sophos-utm/device";
import { SophosRouter } from "../../../lab/sophos-utm/lab-router";
import { RecordingLog } from "../../../tests/support/recording-log";
import { type OperationContext, operationContext } from "../../core/context";
import { PlatformLab } from "./platform-lab.test";

let authority: Promise<LabCertificateAuthority> | undefined;

/** A Sophos UTM in a lab network for tests of this folder, and inputs that fit it. Attributes that it does not know are errors. */
export class SophosLab extends PlatformLab {
  readonly log = new RecordingLog();

  private constructor(
    readonly network: LabNetwork | undefined,
    readonly router: SophosRouter,
    private readonly directory: string,
    private readonly ca: string,
  ) {
    super();
    writeFileSync(this.caFile, ca);
  }

  /** PEM file of the authority that issued the certificate. */
  get caFile(): string {
    return join(this.directory, "ca.pem");
  }

  static async start(labName: string, hasNetwork: boolean): Promise<SophosLab> {
    const directory = mkdtempSync(join(tmpdir(), "sophos-"));
    const network = hasNetwork ? await LabNetwork.start({ labName, directory }) : undefined;
    authority ??= LabCertificateAuthority.create("sophos");
    const issuer = await authority;
    const router = await SophosRouter.start(network, { authority: issuer, unknownAttributes: "refuse" });
    return new SophosLab(network, router, directory, issuer.certificatePem);
  }

  async stop(): Promise<void> {
    await this.router.stop();
    await this.network?.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** All objects and nodes, as comparable values. */
  get configuration(): { objects: UtmObject[]; nodes: Record<string, unknown> } {
    const { objects, nodes } = this.router.device.configuration;
    const sorted = [...objects.values()].sort((left, right) => (left._ref < right._ref ? -1 : 1));
    return structuredClone({ objects: sorted, nodes: Object.fromEntries(nodes) });
  }

  /** Objects whose names are those of redirections, by name. */
  own(): Map<string, UtmObject> {
    const own = [...this.router.device.configuration.objects.values()].filter(({ name }) => /^sps:/.test(String(name)));
    return new Map(own.map((one) => [String(one.name), one]));
  }

  /** The requests that change something and were sent while the work was done: `PATCH route/policy {…}`. */
  async changesDuring(work: () => Promise<unknown>): Promise<string[]> {
    const { requests } = this.router.device;
    const before = requests.length;
    await work();
    return requests.slice(before).filter(isChange).map(textOf);
  }

  /** Does something to the request at a position among those that change something, and to no other. */
  breakChange(position: number, fault: Fault): void {
    let count = -1;
    this.router.device.faultFor = (request) => {
      if (!isChange(request)) return undefined;
      count += 1;
      return count === position ? fault : undefined;
    };
  }

  redirection(parts: Record<string, unknown> = {}) {
    return {
      name: "rdp",
      clientInterfaces: ["Internal"],
      clientCidrs: ["192.168.50.0/24"],
      serverCidrs: ["10.0.0.0/24"],
      ports: [3389],
      spsAddress: "172.16.9.2",
      spsInterface: "SPS",
      failMode: "open",
      existingConnections: "cut",
      ...parts,
    };
  }

  raw(parts: Record<string, unknown> = {}): Record<string, unknown> {
    const { server, device } = this.router;
    const { address, port } = server;
    return {
      platform: "sophos-utm",
      preview: "never",
      router: { address, port, password: device.token, ca: this.ca },
      redirections: [this.redirection()],
      commitConfirm: { windowSeconds: 5 },
      ...parts,
    };
  }

  context(resource = "router"): OperationContext {
    const urn = `urn:pulumi:lab::tests::safeguard:RouterRedirection::${resource}`;
    return operationContext({ log: this.log, resource: { name: resource, urn } });
  }
}

export const isChange = ({ method }: RecordedRequest): boolean => method !== "GET";

function textOf({ method, path, body }: RecordedRequest): string {
  const values = body === "" ? {} : (JSON.parse(body) as { name?: string; status?: boolean });
  const type = path.split("/").slice(3, 5).join("/");
  const isTurned = method === "PATCH" && values.status !== undefined;
  return [method, type, values.name ?? (isTurned ? (values.status ? "on" : "off") : "")].join(" ").trim();
}
