import type { EngineEvent } from "@pulumi/pulumi/automation";
import type { PlannedChange } from "../machine/changes";
import type { MadeJoin } from "../machine/events";
import { madeJoin, namedSpp } from "./named-spps";

/** How one command of Pulumi ended. */
export interface EngineRun {
  /** Why it failed; empty when it did not. */
  errors: string[];
  /** What changes, resource by resource. */
  changes: PlannedChange[];
  /** The addresses of the SPPs that its joins name, each once. */
  spps: string[];
  /** The joins that it told of, each once, as it told last. */
  joins: MadeJoin[];
  /** The signal that ended the command, such as SIGKILL. What it started may still work. */
  signal?: string;
  /** Everything that the command printed. */
  output: string;
}

/** The CLI did not end by itself. */
export class EndedBySignal extends Error {
  constructor(
    command: string,
    readonly signal: string,
  ) {
    super(`pulumi ${command}: ${signal} ended it; check the memory of this machine`);
  }
}

/** The options that every command of Pulumi gets. */
export interface EngineOptions {
  signal: AbortSignal;
  color: "never";
  onOutput: (text: string) => void;
  onError: (text: string) => void;
  onEvent: (event: EngineEvent) => void;
}

/** Runs a command of Pulumi, and collects what it reports. */
export async function runEngine(
  signal: AbortSignal,
  changeIn: (event: EngineEvent) => PlannedChange | undefined,
  command: (options: EngineOptions) => Promise<unknown>,
): Promise<EngineRun> {
  const errors: string[] = [];
  const changes: PlannedChange[] = [];
  const spps = new Set<string>();
  const joins = new Map<string, MadeJoin>();
  let output = "";
  const collect = (text: string) => {
    output += text;
  };
  const onEvent = (event: EngineEvent) => {
    if (event.diagnosticEvent?.severity === "error") errors.push(event.diagnosticEvent.message);
    const change = changeIn(event);
    if (change) changes.push(change);
    const spp = namedSpp(event);
    if (spp !== undefined) spps.add(spp);
    const join = madeJoin(event);
    if (join) joins.set(join.resource, join);
  };
  const read = () => ({ changes, spps: [...spps], joins: [...joins.values()], output });
  try {
    // The Automation API leaves its listeners on the signal, which many runs share.
    const own = AbortSignal.any([signal]);
    await command({ signal: own, color: "never", onOutput: collect, onError: collect, onEvent });
    return { errors: [], ...read() };
  } catch (error) {
    if (error instanceof EndedBySignal) return { errors: [error.message], ...read(), signal: error.signal };
    const message = error instanceof Error ? error.message : String(error);
    const found = errors.length > 0 ? errors : [lastErrorLine(message)];
    return { errors: found, ...read(), output: `${output}\n${message}` };
  }
}

/** The Automation API puts the whole output of the CLI into its message. */
function lastErrorLine(message: string): string {
  const lines = message.split("\n");
  return lines.findLast((line) => /^\s*error: /.test(line))?.trim() ?? lines[0] ?? message;
}
