import type { OperationContext } from "../../core/context";
import { type ErrorKind, messageOf, SafeguardError } from "../../core/errors";
import { hasUnknown, ifKnown, notCheckedText, UNKNOWN } from "../../core/unknown";
import type { InputFailure } from "../../core/validate";
import { brokenConnections } from "../../router/gaps";
import {
  type Change,
  type Owned,
  type OwnedInputs,
  type Platforms,
  platformContext,
  type RouterPlatform,
} from "../../router/platform";
import { redirectionSchema } from "../../router/redirection";
import { changeText, listChanges } from "../list-changes";
import type { Note, PreviewResult, Recorded } from "../operations";
import { UNRECORDED } from "./delete";
import { changedLines, isRouterAffected } from "./diff";
import type { RouterRedirectionChecked, RouterRedirectionKnown, RouterRedirectionState } from "./schema";
import { applyOptionsOf, ownedBy, plannedRules, platformOf, wantedBy } from "./state";

type Olds = Recorded<RouterRedirectionState> | undefined;

/** Faults that may be gone at the update: the same program may create the router, or run closer to it. */
const PASSING_KINDS: readonly ErrorKind[] = ["access", "busy", "timeout"];

/** Returns the planned rules, and checks the change on the router when the input `preview` requires it. Changes nothing. */
export async function preview(
  platforms: Platforms,
  olds: Olds,
  news: RouterRedirectionChecked,
  context: OperationContext,
): Promise<PreviewResult> {
  if (news.platform === UNKNOWN) {
    const text = "not checked: platform is known only during the update";
    return { outputs: { rules: UNKNOWN }, failures: [], notes: [{ severity: "info", text }] };
  }
  const platform = platformOf(platforms, { platform: news.platform });
  const outputs = { rules: plannedRules(platform, news) };
  const taken = takenNames(platform, news, context);
  const before = knownState(olds, context);
  const { redirectionPreviews: previews } = context.deployment;
  const earlier = olds?.state && context.resource ? previews.get(context.resource.urn) : undefined;
  const changes = before && !earlier ? changeNotes(platforms, before, news) : [];
  const isDue = taken.length === 0 && earlier !== "asked" && isCheckDue(platforms, olds, before, news);
  if (before && context.resource) previews.set(context.resource.urn, isDue ? "asked" : (earlier ?? "told"));
  if (!isDue) return { outputs, failures: taken, notes: changes };
  const { failures, notes } = await checkRouter(platforms, olds, news, context);
  return { outputs, failures, notes: [...changes, ...notes] };
}

/**
 * The recorded state as far as it is known: before the engine shows it, the recorded inputs and rules. A fault found then leaves the
 * previews of all other resources running, one found with the state ends them. After an alias, the state alone tells the former owner.
 */
function knownState(olds: Olds, { resource }: OperationContext): RouterRedirectionState | undefined {
  if (olds?.state) return olds.state;
  const rules = olds?.previewed?.rules;
  if (!olds || !resource || olds.isRenamed || !Array.isArray(rules)) return undefined;
  return { ...olds.inputs, rules } as RouterRedirectionState;
}

/** Names that another resource of the program uses on the same router. */
function takenNames(
  platform: RouterPlatform,
  { router, redirections }: RouterRedirectionChecked,
  { deployment, resource }: OperationContext,
): InputFailure[] {
  if (!resource || router === UNKNOWN || hasUnknown(router) || redirections === UNKNOWN) return [];
  const { object } = platform.identify(router);
  return redirections.flatMap((redirection, index) => {
    const name = nameOf(redirection);
    if (name === undefined) return [];
    const key = `${object}: ${name}`;
    const user = deployment.redirectionNames.get(key) ?? resource;
    deployment.redirectionNames.set(key, user);
    if (user.urn === resource.urn) return [];
    const path = `redirections[${index}].name`;
    const reason = `${path}: ${object} has ${name} of resource ${user.name} already; give every redirection of a router a name of its own`;
    return [{ path, reason }];
  });
}

/** The most changed rules that a preview shows. */
const MOST_RULES = 20;

