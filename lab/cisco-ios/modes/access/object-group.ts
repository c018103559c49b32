import { addressValue, maskText } from "../../../common/ipv4";
import {
  type GroupMember,
  groupsOf,
  isWithin,
  memberText,
  type ObjectGroup,
  parseService,
} from "../../access/object-group";
import type { Configuration } from "../../configuration";
import { BAD_NAME, type ConfigurationCommand, type ConfigurationContext } from "../context";

type Member = ObjectGroup["members"][number];

const KINDS = ["network", "service"] as const;

/** `object-group` in the global mode. */
export const OBJECT_GROUP_COMMANDS: readonly ConfigurationCommand[] = KINDS.flatMap((kind): ConfigurationCommand[] => [
  { pattern: `object-group ${kind} <name>`, run: (context, [name = ""]) => enterGroup(context, kind, name) },
  {
    pattern: `no object-group ${kind} <name>`,
    run: ({ configuration }, [name = ""]) => {
      if (isUsed(configuration, kind, name)) return inUse(name);
      configuration.objectGroups = configuration.objectGroups.filter((one) => one.name !== name || one.kind !== kind);
      return undefined;
    },
  },
]);

/** What is printed for a group that does not exist. Assumed: no document shows the text. */
export function missingGroup(name: string): string {
  return `%Error: object-group ${name} does not exist`;
}

/** The first group of an entry that the configuration does not have. */
export function missingGroupOf(
  entry: Parameters<typeof groupsOf>[0],
  { objectGroups }: Configuration,
): string | undefined {
  return groupsOf(entry).find(({ kind, name }) => !objectGroups.some((one) => one.kind === kind && one.name === name))
    ?.name;
}

const SHARED: readonly ConfigurationCommand[] = [
  {
    pattern: "description <line>",
    run: (context, [text = ""]) => {
      const group = groupOf(context);
      if (group) group.description = text;
      return undefined;
    },
  },
  { pattern: "no description", run: (context) => void delete groupOf(context)?.description },
  ...both("group-object <name>", ([name = ""]) => ({ kind: "group", name })),
];

/** The commands of `object-group network`. Its masks are those of networks, not wildcards. */
export const NETWORK_GROUP_COMMANDS: readonly ConfigurationCommand[] = [
  ...SHARED,
  ...both("any", () => ({ kind: "any" })),
  ...both("host <ipv4>", ([address = ""]) => ({ kind: "network", address, mask: "255.255.255.255" })),
  ...both("range <ipv4> <ipv4>", ([first = "", last = ""]) =>
    addressValue(first) < addressValue(last) ? { kind: "range", first, last } : undefined,
  ),
  ...both("<ipv4> <ipv4>", ([address = "", mask = ""]) => networkMember(address, mask)),
  ...both("<ipv4> <prefix>", ([address = "", prefix = ""]) =>
    networkMember(address, maskText(Number(prefix.slice(1)))),
  ),
];

const PROTOCOLS = "ahp eigrp esp gre icmp igmp ip ipinip nos ospf pcp pim tcp tcp-udp udp".split(" ");

/** The commands of `object-group service`. */
export const SERVICE_GROUP_COMMANDS: readonly ConfigurationCommand[] = [
  ...SHARED,
  ...PROTOCOLS.flatMap((protocol) => both(protocol, () => parseService([protocol]))),
  ...both("<number>", ([number = ""]) => (Number(number) < 256 ? parseService([number]) : undefined)),
  ...["tcp", "udp", "tcp-udp"].flatMap((protocol) =>
    both(`${protocol} <line>`, ([line = ""]) => parseService([protocol, ...line.split(/ +/)])),
  ),
  ...both("icmp <name>", ([type = ""]) => parseService(["icmp", type])),
];

/** The command that adds a member, and the one that removes it. */
function both(pattern: string, memberOf: (values: string[]) => Member | undefined): ConfigurationCommand[] {
  return [
    { pattern, run: (context, values) => addMember(context, memberOf(values)) },
    { pattern: `no ${pattern}`, run: (context, values) => removeMember(context, memberOf(values)) },
  ];
}

function enterGroup(context: ConfigurationContext, kind: ObjectGroup["kind"], name: string): string | undefined {
  const { objectGroups } = context.configuration;
  const found = objectGroups.find((one) => one.name === name);
  if (found && found.kind !== kind) return `%Error: object-group ${name} is of another type`;
  if (!found) objectGroups.push({ kind, name, members: [] });
  context.place = { mode: kind === "network" ? "config-network-group" : "config-service-group", name };
  return undefined;
}

function addMember(context: ConfigurationContext, member: Member | undefined): string | undefined {
  const group = groupOf(context);
  if (!group || !member) return BAD_NAME;
  if (member.kind === "group") {
    const refused = nestingRefusal(group, member, context.configuration);
    if (refused !== undefined) return refused;
  }
  if (!group.members.some((one) => memberText(one) === memberText(member))) group.members.push(member);
  return undefined;
}

function nestingRefusal(group: ObjectGroup, member: GroupMember, { objectGroups }: Configuration): string | undefined {
  if (!objectGroups.some(({ kind, name }) => kind === group.kind && name === member.name))
    return missingGroup(member.name);
  const isCircle = isWithin(group.name, member.name, group.kind, objectGroups);
  return isCircle ? `%Error: object-group ${member.name} has ${group.name} among its members` : undefined;
}

/** A group that is used keeps a member, as documented. */
function removeMember(context: ConfigurationContext, member: Member | undefined): string | undefined {
  const group = groupOf(context);
  if (!group || !member) return BAD_NAME;
  const rest = group.members.filter((one) => memberText(one) !== memberText(member));
  if (rest.length === 0 && isUsed(context.configuration, group.kind, group.name)) return inUse(group.name);
  group.members = rest;
  return undefined;
}

/** Whether an entry or another group names a group. */
function isUsed({ accessLists, objectGroups }: Configuration, kind: ObjectGroup["kind"], name: string): boolean {
  const isOne = (one: { kind: string; name: string }) => one.kind === kind && one.name === name;
  const entries = accessLists.flatMap(({ lines }) => lines.flatMap(({ entry }) => groupsOf(entry)));
  const nested = objectGroups.filter((one) => one.kind === kind).flatMap(({ members }) => members);
  return entries.some(isOne) || nested.some((member) => member.kind === "group" && member.name === name);
}

/** Assumed: the text. Documented is that a group in use can be neither removed nor emptied. */
function inUse(name: string): string {
  return `%Error: object-group ${name} is in use`;
}

function networkMember(address: string, mask: string): Member | undefined {
  const bits = mask
    .split(".")
    .map((part) => Number(part).toString(2).padStart(8, "0"))
    .join("");
  if (!/^1*0*$/.test(bits)) return undefined;
  const parts = mask.split(".");
  const network = address.split(".").map((part, index) => Number(part) & Number(parts[index]));
  return { kind: "network", address: network.join("."), mask };
}

function groupOf({ configuration, place }: ConfigurationContext): ObjectGroup | undefined {
  const isGroup = place.mode === "config-network-group" || place.mode === "config-service-group";
  return isGroup ? configuration.objectGroups.find(({ name }) => name === place.name) : undefined;
}
