import { join } from "node:path";
import { LabPair } from "../../benchmarks/preflight/lab-pair";
import { SiteFile } from "./site-file";

/** The path of the SSH options of SPS, which hold its log level. */
export const SSH_OPTIONS = "/api/configuration/ssh/options";

/** A pair of the lab with its safeguard.yaml, whose notes of raised levels are in a state folder of its own. */
export class LogsBed {
  private readonly outerStateHome = process.env.XDG_STATE_HOME;

  private constructor(
    readonly pair: LabPair,
    readonly file: SiteFile,
  ) {
    process.env.XDG_STATE_HOME = this.stateHome;
  }

  static async start(): Promise<LogsBed> {
    const pair = await LabPair.start();
    return new LogsBed(pair, new SiteFile(pair));
  }

  async stop(): Promise<void> {
    if (this.outerStateHome === undefined) delete process.env.XDG_STATE_HOME;
    else process.env.XDG_STATE_HOME = this.outerStateHome;
    this.file.remove();
    await this.pair.stop();
  }

  get stateHome(): string {
    return join(this.file.folder, "state");
  }

  /** The log level of SSH on SPS. */
  get level(): number {
    return (this.pair.central.sps.object(SSH_OPTIONS) as { service: { log_level: number } }).service.log_level;
  }
}
