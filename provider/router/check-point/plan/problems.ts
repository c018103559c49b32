import { ifKnown, UNKNOWN, type Unknown } from "../../../core/unknown";
import type { InputFailure } from "../../../core/validate";
import { interfaceSelector } from "../../fields";
import type { PacketPlatform } from "../../planning/packet-problems";
import type { CheckedRedirection, Redirection } from "../../redirection";
import { selectorCount } from "../model/desired";
import { type CheckedCheckPointOptions, type CheckPointOptions, middleOf, prioritiesOf } from "../model/options";

/** The inputs that a Check Point gateway can have. */
export const CHECK_POINT_INPUTS: PacketPlatform = {
  isInterface(text) {
    const selector = interfaceSelector(text);
    return selector ? selector.kind === "address" : /^[A-Za-z][\w.-]{0,14}$/.test(text);
  },
  interfaces: 'the name of an interface, such as eth1 or bond0.100, "address:10.0.0.1" for the one with that address',
};

/** Whether the range of priorities has room for the rules. A rule matches one port, so a range of ports needs many. */
export function priorityProblems(
  redirections: readonly (CheckedRedirection | Unknown)[] | Unknown,
  options: CheckedCheckPointOptions | Unknown,
): InputFailure[] {
  const known = ifKnown(options) as CheckPointOptions | undefined;
  if (!known) return [];
  const { firstPriority, lastPriority } = known;
  if (firstPriority >= lastPriority) {
    const path = "checkPoint.lastPriority";
    const reason = `${path}: ${lastPriority} is not above firstPriority ${firstPriority}; set it to a higher number`;
    return [{ path, reason }];
  }
  if (redirections === UNKNOWN) return [];
  const whole = redirections.flatMap((one) => (ifKnown(one) as Redirection | undefined) ?? []);
  const count = whole.reduce((sum, one) => sum + selectorCount(one), 0);
  const room = middleOf(prioritiesOf(known)) - firstPriority + 1;
  if (count <= room) return [];
  const path = "redirections";
  const reason = `${path}: they need ${count} PBR rules, one for each interface, network and port, and checkPoint.firstPriority to lastPriority have room for ${room}; use fewer or larger networks, fewer ports, or a larger range of priorities`;
  return [{ path, reason }];
}
