import { isIPv4 } from "node:net";
import { type Check, fail, notChecked, pass } from "../check";
import { isRead, valueIfRead } from "../fact";
import type { Facts } from "../facts";
import { SOURCES } from "../sources";

/** Both appliances are reached over IPv4; joins know nothing else. */
export const ipv4Only: Check = {
  id: "ipv4-only",
  title: "both have IPv4 addresses",
  source: SOURCES.join,
  isForRequest: true,
  run(facts) {
    const problem = problemOf(facts);
    if (problem) return fail("SG2211", problem.text, "use an IPv4 address, or a name that has one", problem.path);
    const unread = [facts.sps.resolved, facts.spp.resolved].find((fact) => !isRead(fact));
    return unread && "why" in unread ? notChecked(unread.why) : pass("they have");
  },
};

function problemOf({ sps, spp }: Facts): { text: string; path: string } | undefined {
  for (const [name, side] of Object.entries({ sps, spp })) {
    const addresses = valueIfRead(side.resolved);
    if (addresses && addresses.length > 0 && !addresses.some((address) => isIPv4(address))) {
      return { text: `${side.address} has only the IPv6 address ${addresses[0]}`, path: `${name}.address` };
    }
  }
  const node = valueIfRead(sps.cluster)?.nodes.find(({ address }) => address.includes(":"));
  if (node) return { text: `the SPS node ${node.address} is in the cluster with an IPv6 address`, path: "sps.address" };
  const applianceId = valueIfRead(spp.status)?.applianceId;
  const own = valueIfRead(spp.members)?.find((member) => member.applianceId === applianceId);
  if (own?.ipv6Address !== undefined && own.ipv4Address === undefined) {
    return { text: `SPP has only the IPv6 address ${own.ipv6Address}`, path: "spp.address" };
  }
  return undefined;
}
