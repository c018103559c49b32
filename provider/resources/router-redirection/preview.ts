import type { OperationContext } from "../../core/context";
import { type ErrorKind, messageOf, SafeguardError } from "../../core/errors";
import { ifKnown, UNKNOWN, type Unknown } from "../../core/unknown";
import {
  type Change,
  type Owned,
  type OwnedInputs,
  type Platforms,
  platformContext,
  type RouterPlatform,
} from "../../router/platform";
import type { Note, PreviewResult, Recorded } from "../operations";
import type { RouterRedirectionChecked, RouterRedirectionKnown, RouterRedirectionState } from "./schema";
import { applyOptionsOf, ownedBy, platformOf, wantedBy } from "./state";

/** The router is unreachable. This is no input error: the same update may create the router. */
const ACCESS_KINDS: readonly ErrorKind[] = ["access", "identity", "login", "permission", "busy", "timeout"];

/** Returns the planned rules and, with `preview: always`, the findings of a check on the router. Changes nothing. */
export async function preview(
  platforms: Platforms,
  olds: Recorded<RouterRedirectionState> | undefined,
  news: RouterRedirectionChecked,
  context: OperationContext,
): Promise<PreviewResult> {
  if (news.platform === UNKNOWN) return { outputs: { rules: UNKNOWN }, failures: [], notes: [] };
  const platform = platformOf(platforms, { platform: news.platform });
  const outputs = { rules: plannedRules(platform, news) };
  const isSilent = news.preview !== "always" || olds?.isRepeated === true;
  return { outputs, ...(isSilent ? { failures: [], notes: [] } : await lookAtRouter(platform, olds, news, context)) };
}

/** The wanted rules. They do not depend on the connection. */
export function plannedRules(platform: RouterPlatform, inputs: RouterRedirectionChecked): string[] | Unknown {
  const wanted = ifKnown(wantedBy(platform, inputs as RouterRedirectionKnown));
  return wanted ? platform.lines(wanted as OwnedInputs) : UNKNOWN;
}

async function lookAtRouter(
  platform: RouterPlatform,
  olds: Recorded<RouterRedirectionState> | undefined,
  news: RouterRedirectionChecked,
  context: OperationContext,
): Promise<Omit<PreviewResult, "outputs">> {
  const note = (severity: Note["severity"], text: string) => ({
    failures: [],
    notes: [{ severity, text: `live preview: left out: ${text}` }],
  });
  const known = ifKnown(news) as RouterRedirectionKnown | undefined;
  if (!known) return note("info", "part of the inputs is not known yet");
  const owned = olds && heldBy(platform, olds);
  const change: Change = {
    connection: known.router,
    wanted: wantedBy(platform, known),
    ...(owned && { owned }),
    isAdopting: known.adopt,
    applyOptions: applyOptionsOf(known),
  };
  try {
    const router = platformContext(platform.identify(known.router), context);
    return { failures: [], notes: await platform.preview(change, "full", router) };
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof SafeguardError)) throw error;
    if (ACCESS_KINDS.includes(error.kind)) return note("warning", messageOf(error));
    return { failures: [{ path: "", reason: messageOf(error) }], notes: [] };
  }
}

/** What the resource owns on the router, according to the state. */
function heldBy(platform: RouterPlatform, { inputs, state }: Recorded<RouterRedirectionState>): Owned | undefined {
  if (inputs.platform !== platform.name) return undefined;
  if (state) return ownedBy(platform, state);
  const held = ifKnown(wantedBy(platform, inputs as unknown as RouterRedirectionKnown)) as OwnedInputs | undefined;
  return held && { inputs: held, interfaces: [] };
}
