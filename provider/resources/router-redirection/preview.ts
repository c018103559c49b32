import type { OperationContext } from "../../core/context";
import { ifKnown, UNKNOWN, type Unknown } from "../../core/unknown";
import { desiredLines } from "../../router/linux/lines";
import type { PreviewResult, Recorded } from "../operations";
import { wantedBy } from "./holdings";
import { livePreview } from "./live-preview";
import type { Holdings, RouterRedirectionChecked, RouterRedirectionKnown, RouterRedirectionState } from "./schema";

/** The rules, and where the program asks for it, what is found on the router. */
export async function preview(
  olds: Recorded<RouterRedirectionState> | undefined,
  news: RouterRedirectionKnown,
  context: OperationContext,
): Promise<PreviewResult> {
  const inputs: RouterRedirectionChecked = news;
  const isLive = !olds?.isRepeated && inputs.preview !== UNKNOWN && inputs.preview.live === true;
  const failures = isLive ? await livePreview(olds?.inputs ?? {}, inputs, context) : [];
  return { outputs: { rules: plannedRules(inputs) }, failures, notes: [] };
}

/** The rules that will be on the router; what leads to the router may stay unknown without hiding them. */
export function plannedRules(inputs: RouterRedirectionChecked): string[] | Unknown {
  const { redirections, linux, persist, bypass, watchdog } = inputs;
  const known = ifKnown({ redirections, linux, persist, bypass, watchdog }) as Holdings | undefined;
  return known ? desiredLines(wantedBy(known)) : UNKNOWN;
}
