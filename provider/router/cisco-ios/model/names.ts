/** Direction of the traffic that an access list selects: of clients, or of the answers of servers. */
export type Direction = "in" | "out";

/** What the name of an access list says. */
export interface AccessListName {
  redirection: string;
  direction: Direction;
  /** Counts up with each change, because the new list exists beside the old one for a moment. */
  generation: number;
}

/** Name of an access list: `SPS-rdp-IN`, in later generations `SPS-rdp-IN-2`. */
export function accessListName({ redirection, direction, generation }: AccessListName): string {
  return `SPS-${redirection}-${direction.toUpperCase()}${generation === 1 ? "" : `-${generation}`}`;
}

/** Redirections have lower-case names, so the direction in upper case ends the name. */
const ACCESS_LIST_NAME = /^SPS-([a-z][a-z0-9-]{0,19})-(IN|OUT)(?:-([2-9]|[1-9]\d{1,5}))?$/;

/** The parts of the name of an access list; undefined for lists of others. */
export function parseAccessListName(name: string): AccessListName | undefined {
  const [, redirection, direction, generation = "1"] = ACCESS_LIST_NAME.exec(name) ?? [];
  if (redirection === undefined || direction === undefined) return undefined;
  return { redirection, direction: direction === "IN" ? "in" : "out", generation: Number(generation) };
}

/**
 * Name of the route-map of an interface: `SPS-GigabitEthernet0-1`. The point of a subinterface stays: a router may have both
 * `FastEthernet0/1.1` and `FastEthernet0/1/1`.
 */
export function routeMapName(interfaceName: string): string {
  return `SPS-${interfaceName.replace(/[^A-Za-z0-9.:]+/g, "-")}`;
}

/** Name of the route-map that earlier versions gave to an interface. */
export function earlierRouteMapName(interfaceName: string): string {
  return `SPS-${interfaceName.replace(/[^A-Za-z0-9]+/g, "-")}`;
}
