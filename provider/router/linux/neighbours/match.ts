import type { Mark } from "../model/rule";
import type { Flow } from "./flows";
import { isNamed, type Rule, type Test } from "./ruleset";

/** Whether a condition holds for packets of a flow: for none, for some or perhaps, or for all of them. */
export type Level = "never" | "maybe" | "surely";

/** The bits of marks that other programs may set on packets of a flow, so that their value is unknown. */
export interface ForeignBits {
  packet: number;
  connection: number;
}

export const NO_BITS: ForeignBits = { packet: 0, connection: 0 };

/** Whether a rule matches packets of a flow. */
export function matchRule(rule: Rule, flow: Flow, bits: ForeignBits): Level {
  return lowest(rule.tests.map((test) => matchTest(test, flow, bits)));
}

/** Whether packets match for which only unusual packets count, such as those beyond a rate. */
export function isLimited(rule: Rule): boolean {
  return rule.tests.some((test) => test.on === "unknown" && test.isLimiting);
}

function lowest(levels: readonly Level[]): Level {
  if (levels.includes("never")) return "never";
  return levels.includes("maybe") ? "maybe" : "surely";
}

function negated(level: Level, isNegated: boolean): Level {
  if (!isNegated || level === "maybe") return level;
  return level === "never" ? "surely" : "never";
}

function matchTest(test: Test, flow: Flow, bits: ForeignBits): Level {
  switch (test.on) {
    case "never":
      return "never";
    case "unknown":
      return "maybe";
    case "family":
      return sure(test.family === flow.family);
    case "any": {
      const levels = test.lists.map((tests) => lowest(tests.map((one) => matchTest(one, flow, bits))));
      const level = levels.includes("surely") ? "surely" : levels.includes("maybe") ? "maybe" : "never";
      return negated(level, test.isNegated);
    }
    case "arrivesOn":
    case "leavesOn":
      return negated(matchNames(test.names, flow[test.on]), test.isNegated);
    case "source":
    case "destination":
      if (flow.family === "ip6") return "never";
      return negated(matchRanges(test.ranges, test.on === "source" ? flow.sources : flow.destinations), test.isNegated);
    case "sourcePort":
    case "destinationPort": {
      const ports = test.on === "sourcePort" ? flow.sourcePorts : flow.destinationPorts;
      return negated(matchRanges(test.ranges, ports), test.isNegated);
    }
    case "state":
      return negated(sure(test.states.includes(flow.state)), test.isNegated);
    case "direction":
      return negated(sure(test.direction === flow.direction), test.isNegated);
    case "packetMark":
      return negated(matchMark(test.mark, flow.packetMark, bits.packet), test.isNegated);
    case "connectionMark":
      return negated(matchMark(test.mark, flow.connectionMark, bits.connection), test.isNegated);
    case "flags":
      return negated(matchFlags(test, flow.packets), test.isNegated);
    case "local":
      return negated(flow.mayBeLocal ? "maybe" : "never", test.isNegated);
    case "reversePath":
      return negated(sure(test.isLoose || !flow.isFromSps), test.isNegated);
  }
}

const sure = (isTrue: boolean): Level => (isTrue ? "surely" : "never");

function matchNames(patterns: readonly string[], names: readonly string[] | undefined): Level {
  if (!names) return "maybe";
  const matching = names.filter((name) => patterns.some((pattern) => isNamed(name, pattern)));
  if (matching.length === 0) return "never";
  return matching.length === names.length ? "surely" : "maybe";
}

interface Range {
  first: number;
  last: number;
}

function matchRanges(tested: readonly Range[], ranges: readonly Range[] | undefined): Level {
  if (!ranges) return "maybe";
  const isOverlapping = ranges.some((one) => tested.some(({ first, last }) => first <= one.last && one.first <= last));
  if (!isOverlapping) return "never";
  const isCovered = ranges.every((one) => tested.some(({ first, last }) => first <= one.first && one.last <= last));
  return isCovered ? "surely" : "maybe";
}

function matchMark({ value, mask }: Mark, there: number, foreign: number): Level {
  // Foreign bits may have any value; all others are known.
  const known = mask & ~foreign;
  if (((value ^ there) & known) !== 0) return "never";
  return (mask & foreign) === 0 ? "surely" : "maybe";
}

function matchFlags(
  { mask, set }: { mask: readonly string[]; set: readonly string[] },
  packets: readonly (readonly string[])[],
): Level {
  const matching = packets.filter((packet) => mask.every((flag) => packet.includes(flag) === set.includes(flag)));
  if (matching.length === 0) return "never";
  return matching.length === packets.length ? "surely" : "maybe";
}
