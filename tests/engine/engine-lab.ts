import type { Context } from "mocha";
import { Lab, type LabOptions } from "../../lab/lab";
import { skipTests } from "../contract/skip";
import { changesIn } from "../support/site";
import { findCli } from "./cli";
import { LabSecrets } from "./secrets";
import { type Run, TestStack } from "./test-stack";

/** A lab with a stack of the real engine beside it; everything secret of the lab is watched. */
export class EngineLab {
  /** Every run so far. */
  readonly runs: Run[] = [];

  private constructor(
    readonly lab: Lab,
    readonly stack: TestStack,
    readonly secrets: LabSecrets,
  ) {}

  /** For a hook, whose tests are left out where there is no engine. Without a network when not asked for one. */
  static async start(hook: Context, name: string, options: Partial<LabOptions> = {}): Promise<EngineLab> {
    const cli = findCli();
    if ("reason" in cli) skipTests(hook, cli.reason);
    const lab = await Lab.start({ name: `${name}-${process.pid}`, speed: 50, network: false, ...options });
    try {
      return new EngineLab(lab, await TestStack.inline(name), LabSecrets.watch(lab));
    } catch (error) {
      await lab.stop();
      throw error;
    }
  }

  /** Runs the engine. */
  async run(...given: Parameters<TestStack["run"]>): Promise<Run> {
    const result = await this.stack.run(...given);
    this.runs.push(result);
    return result;
  }

  /** What all runs wrote. */
  get output(): string {
    return this.runs.map(({ output }) => output).join("\n");
  }

  /** How many requests so far were sent to appliances to change something; logins do not count. */
  get changingRequests(): number {
    const { sps, spp } = this.lab;
    return [...sps, spp].flatMap(({ traffic }) => changesIn(traffic).filter((request) => !/RSTS|Token/.test(request)))
      .length;
  }

  async stop(): Promise<void> {
    this.secrets.close();
    this.stack.close();
    await this.lab.stop();
  }
}
