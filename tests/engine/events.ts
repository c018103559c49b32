import type { EngineEvent } from "@pulumi/pulumi/automation";
import type { Run } from "./test-stack";

/** What the engine shows of a run: severity, text, and whether the next line replaces it. */
export interface ShownLine {
  severity: string;
  message: string;
  isEphemeral: boolean;
}

/** The engine's diagnostic lines, without colours. */
export function shownLines({ events }: Run): ShownLine[] {
  return events.flatMap(({ diagnosticEvent: event }) =>
    event
      ? [
          {
            severity: event.severity,
            message: event.message.replace(/<\{%.*?%\}>/g, "").trim(),
            isEphemeral: event.ephemeral ?? false,
          },
        ]
      : [],
  );
}

/** Text of a severity that stays, in order. */
export function lastingLines(run: Run, severity: string): string[] {
  return shownLines(run)
    .filter((line) => line.severity === severity && !line.isEphemeral)
    .map((line) => line.message);
}

/** Begin and end of the work on each of our resources, in order: `+SppJoin`, `-SppJoin`. */
export function order({ events }: Run): string[] {
  return events.flatMap((event) => {
    const begun = event.resourcePreEvent?.metadata;
    const ended = event.resOutputsEvent?.metadata ?? event.resOpFailedEvent?.metadata;
    const type = (begun ?? ended)?.type ?? "";
    if (!type.includes("safeguard:") || type.endsWith(":Site")) return [];
    return [`${begun ? "+" : "-"}${type.split(":").pop()}`];
  });
}

/** The inputs with which the engine shows a resource before it works on it. */
export function inputsShown({ events }: Run, type: string): Record<string, unknown> {
  const event = events.find((candidate) => isOf(candidate, type));
  return event?.resourcePreEvent?.metadata.new?.inputs ?? {};
}

function isOf(event: EngineEvent, type: string): boolean {
  return event.resourcePreEvent?.metadata.type.endsWith(`:${type}`) ?? false;
}
