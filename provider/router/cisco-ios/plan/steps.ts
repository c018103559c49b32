import type { CommandStep } from "../../terminal/steps";
import type { FoundAccessList, FoundSequence } from "../model/found";

export function createAccessList(name: string, remarks: readonly string[], entries: readonly string[]): CommandStep {
  const lines = [...remarks.map((remark) => `remark ${remark}`), ...entries];
  const commands = [`ip access-list extended ${name}`, ...lines, "exit"];
  return {
    title: `create access list ${name} with ${entries.length} ${entries.length === 1 ? "entry" : "entries"}`,
    commands,
    undo: [`no ip access-list extended ${name}`],
    together: commands.length,
  };
}

/** Without its `match`, which is the first clause, a sequence applies to all packets that reach it. */
export function createSequence(map: string, number: number, clauses: readonly string[]): CommandStep {
  return {
    title: `add sequence ${number} to route-map ${map}: ${clauses.join(", ")}`,
    commands: [`route-map ${map} permit ${number}`, ...clauses, "exit"],
    undo: [`no route-map ${map} permit ${number}`],
    together: 2,
  };
}

/** Adds clauses to a live sequence: further access lists and next hops stand beside those that it has. */
export function addClauses({ map, number }: FoundSequence, clauses: readonly string[]): CommandStep {
  const enter = `route-map ${map} permit ${number}`;
  return {
    title: `add to sequence ${number} of route-map ${map}: ${clauses.join(", ")}`,
    commands: [enter, ...clauses, "exit"],
    undo: [enter, ...clauses.map((clause) => `no ${clause}`), "exit"],
  };
}

export function removeClauses(sequence: FoundSequence, clauses: readonly string[]): CommandStep {
  const { commands, undo } = addClauses(sequence, clauses);
  const title = `remove from sequence ${sequence.number} of route-map ${sequence.map}: ${clauses.join(", ")}`;
  return { title, commands: undo, undo: commands };
}

export function attach(interfaceName: string, map: string): CommandStep {
  return {
    title: `attach route-map ${map} to interface ${interfaceName}`,
    commands: [`interface ${interfaceName}`, `ip policy route-map ${map}`, "exit"],
    undo: [`interface ${interfaceName}`, `no ip policy route-map ${map}`, "exit"],
  };
}

/** Replaces the route-map of an interface by one command, so that no packet meets an interface without one. */
export function replaceMap(interfaceName: string, from: string, to: string): CommandStep {
  return {
    title: `replace route-map ${from} of interface ${interfaceName} by ${to}`,
    commands: attach(interfaceName, to).commands,
    undo: attach(interfaceName, from).commands,
  };
}

export function detach(interfaceName: string, map: string): CommandStep {
  const { commands, undo } = attach(interfaceName, map);
  return { title: `detach route-map ${map} from interface ${interfaceName}`, commands: undo, undo: commands };
}

/** Removes sequences; a map without any other sequence goes as a whole. */
export function removeSequences(gone: readonly FoundSequence[], emptied: readonly string[]): CommandStep[] {
  const enter = (sequences: readonly FoundSequence[]) => sequences.flatMap(({ lines }) => [...lines, "exit"]);
  return [
    ...gone
      .filter(({ map }) => !emptied.includes(map))
      .map((one) => ({
        title: `remove sequence ${one.number} of route-map ${one.map}`,
        commands: [`no route-map ${one.map} ${one.action} ${one.number}`],
        undo: enter([one]),
      })),
    ...emptied.map((map) => ({
      title: `remove route-map ${map}`,
      commands: [`no route-map ${map}`],
      undo: enter(gone.filter((one) => one.map === map)),
    })),
  ];
}

export function removeAccessList({ name, lines }: FoundAccessList): CommandStep {
  return {
    title: `remove access list ${name}`,
    commands: [`no ip access-list extended ${name}`],
    undo: [...lines, "exit"],
  };
}
