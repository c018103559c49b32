import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { type LabPair, SPP_PASSWORD, SPS_PASSWORD } from "../../benchmarks/preflight/lab-pair";

/** A safeguard.yaml for a pair of the lab, with its certificates and passwords in a folder of its own. */
export class SiteFile {
  readonly folder = mkdtempSync(join(tmpdir(), "safeguard-sites-"));
  readonly path = join(this.folder, "safeguard.yaml");

  constructor(private readonly pair: LabPair) {
    writeFileSync(join(this.folder, "ca.pem"), pair.bench.authority.certificatePem);
    writeFileSync(join(this.folder, "sps-password"), `${SPS_PASSWORD}\n`);
    writeFileSync(join(this.folder, "spp-password"), `${SPP_PASSWORD}\n`);
    this.write([this.site("vienna")]);
  }

  /** A site of the pair as a user writes it. */
  site(name: string, spp: Record<string, unknown> = {}): Record<string, unknown> {
    const { endpoint } = this.pair.central.sps;
    const { address, username } = this.pair.spp.context.options;
    const { port } = this.pair.spp;
    return {
      name,
      sps: { ...endpoint, passwordFile: "sps-password", caFile: "ca.pem" },
      spp: { address, port, username, passwordFile: "spp-password", caFile: "ca.pem", ...spp },
    };
  }

  write(sites: readonly Record<string, unknown>[]): void {
    writeFileSync(this.path, stringify({ sites }));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
