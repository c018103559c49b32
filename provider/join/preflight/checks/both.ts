import { isIPv4 } from "node:net";
import { type Check, fail, given, notChecked, pass, SOURCES } from "../check";
import type { Facts } from "../facts";
import { isRead, valueIfRead } from "../gathering";

export const PAIR_CHECKS: readonly Check[] = [
  // The vendor requires equal versions. This also rules out mixing long-term and feature releases.
  {
    id: "versions-equal",
    title: "SPS and SPP run one version",
    source: SOURCES.link,
    isForRequest: true,
    run: ({ sps, spp }) =>
      given(sps.info, ({ firmwareVersion }) =>
        given(spp.status, ({ version = "" }) => {
          const comparison = compareVersions(firmwareVersion, version);
          if (comparison === "unknown") {
            return notChecked(`SPS reports ${firmwareVersion || "no version"}, SPP ${version || "no version"}`);
          }
          if (comparison === "equal") return pass(`SPS ${firmwareVersion}, SPP ${version}`);
          const remedy = `upgrade ${comparison === "older" ? "SPS" : "SPP"} first`;
          return fail(
            "SG2210",
            `SPS runs ${firmwareVersion}, SPP ${version}, and they must be equal`,
            undefined,
            remedy,
          );
        }),
      ),
  },
  // The join supports IPv4 only.
  {
    id: "ipv4-only",
    title: "both have IPv4 addresses",
    source: SOURCES.join,
    isForRequest: true,
    run(facts) {
      const problem = ipv6Problem(facts);
      if (problem) return fail("SG2211", problem.text, problem.path);
      const unread = [facts.sps.resolved, facts.spp.resolved].find((fact) => !isRead(fact));
      return unread && "why" in unread ? notChecked(unread.why) : pass("both have");
    },
  },
];

/** Result of a version comparison; `unknown` when one version does not begin with a number. */
export type Comparison = "equal" | "older" | "newer" | "unknown";

/**
 * Compares major, minor and revision of two versions such as `8.0.0` and `8.0.0.21662`; missing parts are ignored. `older` means that the
 * first version is older.
 */
export function compareVersions(first: string, second: string): Comparison {
  const left = partsOf(first);
  const right = partsOf(second);
  if (left.length === 0 || right.length === 0) return "unknown";
  for (const [index, part] of left.slice(0, right.length).entries()) {
    const other = right[index] ?? part;
    if (part !== other) return part < other ? "older" : "newer";
  }
  return "equal";
}

/** Up to three leading numbers, without the suffix (build, LTS, hot fix). */
function partsOf(version: string): number[] {
  const numbers = /^\s*v?(\d+(?:\.\d+){0,2})(?![0-9])/i.exec(version)?.[1];
  return numbers === undefined ? [] : numbers.split(".").map(Number);
}

function ipv6Problem({ sps, spp }: Facts): { text: string; path: string } | undefined {
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
