import type { Lab } from "../../lab/lab";
import { joinsAtOnce } from "../../lab/sps/join/joins-at-once";
import type { SimulatedSite } from "../../tools/start/many-sites";
import { changesIn } from "./site";

/* What the appliances of simulated sites have recorded themselves. */

/** The policy routes of a router at the end: one of an administrator, with which it begins, and one of the program. */
const ROUTES = 2;

/** Requests for a join that the SPS of a site received. */
export const joinPosts = ({ node }: SimulatedSite) => node.traffic.count("POST", "/api/cluster/spp");

/** The most joins of one SPP that were under way at a time, by the logs of the SPS nodes. */
export const mostJoinsAtOnce = ({ sps }: Lab) => joinsAtOnce(sps.map(({ log }) => log));

/** Whether the SPS of a site has finished its join, and its SPP trusts it. */
export const isJoined = ({ node, lab }: SimulatedSite) =>
  node.joined?.phase === "complete" &&
  lab.spp.sessionModules.some(({ NodeId, Trusted }) => NodeId === node.nodeId && Trusted === true);

/** Whether the router of a site has exactly one redirection, which is on. */
export function isRedirected({ router }: SimulatedSite): boolean {
  const routes = router.device.configuration.list("route/policy");
  return routes.length === ROUTES && routes.every(({ status }) => status === true);
}

/** How many requests of any kind the SPS and the router of a site received. */
export const requestsAt = ({ node, router }: SimulatedSite) =>
  node.traffic.requests.length + router.device.requests.length;

/** The requests to the SPS and the router of a site that are no reads. */
export function changesAt({ node, router }: SimulatedSite): string[] {
  const ofRouter = router.device.requests.filter(({ method }) => method !== "GET");
  return [...changesIn(node.traffic), ...ofRouter.map(({ method, path }) => `${method} ${path}`)];
}

/** Pairs of sites that were changed at the same time, from the first to the last request of each SPS that is no read. */
export function changedAtOnce(sites: readonly SimulatedSite[]): string[] {
  const spans = sites.flatMap(({ name, node: { traffic } }) => {
    const times = traffic.requests.filter(({ method }) => method !== "GET").map(({ at }) => at.getTime());
    return times.length === 0 ? [] : [{ name, from: Math.min(...times), to: Math.max(...times) }];
  });
  const inOrder = spans.sort((one, other) => one.from - other.from);
  return inOrder.flatMap(({ name, from }, n) => {
    const before = inOrder.slice(0, n).filter(({ to }) => to >= from);
    return before.map((one) => `${one.name} and ${name}`);
  });
}
