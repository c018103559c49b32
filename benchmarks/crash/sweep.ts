import { messageOf } from "../../provider/core/errors";
import { inParallel } from "../../tests/support/in-parallel";
import { CrashSite, type Front } from "./crash-site";
import { isChange, POSITIONS, type Point, type Position, pointsReached, unique } from "./points";

/** The result of one kill. */
export interface Crash {
  point: Point;
  position: Position;
  /** Whether the next `up` succeeded. */
  isConverged: boolean;
  /** Join requests on the wire in total. */
  joinPosts: number;
  /** Whether every `up` failed, so that a manual repair would be necessary. */
  needsRepair: boolean;
  /** What was wrong; empty when nothing was. */
  complaint: string;
}

/** Runs without a kill that collect the points, which differ a little from run to run. */
const REFERENCE_RUNS = 2;
/** How often a point is tried until a run reaches it. */
const TRIES = 3;
/** How many `up`s are tried before a manual repair counts as necessary. */
const MAX_UPS = 3;

/** Collects the points of full runs without a kill. */
export async function findPoints(runs = REFERENCE_RUNS): Promise<Point[]> {
  const found: Point[] = [];
  for (let run = 0; run < runs; run += 1) {
    const site = await CrashSite.start("host");
    try {
      await site.stack.up();
      site.verify();
      found.push(...pointsReached(site.appliances));
    } finally {
      await site.stop();
    }
  }
  return unique(found);
}

/** Changes are tested with Pulumi's own process; the many reads with one that starts faster. */
export const frontOf = ({ method }: Point): Front => (isChange(method) ? "dynamic provider" : "host");

/** Kills at every position of every point, each on its own site, at most `limit` in parallel. */
export async function sweep(
  points: readonly Point[],
  limit: number,
  front: (point: Point) => Front = frontOf,
  each: (crash: Crash) => void = () => undefined,
): Promise<Crash[]> {
  const tasks = points.flatMap((point) =>
    POSITIONS.map((position) => async () => {
      const crash = await crashAt(point, position, front(point));
      each(crash);
      return crash;
    }),
  );
  return inParallel(tasks, limit);
}

/** Kills once and recovers. Tries a point that was not reached again on another site. */
async function crashAt(point: Point, position: Position, front: Front): Promise<Crash> {
  for (let attempt = 1; ; attempt += 1) {
    const site = await CrashSite.start(front);
    try {
      const isMet = await site.upKilledAt(point, position);
      if (isMet) return { point, position, ...(await recover(site)) };
    } catch (error) {
      if (attempt === TRIES) return missed(point, position, messageOf(error));
    } finally {
      await site.stop();
    }
    if (attempt === TRIES) return missed(point, position, `not reached in ${TRIES} runs`);
  }
}

function missed(point: Point, position: Position, complaint: string): Crash {
  return { point, position, isConverged: false, joinPosts: 0, needsRepair: false, complaint };
}

async function recover(site: CrashSite): Promise<Omit<Crash, "point" | "position">> {
  const complaints: string[] = [];
  for (let up = 1; up <= MAX_UPS; up += 1) {
    try {
      await site.stack.up();
      site.verify();
      break;
    } catch (error) {
      complaints.push(messageOf(error));
    }
  }
  return {
    isConverged: complaints.length === 0,
    joinPosts: site.joinPosts,
    needsRepair: complaints.length === MAX_UPS,
    complaint: complaints.join(" | "),
  };
}
