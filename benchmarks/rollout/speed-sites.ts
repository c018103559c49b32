import { type CliCall, takeCalls } from "./cli-calls";
import { Farm } from "./stub/farm";
import { StubCli } from "./stub/stub-cli";

/** How long the joins of sites take, in milliseconds; the first and the last site are the slowest of their waves. */
export interface JoinTimes {
  most: number;
  slowest: number;
}

/** Sites to which a rollout and loops of the same command line roll out, one after the other. */
export interface SpeedSites {
  /** The path of their rollout.yaml. */
  file: string;
  /** Makes all sites new. */
  prepare(): Promise<void>;
  /** How many have been joined since. */
  joined(): number;
  /** The calls of the CLI since the last time that this was asked. */
  takeCalls(): CliCall[];
  /** A command of Pulumi for the site with the number `$n`, in a shell. */
  shellCommand(command: "preview" | "up"): string;
  close(): void;
}

/** Sites of the farm, with a stub of the CLI. */
export class StubSites implements SpeedSites {
  private constructor(
    private readonly farm: Farm,
    private readonly cli: StubCli,
  ) {}

  static async start(sites: number, settings: string, { most, slowest }: JoinTimes): Promise<StubSites> {
    const farm = new Farm((site) => (site === "site-0" || site === `site-${sites - 1}` ? slowest : most));
    return new StubSites(farm, new StubCli(await farm.start(), sites, sites, settings));
  }

  get file(): string {
    return this.cli.file;
  }

  async prepare(): Promise<void> {
    this.farm.reset();
  }

  joined(): number {
    return this.farm.record().joined;
  }

  takeCalls(): CliCall[] {
    return takeCalls(this.cli.calls);
  }

  shellCommand(command: "preview" | "up"): string {
    return `pulumi ${command} --stack site-$n --event-log /dev/null`;
  }

  close(): void {
    this.farm.stop();
    this.cli.close();
  }
}
