import type { SafeguardError } from "../../../core/errors";
import { refusal } from "../../planning/refusal";
import type { Desired } from "../model/desired";

/** What a device prints about its functions; absent where it does not know the command. */
export interface DeviceFacts {
  /** `show version`. */
  version?: string | undefined;
  /** `show ip sla application`. */
  operations?: string | undefined;
  /** `show track`. */
  tracks?: string | undefined;
}

/**
 * Switches whose guides list `set interface` as unsupported in route-maps of policy routing: Catalyst 3560, 3750, 3650,
 * 3850 and their blades, ME 3400, Catalyst 9000.
 */
const WITHOUT_SET_INTERFACE = /^(?:WS-C3[5678]|WS-CBS3|ME-3[48]|C9[2-6]\d\d)/;

/** Switches of Catalyst 9000 do not know `verify-availability` up to this release. */
const WITHOUT_VERIFICATION = { model: /^C9[2-6]\d\d/, release: /\bVersion 16\.0?[1-6]\b/ };

/** Whether a wanted state needs functions that not every device has. */
export function needsFacts({ legs }: Desired): boolean {
  return legs.some(({ watch, redirection }) => watch !== undefined || redirection.failMode === "closed");
}

/** The functions of a wanted state that a device does not have. */
export function supportRefusals({ legs }: Desired, facts: DeviceFacts, object: string): SafeguardError[] {
  const refuse = (cause: string, remedy: string) => refusal("SG3101", object, cause, remedy);
  const { version = "", operations, tracks } = facts;
  const model = /^cisco (\S+) .*(?:processor|memory)/im.exec(version)?.[1] ?? "";
  const refused: SafeguardError[] = [];
  if (legs.some(({ redirection }) => redirection.failMode === "closed") && WITHOUT_SET_INTERFACE.test(model)) {
    const cause = `a ${model} does not support \`set interface Null0\`, which drops traffic with failMode closed`;
    refused.push(refuse(cause, "set failMode to open"));
  }
  const watches = legs.flatMap(({ watch }) => watch ?? []);
  if (watches.length === 0) return refused;
  const remedy = "set bypass to never and ciscoIos.trackSps to false";
  const kinds = new Set(watches.map(({ operation }) => operation[0]?.split(" ")[0] ?? ""));
  if (WITHOUT_VERIFICATION.model.test(model) && WITHOUT_VERIFICATION.release.test(version)) {
    refused.push(refuse(`a ${model} does not support \`verify-availability\` in this release`, remedy));
  }
  if (operations === undefined) refused.push(refuse("the router does not know `ip sla`, which watches SPS", remedy));
  if (tracks === undefined) refused.push(refuse("the router does not know `track`, which watches SPS", remedy));
  for (const kind of operations === undefined ? [] : kinds) {
    if (operations?.toLowerCase().includes(kind.replace("-", ""))) continue;
    refused.push(refuse(`\`ip sla\` of the router has no operation ${kind}, which watches SPS`, remedy));
  }
  return refused;
}
