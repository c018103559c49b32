import type { TcpResult } from "../../planning/paths";
import type { Probe } from "../probes";
import type { CommandLine } from "./command-line";
import { isReason, orReason } from "./reason";

/** How one kind of router probes the network. */
export interface ProbeTools<Session> {
  /** The command of a ping. */
  ping(address: string): string;
  /** Finds a number in its output that is 0 when nothing answered. */
  answers: RegExp;
  /**
   * Opens a TCP connection from the router, and closes it. Absent where previews refuse to probe ports.
   * @throws Error with the reason where the router does not try
   */
  openPort?(session: Session, address: string, port: number): Promise<TcpResult>;
}

/** A probe that was not answered. */
export interface FailedProbe {
  probe: Probe;
  /** False when the router could not try it. */
  isTried: boolean;
  /** Why; absent for a ping. */
  detail?: string;
}

const ENDS: Record<Exclude<TcpResult, "open">, string> = {
  refused: "the connection was refused",
  silent: "no answer came",
  unreachable: "no route leads to it, or a firewall rejects it",
  "not open": "the connection was not opened",
};

/**
 * Tries probes one after the other. @returns those that got no answer
 * @throws SafeguardError when the session is lost
 */
export async function failedProbes<Session extends CommandLine>(
  session: Session,
  probes: readonly Probe[],
  tools: ProbeTools<Session>,
): Promise<FailedProbe[]> {
  const failed: FailedProbe[] = [];
  for (const probe of probes) {
    const failure = await failureOf(session, probe, tools);
    if (failure) failed.push({ probe, ...failure });
  }
  return failed;
}

async function failureOf<Session extends CommandLine>(
  session: Session,
  { address, port }: Probe,
  { ping, answers, openPort }: ProbeTools<Session>,
): Promise<Omit<FailedProbe, "probe"> | undefined> {
  if (port === undefined) {
    const output = await session.execIfKnown(ping(address), "probe the network");
    return Number(answers.exec(output ?? "")?.[1] ?? "0") === 0 ? { isTried: true } : undefined;
  }
  if (!openPort) return { isTried: false, detail: "the router opens no connections" };
  const result = await orReason(() => openPort(session, address, port), session.signal);
  if (isReason(result)) return { isTried: false, detail: result.why };
  return result === "open" ? undefined : { isTried: true, detail: ENDS[result] };
}
