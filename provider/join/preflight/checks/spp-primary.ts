import { type Check, given, pass, sppRefusal } from "../check";
import { valueIfRead } from "../fact";
import { SOURCES } from "../sources";

/** The SPP appliance is the primary of its cluster; a replica refuses the join. */
export const sppPrimary: Check = {
  id: "spp-primary",
  title: "SPP is the primary",
  source: SOURCES.link,
  run: ({ spp }) =>
    given(spp.status, ({ isPrimary }) => {
      if (isPrimary) return pass("it is");
      const leader = valueIfRead(spp.members)?.find((member) => member.isLeader)?.ipv4Address;
      const refusal = sppRefusal("replica", "spp.address");
      return leader ? { ...refusal, remedy: `point spp.address at the primary, ${leader}` } : refusal;
    }),
};
