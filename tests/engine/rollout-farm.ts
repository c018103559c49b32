import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import type { Lab } from "../../lab/lab";
import { type SimulatedSite, type SiteRow, startManySites } from "../../tools/start/many-sites";
import type { Cli } from "./cli";
import { RolloutProject } from "./rollout-project";

/**
 * A project with the program of examples/many-sites, whose sites are simulated appliances: each has an SPS and an emulated Sophos UTM without a
 * network behind it, and shares an SPP with others. Several definitions roll out to parts of it.
 */
export class RolloutFarm {
  private constructor(
    readonly project: RolloutProject,
    readonly sites: readonly SimulatedSite[],
    /** One for each SPP. */
    readonly labs: readonly Lab[],
    private readonly stopSites: () => Promise<void>,
  ) {}

  static async start(cli: Extract<Cli, { folders: string[] }>, rows: readonly SiteRow[]): Promise<RolloutFarm> {
    const project = new RolloutProject(cli);
    try {
      const many = await startManySites(project.folder, `farm-${process.pid}`, { rows, rollout: "" });
      Object.assign(project.env, many.passwords);
      return new RolloutFarm(project, many.sites, many.labs, many.stop);
    } catch (error) {
      project.remove();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.stopSites();
    this.project.remove();
  }

  site(name: string): SimulatedSite {
    return this.sites.find((site) => site.name === name) ?? assert.fail(`no site ${name}`);
  }

  /** All sites but the named ones. */
  others(...names: string[]): SimulatedSite[] {
    return this.sites.filter(({ name }) => !names.includes(name));
  }

  /** Writes NAME.yaml, a rollout to some sites in this order. */
  define(name: string, sites: readonly string[], settings: string): void {
    const text = fs.readFileSync(path.join(this.project.folder, "sites.csv"), "utf8");
    const [header, ...rows] = text.trim().split("\n");
    const own = sites.map((site) => rows.find((row) => row.startsWith(`${site},`)) ?? assert.fail(site));
    this.project.write(`${name}.csv`, `${[header, ...own].join("\n")}\n`);
    this.project.write(`${name}.yaml`, `name: ${name}\nprogram: site\nsites: { csv: ${name}.csv }\n${settings}`);
  }

  /** Lets nothing answer at the SPS of a site, until it is mended. */
  silence(name: string): void {
    this.site(name).node.traffic.inject({ times: Number.POSITIVE_INFINITY, effect: { kind: "cut-before" } });
  }

  mend(name: string): void {
    this.site(name).node.traffic.clearInjections();
  }
}
