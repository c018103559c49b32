import type { EngineEvent, OpMap } from "@pulumi/pulumi/automation";
import type { PlannedChange } from "../machine/changes";

/** How one command of Pulumi ended. */
export interface EngineRun {
  /** Why it failed; empty when it did not. */
  errors: string[];
  /** What changes, resource by resource. */
  changes: PlannedChange[];
  /** Number of resources by what happens to them, such as `{create: 3}`. */
  counts: Record<string, number>;
  /** Everything that the command printed. */
  output: string;
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
  command: (options: EngineOptions) => Promise<OpMap | undefined>,
): Promise<EngineRun> {
  const errors: string[] = [];
  const changes: PlannedChange[] = [];
  let output = "";
  const collect = (text: string) => {
    output += text;
  };
  const onEvent = (event: EngineEvent) => {
    if (event.diagnosticEvent?.severity === "error") errors.push(event.diagnosticEvent.message);
    const change = changeIn(event);
    if (change) changes.push(change);
  };
  try {
    const counts = await command({ signal, color: "never", onOutput: collect, onError: collect, onEvent });
    return { errors: [], changes, counts: withoutZeros(counts), output };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const found = errors.length > 0 ? errors : [lastErrorLine(message)];
    return { errors: found, changes, counts: {}, output: `${output}\n${message}` };
  }
}

/** The Automation API puts the whole output of the CLI into its message. */
function lastErrorLine(message: string): string {
  const lines = message.split("\n");
  return lines.findLast((line) => /^\s*error: /.test(line))?.trim() ?? lines[0] ?? message;
}

function withoutZeros(counts: OpMap | undefined): Record<string, number> {
  return Object.fromEntries(Object.entries(counts ?? {}).filter(([, count]) => count));
}

/** For example `3 create, 1 update`; `no changes` when everything stays. */
export function countsText(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts)
    .filter(([operation]) => operation !== "same")
    .map(([operation, count]) => `${count} ${operation}`);
  return parts.length > 0 ? parts.join(", ") : "no changes";
}
