import type { CommandStep } from "../../terminal/steps";
import type { Selector } from "../model/desired";
import type { FoundRule, FoundTable } from "../model/found";

export function createTable(name: string, redirection: string, nextHop: string): CommandStep {
  return {
    title: `create PBR table ${name} for redirection ${redirection}: default ${nextHop}`,
    commands: [`set pbr table ${name} static-route default nexthop ${nextHop}`],
    undo: [`set pbr table ${name} off`],
  };
}

/** The action comes last: without it, the rule has no effect. */
export function createRule(priority: number, selector: Selector, table: string): CommandStep {
  const start = `set pbr rule priority ${priority}`;
  const { from, to, interface: name, port } = selector;
  return {
    title: `add PBR rule ${priority}: ${selectorText(selector)}, table ${table}`,
    commands: [
      `${start} match ${from === undefined ? "" : `from ${from} `}to ${to} interface ${name}`,
      `${start} match protocol tcp`,
      `${start} match port ${port}`,
      `${start} action table ${table}`,
    ],
    undo: [`${start} off`],
    together: 3,
    group: `rules with table ${table}`,
  };
}

export function removeRule({ priority, lines, action }: FoundRule): CommandStep {
  return {
    title: `remove PBR rule ${priority}`,
    commands: [`set pbr rule priority ${priority} off`],
    undo: lines,
    group: `rules that go, with ${action ?? "no action"}`,
  };
}

export function removeTable({ name, lines }: FoundTable): CommandStep {
  return { title: `remove PBR table ${name}`, commands: [`set pbr table ${name} off`], undo: lines };
}

/** What the lines of the tables and rules begin with that steps change. */
export function changedObjects(steps: readonly CommandStep[]): string[] {
  const commands = steps.flatMap((step) => [...step.commands, ...step.undo]);
  const starts = commands.flatMap((line) => /^set pbr (?:table \S+|rule priority \d+) /.exec(line) ?? []);
  return [...new Set(starts)];
}

/** The lines of a configuration about what steps change. Others may change the rest of it meanwhile. */
export function changedLines(text: string, steps: readonly CommandStep[]): string[] {
  const objects = changedObjects(steps);
  return text.split("\n").filter((line) => objects.some((start) => line.startsWith(start)));
}

/** The traffic of a rule in messages. */
export function selectorText({ from, to, interface: name, port }: Selector): string {
  return `from ${from ?? "any"} to ${to} on interface ${name}, tcp ${port}`;
}
