import { z } from "zod";
import type { SpsClient } from "./client";
import { PROTOCOLS } from "./configuration";
import { ifThere } from "./if-there";
import { inTransaction } from "./transaction";
import { toWritableObject } from "./whole-object";

/** How much SPS writes to its log. A protocol without a service has no level. */
export interface LogSettings {
  /** Log level by protocol, 1 (no logging) to 10 (extremely detailed); SPS has 4 by default (SPS REST reference §12.1). */
  levels: Record<string, number>;
  /** Whether debug logging is enabled (§12.2); absent when the node does not report it. */
  debugLogging?: boolean | undefined;
}

/** From this level on, passwords may appear in the log (§12.1 and the vendor's warning). */
export const SECRET_LOG_LEVEL = 8;

const optionsAnswer = z.looseObject({
  body: z.looseObject({ service: z.looseObject({ log_level: z.number().nullish() }).nullish() }),
});
const troubleshootingAnswer = z.looseObject({
  body: z.looseObject({ debug_logging: z.looseObject({ enabled: z.boolean().nullish() }).nullish() }),
});

const optionsPath = (protocol: string) => `/api/configuration/${protocol}/options`;
const TROUBLESHOOTING = "/api/configuration/troubleshooting";

/** Reads the settings, without those that the node lacks or the account may not read. */
export async function readLogSettings(client: SpsClient): Promise<LogSettings> {
  const [debug, ...levels] = await Promise.all([
    ifThere(() => client.get(TROUBLESHOOTING, troubleshootingAnswer)),
    ...PROTOCOLS.map(async (protocol) => {
      const level = (await ifThere(() => client.get(optionsPath(protocol), optionsAnswer)))?.body.service?.log_level;
      return [protocol, level] as const;
    }),
  ]);
  const debugLogging = debug?.body.debug_logging?.enabled;
  return {
    levels: Object.fromEntries(levels.flatMap(([protocol, level]) => (level ? [[protocol, level]] : []))),
    ...(typeof debugLogging === "boolean" && { debugLogging }),
  };
}

/**
 * Changes settings in one transaction; the rest of each object stays as it is.
 * @throws SpsRefusal when the node refuses a change, SafeguardError SG1204 when its configuration stays locked
 */
export async function changeLogSettings(client: SpsClient, wanted: LogSettings, limitSeconds: number): Promise<void> {
  // Read before the transaction: a new login inside it would silently lose the transaction.
  const changes: [path: string, body: object][] = [];
  for (const [protocol, level] of Object.entries(wanted.levels)) {
    const { body } = await client.get(optionsPath(protocol), optionsAnswer);
    changes.push([optionsPath(protocol), { ...body, service: { ...body.service, log_level: level } }]);
  }
  if (wanted.debugLogging !== undefined) {
    const { body } = await client.get(TROUBLESHOOTING, troubleshootingAnswer);
    changes.push([
      TROUBLESHOOTING,
      { ...body, debug_logging: { ...body.debug_logging, enabled: wanted.debugLogging } },
    ]);
  }
  if (changes.length === 0) return;
  const work = async () => {
    for (const [path, body] of changes) await client.send("PUT", path, toWritableObject(body));
  };
  const isInForce = async () => isEmpty(differenceOf(wanted, await readLogSettings(client)));
  await inTransaction(client, limitSeconds, work, isInForce);
}

/** The wanted settings that differ from the present ones. Pure. */
export function differenceOf(wanted: LogSettings, present: LogSettings): LogSettings {
  const levels = Object.entries(wanted.levels).filter(([protocol, level]) => present.levels[protocol] !== level);
  const isDebugDifferent = wanted.debugLogging !== undefined && wanted.debugLogging !== present.debugLogging;
  return { levels: Object.fromEntries(levels), ...(isDebugDifferent && { debugLogging: wanted.debugLogging }) };
}

/** Whether there is nothing to set. */
export function isEmpty({ levels, debugLogging }: LogSettings): boolean {
  return Object.keys(levels).length === 0 && debugLogging === undefined;
}
