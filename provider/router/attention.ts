import type { OperationContext } from "../core/context";

/** Warns of what a change meets on a router, except of what a proof before it in the same deployment has told. */
export function warnAbout(texts: readonly string[], object: string, { log, deployment }: OperationContext): void {
  for (const text of texts.map((one) => `${object}: ${one}`)) {
    if (!deployment.toldWarnings.has(text)) log.warn(text);
  }
}
