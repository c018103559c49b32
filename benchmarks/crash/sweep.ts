import { messageOf } from "../../provider/core/errors";
import { inParallel } from "../../tests/support/in-parallel";
import { CrashSite, type Front } from "./crash-site";
import { isChange, POSITIONS, type Point, type Position, pointsMet, unique } from "./points";

/** How it went after one kill. */
export interface Crash {
  point: Point;
  position: Position;
  /** Whether the very next `up` came to the wanted end. */
  isConverged: boolean;
  /** Join requests on the wire in all. */
  joinPosts: number;
  /** Whether no further `up` helped either, so that a person would have to do something. */
  needsPerson: boolean;
  /** What was not as it must be; empty where nothing was. */
  complaint: string;
}

/** Runs without a kill that the points are taken from: what is met differs a little from run to run. */
const REFERENCE_RUNS = 2;
/** How often a point is tried that was not met. */
const TRIES = 3;
/** How many `up`s a person would try before doing something else. */
const MOST_UPS = 3;

/** The points of a full run, as runs without a kill show them. */
export async function findPoints(runs = REFERENCE_RUNS): Promise<Point[]> {
  const found: Point[] = [];
  for (let run = 0; run < runs; run += 1) {
    const site = await CrashSite.start("host");
    try {
      await site.stack.up();
      site.verify();
      found.push(...pointsMet(site.appliances));
    } finally {
      await site.stop();
    }
  }
  return unique(found);
}

/** Changes go the whole way to the appliances; reads, of which there are many, the short one. */
export const frontOf = ({ method }: Point): Front => (isChange(method) ? "dynamic provider" : "host");

/** Kills at every position of every point, each on a site of its own, so many at once. */
export async function sweep(
  points: readonly Point[],
  atOnce: number,
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
  return inParallel(tasks, atOnce);
}

/** Kills once and tells how it went on. A point that is not met is tried again on another site. */
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
    if (attempt === TRIES) return missed(point, position, `not met in ${TRIES} runs`);
  }
}

function missed(point: Point, position: Position, complaint: string): Crash {
  return { point, position, isConverged: false, joinPosts: 0, needsPerson: false, complaint };
}

async function recover(site: CrashSite): Promise<Omit<Crash, "point" | "position">> {
  const complaints: string[] = [];
  for (let up = 1; up <= MOST_UPS; up += 1) {
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
    needsPerson: complaints.length === MOST_UPS,
    complaint: complaints.join(" | "),
  };
}
