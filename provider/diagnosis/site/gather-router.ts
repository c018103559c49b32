import { setTimeout as pause } from "node:timers/promises";
import { type OperationContext, silentLog } from "../../core/context";
import { type Fact, Gathering } from "../../join/preflight/gathering";
import {
  type ApplyOptions,
  type Looked,
  type OwnedInputs,
  platformContext,
  type RouterPlatform,
  type RouterReading,
} from "../../router/platform";
import { PLATFORMS } from "../../router/platforms";
import { probeSchema } from "../../router/protection";
import { removalSchema } from "../../router/removal";
import type { RouterFacts } from "./facts";
import type { DiagnosisLimits, SiteRouter } from "./inputs";

/**
 * Reads a router twice, and in between previews the redirections that it should have. Changes nothing.
 * @throws the signal's reason when the user cancels
 */
export async function gatherRouter(
  router: SiteRouter,
  { limitSeconds, trafficSeconds }: DiagnosisLimits,
  outer: OperationContext,
): Promise<RouterFacts> {
  const platform = platformOf(router);
  const inputs = wantedOf(platform, router);
  // Platforms differ in the default port and user.
  const connection = platform.connection.parse(router.router);
  const identity = platform.identify(connection);
  const warnings: string[] = [];
  const log = { ...silentLog, warn: (text: string) => void warnings.push(withoutObject(text, identity.object)) };
  const gathering = new Gathering({ ...outer, log }, limitSeconds + trafficSeconds);
  const context = platformContext(identity, gathering.context);
  const silent = { ...context, log: silentLog };
  const owned = { inputs, interfaces: [] };
  try {
    const startedAt = Date.now();
    const reading: Fact<RouterReading | undefined> = await gathering.fact(() =>
      platform.read(connection, owned, context),
    );
    const preview: Fact<Looked> =
      "why" in reading
        ? reading
        : await gathering.fact(async () => {
            const change = { connection, wanted: inputs, owned, isAdopting: true, applyOptions: APPLY };
            return await platform.preview(change, "full", silent);
          });
    const isCounting = "value" in reading && (reading.value?.counters.length ?? 0) > 0 && trafficSeconds > 0;
    const later = isCounting
      ? await gathering.fact(async () => {
          const rest = startedAt + trafficSeconds * 1000 - Date.now();
          await pause(Math.max(rest, 0), undefined, { signal: context.signal });
          return await platform.read(connection, owned, silent);
        })
      : undefined;
    outer.signal.throwIfAborted();
    return {
      name: router.name,
      object: identity.object,
      redirections: router.redirections.map(({ name }) => name),
      wantedRules: platform.lines(inputs),
      reading,
      warnings: [...new Set(warnings)],
      preview: "why" in preview ? preview : { value: shortened(preview.value, identity.object) },
      ...(later && { later }),
      trafficSeconds,
      pathProof: platform.capabilities(inputs.options).pathProof,
    };
  } finally {
    gathering.end();
  }
}

/** A preview does not use them. */
const APPLY = {
  windowSeconds: 60,
  probe: probeSchema.parse({}),
  removal: removalSchema.parse({}),
} as ApplyOptions;

function platformOf({ platform }: SiteRouter): RouterPlatform {
  const found = PLATFORMS.get(platform);
  if (!found) throw new Error(`platform ${platform} passed the check and is not registered`);
  return found;
}

/** What the router should have, whichever resource owns it. */
function wantedOf(platform: RouterPlatform, router: SiteRouter): OwnedInputs {
  const { redirections, persist, bypass, watchdog } = router;
  return { redirections, persist, bypass, watchdog, options: Reflect.get(router, platform.block) };
}

const withoutObject = (text: string, object: string) =>
  text.startsWith(`${object}: `) ? text.slice(object.length + 2) : text;

function shortened(looked: Looked, object: string): Looked {
  return { ...looked, notes: looked.notes.map((note) => ({ ...note, text: withoutObject(note.text, object) })) };
}
