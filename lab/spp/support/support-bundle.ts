import type { LabClock } from "../../common/clock";
import { zipOf } from "../../common/zip";
import { refusals } from "../api-error";

/** Times to collect a bundle, in appliance seconds; a real appliance takes minutes, longer with event logs. */
const COLLECT_SECONDS = { withEventLogs: 20, without: 5 };
const RETAINED_DAYS = 30;

/** What a support bundle contains. */
export interface BundleOptions {
  includeEventLogs: boolean;
  /** Days of logs besides today's. Default: all that are kept. */
  logRetentionDays: number | undefined;
}

/** The support bundles of an appliance. Only one is collected at a time. */
export class SupportBundleCollector {
  private isRunning = false;

  /** @param summary text of the quick glance file. */
  constructor(
    private readonly clock: LabClock,
    private readonly summary: () => string,
  ) {}

  /** Collects a bundle as a zip archive. @throws ApiError 429 while another one is collected. */
  collect(options: BundleOptions): Promise<Buffer> {
    const { withEventLogs, without } = COLLECT_SECONDS;
    return this.exclusively(options.includeEventLogs ? withEventLogs : without, () => zipOf(this.filesOf(options)));
  }

  /** The summary of the configuration as text. @throws ApiError 429 while a bundle is collected. */
  quickGlance(): Promise<string> {
    return this.exclusively(1, this.summary);
  }

  private async exclusively<T>(seconds: number, work: () => T): Promise<T> {
    if (this.isRunning) throw refusals.supportBundleRunning();
    this.isRunning = true;
    try {
      await this.clock.wait(seconds);
      return work();
    } finally {
      this.isRunning = false;
    }
  }

  private filesOf({ includeEventLogs, logRetentionDays = RETAINED_DAYS }: BundleOptions): Record<string, string> {
    const days = Math.min(Math.max(logRetentionDays, 0), RETAINED_DAYS);
    const dates = Array.from({ length: days + 1 }, (_, index) =>
      new Date(this.clock.now().getTime() - index * 86_400_000).toISOString().slice(0, 10),
    );
    return {
      "QuickGlance.txt": this.summary(),
      ...Object.fromEntries(
        dates.map((date) => [`Logs/Core-${date}.log`, `${date} the simulated SPP keeps no logs\r\n`]),
      ),
      ...(includeEventLogs ? { "EventLogs/System.txt": "the simulated SPP has no event logs\r\n" } : {}),
    };
  }
}
