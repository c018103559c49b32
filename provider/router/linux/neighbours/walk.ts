import type { Flow } from "./flows";
import { type ForeignMarks, isLimited, type Level, matchRule, NO_MARKS } from "./match";
import type { Action, BaseChain, Rule } from "./rules/ruleset";

/** A rule that packets of a flow may reach and match. */
export interface Hit {
  rule: Rule;
  action: Action;
  /** True when all packets of the flow reach the rule and match it. */
  isSure: boolean;
}

/** Whether packets of a flow end in a chain, as far as it is sure. */
type End = "ended" | "open";

/** The actions after which a packet passes no further rule of its base chain. */
const ENDING: readonly Action["kind"][] = ["accept", "drop", "take", "source-nat", "destination-nat"];

/** The most chains that one walk enters, as a limit for rules that jump to each other many times. */
const MOST_CHAINS = 20_000;

interface Walk {
  flow: Flow;
  marks: ForeignMarks;
  chains: ReadonlyMap<string, readonly Rule[]>;
  hits: Hit[];
  /** False as soon as some of the packets may have ended. */
  isSure: boolean;
  entered: number;
}

/**
 * The rules of a base chain that packets of a flow may match, in order, with its policy as the last one when it drops
 * packets. A rule that is not understood counts as one that may match.
 */
export function hitsIn(base: BaseChain, flow: Flow, marks: ForeignMarks = NO_MARKS): Hit[] {
  if (base.family !== "inet" && base.family !== flow.family) return [];
  const walk: Walk = { flow, marks, chains: base.chains, hits: [], isSure: true, entered: 0 };
  const end = walkRules(base.rules, walk, true, [base.chain]);
  if (end === "open" && base.policy === "drop") {
    const rule: Rule = { text: `${base.table}: policy DROP of ${base.chain}`, tests: [], action: { kind: "drop" } };
    walk.hits.push({ rule, action: rule.action, isSure: walk.isSure });
  }
  return walk.hits;
}

/** The rules that packets may match in a list of rules. */
export function hitsInRules(
  rules: readonly Rule[],
  chains: ReadonlyMap<string, readonly Rule[]>,
  flow: Flow,
  marks: ForeignMarks = NO_MARKS,
): Hit[] {
  const walk: Walk = { flow, marks, chains, hits: [], isSure: true, entered: 0 };
  walkRules(rules, walk, true, []);
  return walk.hits;
}

function walkRules(rules: readonly Rule[], walk: Walk, isReached: boolean, path: readonly string[]): End | "returned" {
  let isSure = isReached;
  for (const rule of rules) {
    const level = matchRule(rule, walk.flow, walk.marks);
    if (level === "never") continue;
    const { action } = rule;
    const isAll = isSure && level === "surely";
    if (action.kind === "return") {
      if (level === "surely") return "returned";
      isSure = false;
    } else if (action.kind === "jump" || action.kind === "goto") {
      const end = enter(action.chain, walk, isAll, path);
      if (level === "surely" && end === "ended") return "ended";
      if (action.kind === "goto") {
        if (level === "surely") return "returned";
        isSure = false;
      }
    } else if (visit(rule, action, level, isAll, walk)) return "ended";
  }
  return "open";
}

function enter(chain: string, walk: Walk, isReached: boolean, path: readonly string[]): End {
  walk.entered += 1;
  const rules = path.includes(chain) || walk.entered > MOST_CHAINS ? [] : (walk.chains.get(chain) ?? []);
  return walkRules(rules, walk, isReached, [...path, chain]) === "ended" ? "ended" : "open";
}

/** Notes a rule; true when all packets that reach it end there. */
function visit(rule: Rule, action: Action, level: Level, isAll: boolean, walk: Walk): boolean {
  if (action.kind === "none") return false;
  // Packets beyond a limit were dropped before the redirection too.
  if (action.kind === "drop" && level === "maybe" && isLimited(rule)) return false;
  walk.hits.push({ rule, action, isSure: isAll && walk.isSure });
  if (!ENDING.includes(action.kind)) return false;
  // From here on, only part of the packets may be left.
  if (!isAll) walk.isSure = false;
  return level === "surely";
}
