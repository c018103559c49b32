import { SafeguardError } from "../../../core/errors";
import type { Facts, Found } from "../model/found";
import { configurationLines, readConfiguration } from "../read/configuration";
import type { ClishSession } from "./clish-session";

const STEP = "read the router";

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
  return { found, text: lines.join("\n") };
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

/** Whether a restart would load the running configuration. */
export async function readIsSaved(session: ClishSession): Promise<boolean> {
  const state = await session.execIfKnown("show config-state", STEP);
  return /^saved/m.test(state ?? "");
}
