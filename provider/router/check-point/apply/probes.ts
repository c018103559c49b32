import type { SafeguardError } from "../../../core/errors";
import { ENVIRONMENT } from "../../guard/scripts/opening-script";
import { parseTrials, trialText } from "../../guard/scripts/path-trials";
import type { TcpResult } from "../../planning/paths";
import { refusal } from "../../planning/refusal";
import type { ProbeOptions } from "../../protection";
import type { ProbeTools } from "../../terminal/session/probing";
import type { ClishSession } from "./clish-session";
import { ExpertShell, type NoShell } from "./expert-shell";

/** `ping`, a command of Linux that Clish knows too: three requests, one second each. Ports are tried in the root shell. */
export const PROBE_TOOLS: ProbeTools<ClishSession> = {
  ping: (address) => `ping -c 3 -W 1 ${address}`,
  answers: /(\d+) (?:packets )?received/,
  openPort,
};

/** Why a gateway without a root shell tries no TCP ports. */
export const noPortsText = ({ reason }: NoShell): string =>
  `Clish opens no TCP connections, and there is no shell: ${reason}`;

/**
 * Opens a TCP connection from the gateway, and closes it.
 * @throws Error with the reason where it does not try; SafeguardError when the session is lost
 */
async function openPort(session: ClishSession, address: string, port: number): Promise<TcpResult> {
  const shell = await session.shell();
  if (!(shell instanceof ExpertShell)) throw new Error(noPortsText(shell));
  const targets = [{ address, ports: [port], portsOnly: true }];
  const [tried] = parseTrials(await shell.run(`${ENVIRONMENT}\n${trialText(targets)}`, "probe the network"), targets);
  const [{ result, why } = { result: undefined, why: "" }] = tried?.tcp ?? [];
  if (result === undefined) throw new Error(why);
  return result;
}

export const hasPorts = ({ hosts }: Pick<ProbeOptions, "hosts">): boolean =>
  hosts.some(({ port }) => port !== undefined);

/** A refusal for each port of a host that the gateway cannot try without a root shell. */
export function portRefusals(
  { hosts }: Pick<ProbeOptions, "hosts">,
  shell: ExpertShell | NoShell,
  object: string,
): SafeguardError[] {
  if (shell instanceof ExpertShell) return [];
  const remedy =
    "leave it out (the host is then pinged), set router.expertPassword, or log in as root with bash as login shell";
  return hosts.flatMap(({ port }, index) =>
    port === undefined ? [] : [refusal("SG3101", object, `probe.hosts[${index}].port: ${noPortsText(shell)}`, remedy)],
  );
}
