import type { RequestRecord, Traffic } from "../../lab/common/traffic";

/** When the provider is killed, as the request sees it. */
export const POSITIONS = ["before send", "before answer", "after answer"] as const;
export type Position = (typeof POSITIONS)[number];

/** The appliances of a site, each with the requests it got. */
export interface Appliances {
  name: string;
  traffic: Traffic;
}

/**
 * A request of a run. Two requests are the same point when they ask one appliance for the same thing after as many
 * changes of it: what a poll repeats is one point, and every change is a point of its own.
 */
export interface Point {
  appliance: string;
  method: string;
  /** Path without the query; a node id reads `{node}`. */
  path: string;
  /** How many changing requests this appliance had got before. */
  changesBefore: number;
}

/** What one SPS asks of SPP by itself is no request of the provider. */
const HANDSHAKE = /^\/service\/(core\/v3|a2a)\//;
/** Node ids differ from lab to lab. */
const NODE_ID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

/** Whether the provider sent a request, rather than an appliance of the lab. */
export function isOwn({ path }: RequestRecord): boolean {
  return !HANDSHAKE.test(path);
}

/** The point at which a request stands among the others of its appliance. */
export function pointOf(appliance: string, requests: readonly RequestRecord[], request: RequestRecord): Point {
  const before = requests.filter((other) => other.number < request.number && isOwn(other) && isChange(other.method));
  const path = request.path.replace(NODE_ID, "{node}");
  return { appliance, method: request.method, path, changesBefore: before.length };
}

/** Every point that was met so far, in the order of each appliance. */
export function pointsMet(appliances: readonly Appliances[]): Point[] {
  const points = appliances.flatMap(({ name, traffic: { requests } }) =>
    requests.filter(isOwn).map((request) => pointOf(name, requests, request)),
  );
  return unique(points);
}

/** The points of several runs in one list; which ones are met differs a little where waits are of different length. */
export function unique(points: readonly Point[]): Point[] {
  return [...new Map(points.map((point) => [nameOf(point), point])).values()];
}

/** The name by which a point is met again in another run. */
export function nameOf({ appliance, method, path, changesBefore }: Point): string {
  return `${appliance} #${changesBefore} ${method} ${path}`;
}

export function isChange(method: string): boolean {
  return method !== "GET";
}

/** Every change, and of the reads every `stride`-th; 1 takes them all. */
export function sample(points: readonly Point[], changeStride: number, readStride: number): Point[] {
  let changes = 0;
  let reads = 0;
  return points.filter(({ method }) => (isChange(method) ? changes++ % changeStride : reads++ % readStride) === 0);
}
