import { SafeguardError } from "../../../core/errors";
import { CommandRefused } from "../../terminal/session/command-line";
import type { Facts, Found } from "../model/found";
import { configurationLines, readConfiguration } from "../read/configuration";
import type { ClishSession } from "./clish-session";

const STEP = "read the router";

const ROLE_REMEDY =
  "give the user the role adminRole, or read and write rights on the features that this command belongs to";

/** The configuration of a router at one moment. */
export interface RouterState {
  found: Found;
  /** The lines of policy-based routing; equal texts are equal configurations of it. */
  text: string;
}

/** Reads the running configuration. @throws SafeguardError when it cannot be read */
export async function readRunning(session: ClishSession): Promise<RouterState> {
  const text = await session.exec("show configuration", STEP, { isLong: true });
  const found = readConfiguration(text);
  // Every gateway has interfaces: without them nothing says that the rest was shown.
  if (found.interfaces.length === 0) {
    const cause = "`show configuration` shows no interface";
    throw new SafeguardError({ code: "SG3102", object: session.object, step: STEP, cause });
  }
  const lines = configurationLines(text).filter((line) => line.startsWith("set pbr "));
  if (lines.length === 0) await requireVisible(session);
  return { found, text: lines.join("\n") };
}

/** Without lines of PBR, the gateway has none, or the role of the user hides them; its commands show which. */
async function requireVisible(session: ClishSession): Promise<void> {
  await execIfAllowed(session, "show pbr rules", "policy-based routing");
}

/** Runs a command that each gateway knows. @throws SafeguardError SG3018 when the role of the user lacks it */
async function execIfAllowed(session: ClishSession, command: string, subject: string): Promise<string> {
  try {
    return await session.exec(command, STEP);
  } catch (error) {
    if (!(error instanceof CommandRefused)) throw error;
    const { object } = session;
    const cause = `Clish does not show this user ${subject}: ${error.answer}`;
    throw new SafeguardError({ code: "SG3018", object, step: STEP, cause, remedy: ROLE_REMEDY }, { cause: error });
  }
}

/** Reads what the gateway is. Commands that it does not know mean that it has not what they are about. */
export async function readFacts(session: ClishSession): Promise<Facts> {
  const version = await session.execIfKnown("show version all", STEP);
  const systems = await session.execIfKnown("show virtual-system all", STEP);
  const cluster = await session.execIfKnown("cphaprob state", STEP);
  const rows = [...(systems ?? "").matchAll(/^(\d+) +\S/gm)];
  return {
    version: /^Product version Check Point Gaia (\S+)/m.exec(version ?? "")?.[1],
    hasVirtualSystems: rows.some(([, id]) => id !== "0"),
    isClusterMember: /^Cluster Mode:/m.test(cluster ?? ""),
  };
}

/**
 * Whether a restart would load the running configuration.
 * @throws SafeguardError SG3018 when the gateway does not report it to this user
 */
export async function readIsSaved(session: ClishSession): Promise<boolean> {
  return /^saved/m.test(await execIfAllowed(session, "show config-state", "whether the configuration is saved"));
}

/** The same for a removal, which goes on without it; undefined then. */
export async function readIsSavedIfShown(session: ClishSession): Promise<boolean | undefined> {
  const state = await session.execIfKnown("show config-state", STEP);
  return state === undefined ? undefined : /^saved/m.test(state);
}
