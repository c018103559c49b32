import type { Topology } from "./schema";

/** A topology as a tree for a terminal. */
export function topologyText({ site, sps, spp, join, otherClusters, routers }: Topology): string {
  const version = (text: string) => (text === "" ? "" : `, version ${text}`);
  const role = spp.isPrimary === undefined ? "" : spp.isPrimary ? ", primary" : ", replica";
  const id = join.connectionId === undefined ? "" : `, connection ${join.connectionId}`;
  const reason = join.reason === "" ? "" : `: ${join.reason}`;
  return [
    `site ${site}`,
    ...branches([
      [
        `spp ${spp.address}${version(spp.version)}${role}${notRead(spp.notRead)}`,
        [...sppMembersOf(spp), ...otherClusters.map(otherText)],
      ],
      [`join: ${join.state}${id}${reason}`, []],
      [`sps cluster of ${sps.address}${version(sps.version)}${notRead(sps.notRead)}`, sps.nodes.map(nodeText)],
      ...routers.map(({ name, object, redirections, state }): Branch => {
        const is = redirections.length === 1 ? "redirection" : "redirections";
        return [`${name} (${object}): ${is} ${redirections.join(", ")}: ${state}`, []];
      }),
    ]),
  ].join("\n");
}

type Branch = [text: string, leaves: string[]];

function branches(given: readonly Branch[]): string[] {
  return given.flatMap(([text, leaves], index) => {
    const isLast = index === given.length - 1;
    const lines = leaves.map((leaf, n) => `${isLast ? "   " : "│  "}${n === leaves.length - 1 ? "└─" : "├─"} ${leaf}`);
    return [`${isLast ? "└─" : "├─"} ${text}`, ...lines];
  });
}

const notRead = (why: string | undefined) => (why === undefined ? "" : `: not read: ${why}`);

const nodeText = ({ address, hostName, roles, state }: Topology["sps"]["nodes"][number]) =>
  `${[address, hostName].filter((text) => text !== "").join(" ")}: ${roles.join(", ") || "no role"}; ${state}`;

/** The appliances of an SPP cluster, such as `replica 10.0.0.6`; none of a single appliance. */
export function sppMembersOf({ members }: Pick<Topology["spp"], "members">): string[] {
  if (members.length < 2) return [];
  return members.map(
    ({ isPrimary, address, applianceId }) => `${isPrimary ? "primary" : "replica"} ${address || applianceId}`,
  );
}

const otherText = ({ nodeId, addresses, state }: Topology["otherClusters"][number]) =>
  `another cluster: ${addresses.join(" ") || "no address"}, node id ${nodeId}: ${state}`;