/** Removed redirections, and the rules that an update changes as lines that begin with `-` or `+`. */
function changeNotes(platforms: Platforms, olds: RouterRedirectionState, news: RouterRedirectionChecked): Note[] {
  const before = platformOf(platforms, olds);
  const { object } = before.identify(olds.router);
  const isMoving =
    news.platform !== before.name || (news.router !== UNKNOWN && !before.isSameRouter(olds.router, news.router));
  // Another router has none of them yet.
  const changed = listChanges([olds.redirections, isMoving ? [] : news.redirections], REDIRECTION);
  const platform = platformOf(platforms, { platform: news.platform as string });
  const optioned = <T extends object>(one: T) => ({ ...one, options: Reflect.get(one, platform.block) });
  const planned = plannedRules(platform, news);
  const { removed: gone, added } = isMoving || planned === UNKNOWN ? NO_LINES : changedLines(olds.rules, planned);
  const lines = [...gone.map((line) => `- ${line}`), ...added.map((line) => `+ ${line}`)];
  const more = lines.length - MOST_RULES;
  return [
    ...changed.map((change): Note => {
      if (change.kind !== "-") return { severity: "info", text: `${object}: ${changeText("redirection", change)}` };
      return { severity: "warning", text: `${object}: removes redirection ${change.name}: ${UNRECORDED}` };
    }),
    ...(isMoving ? [] : brokenConnections(platform, optioned(olds), optioned(news))).map(
      (text): Note => ({ severity: "warning", text: `${object}: ${text}` }),
    ),
    ...lines.slice(0, MOST_RULES).map((line): Note => ({ severity: "info", text: `${object}: ${line}` })),
    ...(more > 0 ? [{ severity: "info", text: `${object}: and ${more} more changed rules` } as const] : []),
  ];
}

function nameOf(redirection: unknown): string | undefined {
  const name = redirection === UNKNOWN ? UNKNOWN : (redirection as { name: unknown }).name;
  return typeof name === "string" ? name : undefined;
}

const REDIRECTION = { schema: redirectionSchema, nameOf };

const NO_LINES = { removed: [], added: [] };

/** Whether this preview logs in. */
function isCheckDue(
  platforms: Platforms,
  olds: Olds,
  before: RouterRedirectionState | undefined,
  news: RouterRedirectionChecked,
): boolean {
  if (news.preview === "never") return false;
  if (!olds) return true;
  if (news.preview === "always") return !olds.isRepeated;
  return before !== undefined && isRouterAffected(platforms, before, news);
}

async function checkRouter(
  platforms: Platforms,
  olds: Olds,
  news: RouterRedirectionChecked,
  context: OperationContext,
): Promise<Omit<PreviewResult, "outputs">> {
  const note = (severity: Note["severity"], text: string) => ({ failures: [], notes: [{ severity, text }] });
  const known = ifKnown(news) as RouterRedirectionKnown | undefined;
  if (!known) return note("info", `router: ${notCheckedText(news)}`);
  const platform = platformOf(platforms, known);
  const identity = platform.identify(known.router);
  const change: Change = {
    connection: known.router,
    wanted: wantedBy(platform, { ...known, ...(olds?.state && { ownerId: olds.state.ownerId }) }, context.resource),
    owned: olds && ownedByRecorded(platforms, olds, known, context),
    isAdopting: known.adopt,
    applyOptions: applyOptionsOf(known),
  };
  try {
    const isDetailed = known.preview === "always" || context.settings.detail === "all";
    const depth = isDetailed ? "full" : "summary";
    const { refusals, notes } = await platform.preview(change, depth, platformContext(identity, context));
    return { failures: refusals.map(failureOf), notes };
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof SafeguardError)) throw error;
    const { code, kind, text } = error;
    if (!PASSING_KINDS.includes(kind)) return { failures: [failureOf(error)], notes: [] };
    const unchecked = "host key, login, rights, interfaces, SPS and foreign rules are not checked";
    return note("warning", `${identity.object}: ${unchecked}: ${text.step}: ${text.cause} [${code}]`);
  }
}

function failureOf(error: SafeguardError): InputFailure {
  return { path: "", reason: messageOf(error), code: error.code };
}

/** What the resource owns on the wanted router, according to the state. */
function ownedByRecorded(
  platforms: Platforms,
  { inputs, state }: Recorded<RouterRedirectionState>,
  news: RouterRedirectionKnown,
  { resource }: OperationContext,
): Owned | undefined {
  const platform = platformOf(platforms, news);
  const recorded = inputs as unknown as RouterRedirectionKnown;
  if (recorded.platform !== platform.name || !platform.isSameRouter(recorded.router, news.router)) return undefined;
  if (state) return ownedBy(platform, state, resource);
  const owned = ifKnown(wantedBy(platform, recorded, resource)) as OwnedInputs | undefined;
  return owned && { inputs: owned, interfaces: [] };
}
