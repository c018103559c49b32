import type { SppConnection } from "../../core/connection";
import type { SppFacts } from "../../join/preflight/facts";

/**
 * Reads each SPP once for all sites that reach it by the same connection: many sites share one, and each login takes it five requests, one
 * after the other. For one call only, so that nothing old is shown.
 */
export class SharedSpp {
  private readonly reads = new Map<string, Promise<SppFacts>>();

  /** The reading of the first site with this connection; `read` is called for that one only. */
  read(connection: SppConnection, read: () => Promise<SppFacts>): Promise<SppFacts> {
    const key = JSON.stringify(connection);
    const reading = this.reads.get(key) ?? read();
    this.reads.set(key, reading);
    return reading;
  }
}
