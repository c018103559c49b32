import { z } from "zod";
import type { ApplianceConnection, SppConnection } from "../../core/connection";
import type { OperationContext } from "../../core/context";
import { SafeguardError } from "../../core/errors";
import { exclusively } from "../../core/lock";
import { SppClient } from "../../spp/client";
import { SpsClient } from "../../sps/client";
import { changeLogSettings, differenceOf, isEmpty, type LogSettings, readLogSettings } from "../../sps/log-settings";
import { readSyslogReceivers } from "../../sps/syslog";
import { type RaisedLogs, RaisedLogsNotes, spsKey } from "./raised-logs";

export { type LogSettings, SECRET_LOG_LEVEL } from "../../sps/log-settings";

/** Limit of one transaction on SPS, in seconds. */
const TRANSACTION_SECONDS = 60;

/** Reads how much SPS logs. Changes nothing. */
export function readLogs(sps: ApplianceConnection, context: OperationContext): Promise<LogSettings> {
  return withSps(sps, context, readLogSettings);
}

/** The same, and where SPS sends its log, as addresses with ports; without `syslog` it does not tell. Changes nothing. */
export function readLogsAndSyslog(
  sps: ApplianceConnection,
  context: OperationContext,
): Promise<LogSettings & { syslog?: string[] }> {
  return withSps(sps, context, async (client) => {
    const [settings, syslog] = await Promise.all([readLogSettings(client), readSyslogReceivers(client)]);
    return { ...settings, ...(syslog && { syslog }) };
  });
}

const debugAnswer = z.looseObject({
  NetworkDebugEnabled: z.boolean().nullish(),
  SyslogServer: z.looseObject({ NetworkAddress: z.string().nullish() }).nullish(),
});

/** Debug logging of SPP. */
export interface SppDebug {
  isNetworkDebugEnabled: boolean;
  /** Where its services send debug logs; undefined when nowhere. */
  syslogServer: string | undefined;
}

/** Reads the debug logging of SPP; undefined when the account may not. Changes nothing. */
export async function readSppDebug(spp: SppConnection, context: OperationContext): Promise<SppDebug | undefined> {
  const client = await SppClient.open(spp, context);
  try {
    const answer = await client.get("appliance", "Service/Debug", debugAnswer);
    const server = answer.SyslogServer;
    return {
      isNetworkDebugEnabled: answer.NetworkDebugEnabled ?? false,
      syslogServer: server ? (server.NetworkAddress ?? "a server that SPP does not name") : undefined,
    };
  } catch (error) {
    if (error instanceof SafeguardError && ["SG2006", "SG2004"].includes(error.code)) return undefined;
    throw error;
  } finally {
    await client.close();
  }
}

/** Settings that were raised earlier and not put back. */
export function raisedLogsOf(
  sps: ApplianceConnection,
  notes: RaisedLogsNotes = new RaisedLogsNotes(),
): Promise<RaisedLogs | undefined> {
  return notes.find(spsKey(sps));
}

/**
 * Raises settings for a limited time. What was is noted on this machine before the first change.
 * @returns the note; undefined when everything is set already
 */
export function raiseLogs(
  sps: ApplianceConnection,
  wanted: LogSettings,
  until: Date,
  context: OperationContext,
  notes: RaisedLogsNotes = new RaisedLogsNotes(),
): Promise<RaisedLogs | undefined> {
  return withSps(sps, context, async (client) => {
    const present = await readLogSettings(client);
    const set = differenceOf(wanted, present);
    if (isEmpty(set)) return undefined;
    const levels = Object.keys(set.levels).map((protocol) => [protocol, present.levels[protocol]]);
    const before = {
      levels: Object.fromEntries(levels),
      ...(set.debugLogging !== undefined && { debugLogging: present.debugLogging ?? false }),
    };
    const note = { sps: spsKey(sps), before, set, until: until.toISOString() };
    await notes.write(note);
    await changeLogSettings(client, set, TRANSACTION_SECONDS);
    return note;
  });
}

/** The settings that were put back, and those that were not, because someone else has changed them since. */
export interface PutBack {
  restored: LogSettings;
  left: LogSettings;
}

/** Puts back what a note says, as far as it still is as it was raised, and removes the note. */
export function putBackLogs(
  sps: ApplianceConnection,
  { before, set }: RaisedLogs,
  context: OperationContext,
  notes: RaisedLogsNotes = new RaisedLogsNotes(),
): Promise<PutBack> {
  return withSps(sps, context, async (client) => {
    const present = await readLogSettings(client);
    const isRaised = (protocol: string) => present.levels[protocol] === set.levels[protocol];
    const due = differenceOf(before, present);
    const levelsWhere = (isWanted: (protocol: string) => boolean) =>
      Object.fromEntries(Object.entries(due.levels).filter(([protocol]) => isWanted(protocol)));
    const restored = {
      levels: levelsWhere(isRaised),
      ...(due.debugLogging !== undefined && { debugLogging: due.debugLogging }),
    };
    await changeLogSettings(client, restored, TRANSACTION_SECONDS);
    await notes.remove(spsKey(sps));
    return { restored, left: { levels: levelsWhere((protocol) => !isRaised(protocol)) } };
  });
}

async function withSps<T>(
  sps: ApplianceConnection,
  context: OperationContext,
  work: (client: SpsClient) => Promise<T>,
): Promise<T> {
  return exclusively(`sps ${spsKey(sps)}`, async () => {
    const client = await SpsClient.open(sps, context);
    try {
      return await work(client);
    } finally {
      await client.close();
    }
  });
}
