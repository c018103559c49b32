import { readFileSync } from "node:fs";
import type { ApplianceDescription } from "../../lab/common/description";
import type { RequestRecord, Traffic } from "../../lab/common/traffic";
import { Lab, type LabOptions } from "../../lab/lab";
import type { Properties } from "./provider";
import type { TestBed } from "./resource-case";

/** The engine's marker of an unknown value. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** SPS nodes and SPP of a lab. */
export interface ApplianceTestBed extends TestBed {
  readonly lab: Lab;
}

/** The connection to an appliance as a program writes it. */
export function connectionOf(appliance: ApplianceDescription, parts: Properties = {}): Properties {
  const { address, port, username, password, caFile } = appliance;
  return { address, port, username, password, ca: readFileSync(caFile, "utf8"), ...parts };
}

/** Starts a lab without a network whose appliances need about a second for a minute. */
export async function openAppliances(
  name: string,
  options: LabOptions = {},
): Promise<Omit<ApplianceTestBed, "inputs">> {
  const lab = await Lab.start({ name: `${name}-${process.pid}`, speed: 50, network: false, ...options });
  const traffic = [...lab.sps, lab.spp].map((appliance) => appliance.traffic);
  return {
    lab,
    secrets: [lab.description.spp.password, lab.description.sps[0]?.password ?? ""],
    snapshot: async () => traffic.map((log) => log.requests.filter(isChange).map(({ method, path }) => [method, path])),
    requests: () => traffic.reduce((sum, log) => sum + log.requests.length, 0),
    close: () => lab.stop(),
  };
}

/** Whether a request may change the appliance; logins and logouts do not count. */
function isChange({ method, path }: RequestRecord): boolean {
  const isLogin = path.startsWith("/RSTS/") || /\/Token\/Log(inResponse|out)$/i.test(path);
  return method !== "GET" && !isLogin;
}

/** Answers the next matching request with a status, or handles it and then calls a function. */
export function interrupt(traffic: Traffic, method: string, path: RegExp, effect: number | (() => void)): void {
  if (typeof effect === "number") traffic.inject({ method, path, effect: { kind: "status", status: effect } });
  else traffic.inject({ method, path, effect: { kind: "call", when: "after", run: effect } });
}
