import type { RequestRecord, Traffic } from "../../lab/common/traffic";

/** When the provider is killed, relative to the request. */
export const POSITIONS = ["before send", "before answer", "after answer"] as const;
export type Position = (typeof POSITIONS)[number];

/** An appliance of a site and its traffic. */
export interface Appliances {
  name: string;
  traffic: Traffic;
}

/**
 * A request of a run. Two requests are the same point when they send the same method and path to the same appliance after
 * the same number of changes: all repetitions of a poll are one point, and every change is its own point.
 */
export interface Point {
  appliance: string;
  method: string;
  /** Path without the query; a node id reads `{node}`. */
  path: string;
  /** The number of changing requests that this appliance received before. */
  changesBefore: number;
}

/** Requests that SPS itself sends to SPP. */
const HANDSHAKE = /^\/service\/(core\/v3|a2a)\//;
/** Node ids differ from lab to lab. */
const NODE_ID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

/** Whether the provider sent a request, and not an appliance of the lab. */
export function isOwn({ path }: RequestRecord): boolean {
  return !HANDSHAKE.test(path);
}

/** The point of a request among all requests of its appliance. */
export function pointOf(appliance: string, requests: readonly RequestRecord[], request: RequestRecord): Point {
  const before = requests.filter((other) => other.number < request.number && isOwn(other) && isChange(other.method));
  const path = request.path.replace(NODE_ID, "{node}");
  return { appliance, method: request.method, path, changesBefore: before.length };
}

/** Every point that was reached so far, in order for each appliance. */
export function pointsReached(appliances: readonly Appliances[]): Point[] {
  const points = appliances.flatMap(({ name, traffic: { requests } }) =>
    requests.filter(isOwn).map((request) => pointOf(name, requests, request)),
  );
  return unique(points);
}

/** The points of several runs without duplicates. Runs differ a little, because waits do. */
export function unique(points: readonly Point[]): Point[] {
  return [...new Map(points.map((point) => [nameOf(point), point])).values()];
}

/** The name that identifies a point in every run. */
export function nameOf({ appliance, method, path, changesBefore }: Point): string {
  return `${appliance} #${changesBefore} ${method} ${path}`;
}

export function isChange(method: string): boolean {
  return method !== "GET";
}

/** Every `changeStride`-th change and every `readStride`-th read; 1 selects all. */
export function sample(points: readonly Point[], changeStride: number, readStride: number): Point[] {
  let changes = 0;
  let reads = 0;
  return points.filter(({ method }) => (isChange(method) ? changes++ % changeStride : reads++ % readStride) === 0);
}
