import { areRangesOverlapping, isRangeWithin, type Range } from "../../../core/ranges";
import type { Mark } from "../model/rule";
import type { Flow } from "./flows";
import { isNamed, type Rule, type Test } from "./rules/ruleset";

/** Whether a condition holds for packets of a flow: for none, for some or perhaps, or for all of them. */
export type Level = "never" | "maybe" | "surely";

/** Bits of a mark that another program may set; without a value they are unknown. */
export interface Assigned {
  bits: number;
  value?: number;
}

/** What other programs may set in the marks of packets and connections of a flow. */
export interface ForeignMarks {
  packet: readonly Assigned[];
  connection: readonly Assigned[];
}

export const NO_MARKS: ForeignMarks = { packet: [], connection: [] };

/** Whether a rule matches packets of a flow. */
export function matchRule(rule: Rule, flow: Flow, marks: ForeignMarks): Level {
  return lowest(rule.tests.map((test) => matchTest(test, flow, marks)));
}

/** Whether packets match for which only unusual packets count, such as those beyond a rate. */
export function isLimited(rule: Rule): boolean {
  return rule.tests.some((test) => test.on === "unknown" && test.isLimiting);
}

function lowest(levels: readonly Level[]): Level {
  if (levels.includes("never")) return "never";
  return levels.includes("maybe") ? "maybe" : "surely";
}

/** The level of a condition or of its opposite. */
export function negated(level: Level, isNegated: boolean): Level {
  if (!isNegated || level === "maybe") return level;
  return level === "never" ? "surely" : "never";
}

function matchTest(test: Test, flow: Flow, marks: ForeignMarks): Level {
  switch (test.on) {
    case "never":
      return "never";
    case "unknown":
      return "maybe";
    case "family":
      return sure(test.family === flow.family);
    case "any": {
      const levels = test.lists.map((tests) => lowest(tests.map((one) => matchTest(one, flow, marks))));
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
      return negated(matchMark(test.mark, flow.packetMark, marks.packet), test.isNegated);
    case "connectionMark":
      return negated(matchMark(test.mark, flow.connectionMark, marks.connection), test.isNegated);
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

function matchRanges(tested: readonly Range[], ranges: readonly Range[] | undefined): Level {
  if (!ranges) return "maybe";
  const isOverlapping = ranges.some((one) => tested.some((other) => areRangesOverlapping(one, other)));
  if (!isOverlapping) return "never";
  const isCovered = ranges.every((one) => tested.some((other) => isRangeWithin(one, other)));
  return isCovered ? "surely" : "maybe";
}

function matchMark({ value, mask }: Mark, there: number, foreign: readonly Assigned[]): Level {
  const assigned = foreign.filter(({ bits }) => (bits & mask) !== 0);
  const unsure = assigned.reduce((all, { bits }) => all | (bits & mask), 0);
  // All other bits have their known value.
  if (((value ^ there) & mask & ~unsure) !== 0) return "never";
  if (unsure === 0) return "surely";
  const isWhole = assigned.every((one) => one.value !== undefined && (one.bits & unsure) === unsure);
  if (!isWhole) return "maybe";
  return [there, ...assigned.map((one) => one.value ?? 0)].some((one) => ((one ^ value) & unsure) === 0)
    ? "maybe"
    : "never";
}

function matchFlags(
  { mask, set }: { mask: readonly string[]; set: readonly string[] },
  packets: readonly (readonly string[])[],
): Level {
  const matching = packets.filter((packet) => mask.every((flag) => packet.includes(flag) === set.includes(flag)));
  if (matching.length === 0) return "never";
  return matching.length === packets.length ? "surely" : "maybe";
}
