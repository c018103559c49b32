import fs from "node:fs";
import type { Context } from "mocha";
import { Lab } from "../../lab/lab";
import { skipTests } from "../contract/skip";
import { findCli } from "../engine/cli";
import { secretsOf } from "./company";
import { type ModuleSystem, NewcomerProject, unpackPackage } from "./project";

/** A lab with three SPS nodes and a router, and a folder with the packed package beside it. */
export class NewcomerLab {
  private constructor(
    readonly lab: Lab,
    private readonly folder: string,
  ) {}

  /** For a hook, whose tests are skipped where there is no engine or no network. */
  static async start(hook: Context, name: string): Promise<NewcomerLab> {
    const cli = findCli();
    if ("reason" in cli) skipTests(hook, cli.reason);
    const lab = await Lab.start({ name: `${name}-${process.pid}`, speed: 50, spsCount: 3 });
    try {
      if (!lab.description.network) skipTests(hook, lab.description.networkUnavailable ?? "no network");
      return new NewcomerLab(lab, await unpackPackage());
    } catch (error) {
      await lab.stop();
      throw error;
    }
  }

  /** A user's project, with the credentials of the lab in its environment. */
  async project(modules: ModuleSystem): Promise<NewcomerProject> {
    return await NewcomerProject.create(modules, this.folder, secretsOf(this.lab));
  }

  async stop(): Promise<void> {
    fs.rmSync(this.folder, { recursive: true, force: true });
    await this.lab.stop();
  }
}
