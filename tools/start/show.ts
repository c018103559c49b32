import type { EngineEvent } from "@pulumi/pulumi/automation";

const isTerminal = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
const paint = (code: number, text: string) => (isTerminal ? `\u001b[${code}m${text}\u001b[0m` : text);
const started = Date.now();

/** Prints a line. */
export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Prints a heading with the time since the start. */
export function chapter(title: string): void {
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  say(`\n${paint(1, `== ${title}`)} ${paint(2, `(${seconds} s)`)}`);
}

/** Prints something that was verified. */
export function verified(text: string): void {
  say(`   ${paint(32, "✓")} ${text}`);
}

const OPERATIONS: Record<string, string> = {
  create: "+ create",
  update: "~ update",
  delete: "- delete",
  same: "= no change",
  refresh: "~ refresh",
};

/** Names of the properties that say, already in a preview, what `pulumi up` will do. */
const DETAILS = ["steps", "rules"];

export interface ShowOptions {
  /** True for previews: shows steps and rules, and resources without changes. */
  details: boolean;
  /** The mark before a changed resource; false when the operation changes nothing. Default: a check mark. */
  changed?: string | false;
}

/**
 * Prints the events of an engine run: each resource once, with its steps and rules when it changes, the provider's
 * progress, and failures.
 */
export function showEvents(options: ShowOptions): (event: EngineEvent) => void {
  return (event) => {
    const before = event.resourcePreEvent?.metadata;
    const isShown = options.details || (before?.op !== "same" && before?.op !== "refresh");
    if (before && isOurs(before.type) && isShown) {
      say(`   ${OPERATIONS[before.op] ?? before.op} ${nameOf(before.urn)} (${shortType(before.type)})`);
      if (options.details && before.op !== "same") showDetails(before.new?.inputs, before.old?.outputs);
    }
    const after = event.resOutputsEvent?.metadata;
    if (after && isOurs(after.type) && !options.details && options.changed !== false && after.op !== "same") {
      say(`   ${options.changed ?? paint(32, "✓")} ${nameOf(after.urn)}`);
    }
    const message = event.diagnosticEvent;
    if (message && isForUser(message.severity) && !message.ephemeral) showMessage(message.severity, message.message);
  };
}

/** Shows the planned lines of a resource; of one that exists, only those that are new or go. */
function showDetails(planned: unknown, existing: unknown): void {
  for (const name of DETAILS) {
    const lines = linesOf(planned, name);
    if (!lines) continue;
    const old = linesOf(existing, name);
    if (!old) for (const line of lines) say(`       ${line}`);
    else for (const line of differenceOf(old, lines)) say(`       ${line}`);
  }
}

function linesOf(properties: unknown, name: string): string[] | undefined {
  if (properties === null || typeof properties !== "object") return undefined;
  const lines = (properties as Record<string, unknown>)[name];
  if (!Array.isArray(lines)) return undefined;
  return lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line)));
}

function differenceOf(old: readonly string[], lines: readonly string[]): string[] {
  return [
    ...old.filter((line) => !lines.includes(line)).map((line) => `- ${line}`),
    ...lines.filter((line) => !old.includes(line)).map((line) => `+ ${line}`),
  ];
}

function showMessage(severity: string, text: string): void {
  for (const line of text.split("\n").filter((candidate) => candidate.trim() !== "")) {
    say(`       ${severity === "error" ? paint(31, line) : severity === "warning" ? paint(33, line) : paint(2, line)}`);
  }
}

/** The engine also sends debug messages. */
const isForUser = (severity: string) => ["info", "info#err", "warning", "error"].includes(severity);
/** The resources without their component, which does nothing itself. */
const isOurs = (type: string) => type.startsWith("pulumi-nodejs:dynamic/safeguard:");
const nameOf = (urn: string) => urn.split("::").pop() ?? urn;
const shortType = (type: string) => type.split(":").pop() ?? type;
