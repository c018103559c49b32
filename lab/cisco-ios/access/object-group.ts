import { addressText, addressValue } from "../../common/ipv4";
import { type Entry, type EntryEnd, type PortCondition, portsText, takePorts } from "./access-list";

/** A member of a network group. */
export type NetworkMember =
  | { kind: "any" }
  | { kind: "network"; address: string; mask: string }
  | { kind: "range"; first: string; last: string };

/** A member of a service group. */
export interface ServiceMember {
  kind: "service";
  /** A name, a number, or `tcp-udp`. */
  protocol: string;
  source?: PortCondition;
  destination?: PortCondition;
  icmpType?: string;
}

/** Another group as a member. */
export interface GroupMember {
  kind: "group";
  name: string;
}

/** `object-group network` or `object-group service`. */
export interface ObjectGroup {
  kind: "network" | "service";
  name: string;
  description?: string;
  members: (NetworkMember | ServiceMember | GroupMember)[];
}

/** The lines of the groups in a running configuration. Published ones have a space after the name. */
export function objectGroupLines(groups: readonly ObjectGroup[]): string[] {
  return groups.flatMap((group) => [`object-group ${group.kind} ${group.name} `, ...bodyLines(group), "!"]);
}

/** `show object-group`, for one group or for all. */
export function objectGroupsText(groups: readonly ObjectGroup[], only?: string): string {
  return groups
    .filter(({ name }) => only === undefined || name === only)
    .flatMap((group) => [
      `${group.kind === "network" ? "Network" : "Service"} object group ${group.name}`,
      ...bodyLines(group),
    ])
    .join("\n");
}

function bodyLines({ description, members }: ObjectGroup): string[] {
  return [...(description === undefined ? [] : [`description ${description}`]), ...members.map(memberText)].map(
    (line) => ` ${line}`,
  );
}

/** A member as a configuration shows it. */
export function memberText(member: ObjectGroup["members"][number]): string {
  if (member.kind === "any") return "any";
  if (member.kind === "group") return `group-object ${member.name}`;
  if (member.kind === "range") return `range ${member.first} ${member.last}`;
  if (member.kind === "network")
    return member.mask === "255.255.255.255" ? `host ${member.address}` : `${member.address} ${member.mask}`;
  const { protocol, source, destination, icmpType } = member;
  const ports = (condition: PortCondition | undefined) => (condition ? portsText(condition, protocol) : []);
  return [
    protocol,
    ...(source ? ["source", ...ports(source)] : []),
    ...ports(destination),
    ...(icmpType === undefined ? [] : [icmpType]),
  ].join(" ");
}

/** Reads a member of a service group: a protocol, with conditions on its ports. Undefined for other words. */
export function parseService(words: readonly string[]): ServiceMember | undefined {
  const [protocol = "", ...rest] = words;
  const member: ServiceMember = { kind: "service", protocol };
  if (["tcp", "udp", "tcp-udp"].includes(protocol)) {
    const isFromSource = rest[0] === "source";
    if (isFromSource) rest.shift();
    const source = isFromSource ? takePorts(rest, protocol) : undefined;
    const hasDestination = rest.length > 0;
    const destination = hasDestination ? takePorts(rest, protocol) : undefined;
    if ((isFromSource && !source) || (hasDestination && !destination)) return undefined;
    Object.assign(member, source && { source }, destination && { destination });
  } else if (protocol === "icmp" && rest.length > 0) member.icmpType = rest.shift() ?? "";
  return rest.length === 0 ? member : undefined;
}

/** The groups that an entry names. */
export function groupsOf({ serviceGroup, source, destination }: Entry): Pick<ObjectGroup, "kind" | "name">[] {
  const networks = [source.group, destination?.group].flatMap((name) => (name === undefined ? [] : [name]));
  return [
    ...(serviceGroup === undefined ? [] : [{ kind: "service" as const, name: serviceGroup }]),
    ...networks.map((name) => ({ kind: "network" as const, name })),
  ];
}

/** The entries without groups that match the same packets; none when a group has no members. */
export function expandedEntries(entry: Entry, groups: readonly ObjectGroup[]): Entry[] {
  const { serviceGroup, source, destination, ...others } = entry;
  const sources = endsOf(source, groups);
  const destinations = destination ? endsOf(destination, groups) : [undefined];
  const services: Omit<ServiceMember, "kind">[] =
    serviceGroup === undefined
      ? [{ protocol: entry.protocol }]
      : membersOf(serviceGroup, "service", groups).flatMap((member) =>
          member.kind === "service" ? servicesOf(member) : [],
        );
  return services.flatMap((service) =>
    sources.flatMap((from) =>
      destinations.map((to) => ({
        ...others,
        protocol: service.protocol,
        source: { ...from, ...service.source },
        ...(to && { destination: { ...to, ...service.destination } }),
        options: [...entry.options, ...(service.icmpType === undefined ? [] : [service.icmpType])],
      })),
    ),
  );
}

function servicesOf(member: ServiceMember): ServiceMember[] {
  return member.protocol === "tcp-udp" ? ["tcp", "udp"].map((protocol) => ({ ...member, protocol })) : [member];
}

function endsOf(end: EntryEnd, groups: readonly ObjectGroup[]): EntryEnd[] {
  const { group, ...others } = end;
  if (group === undefined) return [end];
  return membersOf(group, "network", groups).flatMap((member) => {
    if (member.kind === "any") return [{ ...others, address: "0.0.0.0", wildcard: "255.255.255.255" }];
    if (member.kind === "network") return [{ ...others, address: member.address, wildcard: inverse(member.mask) }];
    return member.kind === "range" ? blocksOf(member.first, member.last).map((block) => ({ ...others, ...block })) : [];
  });
}

/** The members of a group and of the groups in it. */
function membersOf(
  name: string,
  kind: ObjectGroup["kind"],
  groups: readonly ObjectGroup[],
): (NetworkMember | ServiceMember)[] {
  const found = groups.find((one) => one.kind === kind && one.name === name);
  return (found?.members ?? []).flatMap((member) =>
    member.kind === "group" ? membersOf(member.name, kind, groups) : [member],
  );
}

/** Whether a group is another one, or has it among its members. */
export function isWithin(
  name: string,
  inside: string,
  kind: ObjectGroup["kind"],
  groups: readonly ObjectGroup[],
): boolean {
  const found = groups.find((one) => one.kind === kind && one.name === inside);
  return (
    inside === name ||
    (found?.members ?? []).some((one) => one.kind === "group" && isWithin(name, one.name, kind, groups))
  );
}

/** The largest blocks of addresses under wildcards that make up a range. */
function blocksOf(first: string, last: string): Pick<EntryEnd, "address" | "wildcard">[] {
  const blocks: Pick<EntryEnd, "address" | "wildcard">[] = [];
  for (let start = addressValue(first); start <= addressValue(last); ) {
    let size = 1;
    while (start % (size * 2) === 0 && start + size * 2 - 1 <= addressValue(last)) size *= 2;
    blocks.push({ address: addressText(start), wildcard: addressText(size - 1) });
    start += size;
  }
  return blocks;
}

function inverse(mask: string): string {
  return mask
    .split(".")
    .map((part) => 255 - Number(part))
    .join(".");
}
