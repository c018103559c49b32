import type { Desired } from "../model/desired";
import type { Found } from "../model/found";
import type { ProtectionKind, WatchState } from "../model/status";
import type { DeviceFacts } from "../plan/support";
import { watchStates } from "../plan/watch-states";
import { readRunningConfig } from "../read/running-config";
import type { IosSession } from "./ios-session";

const STEP = "read the router";

/** The configuration of a router at one moment. */
export interface RouterState {
  found: Found;
  /** The text without lines that change by themselves; equal texts are equal configurations. */
  text: string;
}

/** How a router can protect changes. */
export interface ProtectionFacts {
  hasArchive: boolean;
  /** What undoes the present configuration when nothing is done about it: a rollback, or a reload where no archive is on. */
  pending: "rollback" | "reload" | undefined;
}

/** Reads the running configuration. @throws SafeguardError when it cannot be read */
export async function readRunning(session: IosSession): Promise<RouterState> {
  const text = await session.exec("show running-config", STEP, { isLong: true });
  return { found: readRunningConfig(text, session.object), text: lasting(text) };
}

/** Reads the startup configuration; undefined when there is none. */
export async function readStartup(session: IosSession): Promise<RouterState | undefined> {
  const text = await session.exec("show startup-config", STEP, { isLong: true });
  if (/startup-config is not present/.test(text)) return undefined;
  return { found: readRunningConfig(text, session.object), text: lasting(text) };
}

/** Reads whether the configuration archive can roll changes back. */
export async function readProtection(session: IosSession): Promise<ProtectionFacts> {
  const archive = await session.execIfKnown("show archive", STEP);
  const hasArchive = archive !== undefined && !/not enabled/.test(archive);
  if (!hasArchive) {
    const reload = await session.execIfKnown("show reload", STEP);
    return { hasArchive, pending: /^Reload scheduled/m.test(reload ?? "") ? "reload" : undefined };
  }
  const timer = await session.execIfKnown("show archive config rollback timer", STEP);
  const isPending = timer !== undefined && !/No Rollback Confirmed Change pending/.test(timer);
  return { hasArchive, pending: isPending ? "rollback" : undefined };
}

/** Reads which functions the device has, as far as a wanted state needs them. */
export async function readFacts(session: IosSession, wanted: Desired): Promise<DeviceFacts> {
  const step = "read the functions of the router";
  const isWatching = wanted.legs.some(({ watch }) => watch !== undefined);
  const version = await session.execIfKnown("show version", step);
  if (!isWatching) return { version };
  const operations = await session.execIfKnown("show ip sla application", step);
  return { version, operations, tracks: await session.execIfKnown("show track", step) };
}

/** Reads how the router sees each SPS that it watches. */
export async function readWatches(session: IosSession, wanted: Desired, found: Found): Promise<WatchState[]> {
  if (wanted.legs.every(({ watch }) => watch === undefined)) return [];
  return watchStates(wanted, found, (await session.execIfKnown("show track", STEP)) ?? "");
}

/** What rolls unconfirmed changes back on this router. */
export function protectionOf({ hasArchive }: ProtectionFacts, isReloadAllowed: boolean): ProtectionKind {
  if (hasArchive) return "revert-timer";
  return isReloadAllowed ? "reload" : "provider";
}

/** Comments and heads, and what the router itself writes while it keeps the time. */
const PASSING = /^(!|$|Building configuration|Current configuration :|Using \d+|ntp clock-period \d+$)/;

function lasting(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => !PASSING.test(line))
    .join("\n");
}
