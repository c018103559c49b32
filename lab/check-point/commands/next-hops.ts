import type { NextHop, TableRoute } from "../configuration";
import { isAddress, refused } from "./command";

/**
 * Adds a next hop to a route, or changes its priority; turning one `on` keeps its priority, as published configurations
 * say. @returns the refusal
 */
export function setNextHop(
  route: TableRoute,
  kind: NextHop["kind"],
  [value = "", priority]: string[],
  line: string,
): string | undefined {
  if (kind === "address" && !isAddress(value)) return refused("IPv4 address check fails", line, value);
  if (priority !== undefined && !/^[1-8]$/.test(priority)) return refused("Range check fails", line, priority);
  delete route.special;
  const known = route.nextHops.find((hop) => hop.kind === kind && hop.value === value);
  const hop = known ?? { kind, value };
  if (priority !== undefined) hop.priority = Number(priority);
  if (!known) route.nextHops.push(hop);
  return undefined;
}

export function dropNextHop(route: TableRoute, kind: NextHop["kind"], value: string | undefined): void {
  route.nextHops = route.nextHops.filter((hop) => hop.kind !== kind || hop.value !== value);
}

/** The route rejects packets, or drops them, instead of having next hops. */
export function setSpecial(route: TableRoute, special: "blackhole" | "reject"): void {
  route.special = special;
  route.nextHops = [];
}

/** Whether a route goes anywhere: one that lost its last next hop is gone. */
export function isRoute({ nextHops, special }: TableRoute): boolean {
  return nextHops.length > 0 || special !== undefined;
}
