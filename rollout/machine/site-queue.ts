import type { PlannedSite } from "../plan/plan";

/** What a queue needs to know about a site. */
export interface Queued {
  readonly site: PlannedSite;
  /** Its place in its wave. */
  readonly position: number;
}

/** One line for all sites. */
export const inOneQueue = () => "";
/** One line for each SPP. */
export const bySpp = ({ site }: Queued) => site.spp;

/**
 * Sites that wait, in the order of their wave. Each step costs the same however many sites wait; to look for the next site through
 * all of them would take minutes with thousands of sites.
 */
export class SiteQueue<T extends Queued> {
  /** The sites of each line, the last one first, so that the next one is taken off the end. */
  private readonly lines = new Map<string, T[]>();
  size = 0;

  constructor(private readonly lineOf: (site: T) => string) {}

  add(site: T): void {
    const line = this.lines.get(this.lineOf(site)) ?? [];
    this.lines.set(this.lineOf(site), line);
    line.splice(placeIn(line, site.position), 0, site);
    this.size += 1;
  }

  /** Takes a site out that is in it. */
  remove(site: T): void {
    const key = this.lineOf(site);
    const line = this.lines.get(key) ?? [];
    line.splice(placeIn(line, site.position), 1);
    if (line.length === 0) this.lines.delete(key);
    this.size -= 1;
  }

  /** The next site of each line. */
  *heads(): Generator<T> {
    for (const line of this.lines.values()) yield line.at(-1) as T;
  }
}

/** The index of the first site whose position is not higher. */
function placeIn(line: readonly Queued[], position: number): number {
  let [low, high] = [0, line.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((line[middle] as Queued).position > position) low = middle + 1;
    else high = middle;
  }
  return low;
}
