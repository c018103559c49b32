import type { Note } from "../../../core/note";
import type { Confirmation } from "../../outputs";
import type { PlatformContext } from "../../platform";
import type { ProbeOptions } from "../../protection";
import type { Probe } from "../probes";
import type { CommandLine } from "./command-line";
import { NotConfirmed } from "./transaction";

/** The ping of a command line: its command, and a number in its output that is 0 when nothing answered. */
export interface Ping {
  command(address: string): string;
  answers: RegExp;
}

/** The probes that get no answer. */
async function failedProbes(session: CommandLine, probes: readonly Probe[], ping: Ping): Promise<Probe[]> {
  const failed: Probe[] = [];
  for (const probe of probes) {
    const output = await session.execIfKnown(ping.command(probe.address), "probe the network");
    if (Number(ping.answers.exec(output ?? "")?.[1] ?? "0") === 0) failed.push(probe);
  }
  return failed;
}

/** The wanted lines, and those that were read back instead. */
export interface ReadBack {
  wanted: readonly string[];
  found: readonly string[];
}

/** What a change of a router must leave behind. */
export interface Verification<Session, State> {
  probe: ProbeOptions;
  ping: Ping;
  /** What the router must still reach if it does now. */
  kept: readonly Probe[];
  /** Each SPS of the wanted redirections. */
  sps: readonly Probe[];
  read(session: Session): Promise<State>;
  /** The lines that differ; undefined when nothing is left to change. */
  difference(state: State): ReadBack | undefined;
  /** What the router itself says against the path to SPS, one phrase each. */
  doubts?(session: Session, state: State): Promise<string[]>;
}

/** What a check found: the state, and what it could not prove. */
export interface Verified<State> {
  after: State;
  unproven: string[];
}

/**
 * Probes what the router reaches before a change. @returns the check for afterwards, which reads the configuration back and repeats
 * the probes that were answered; it throws NotConfirmed
 */
export async function prepareCheck<Session extends CommandLine, State>(
  session: Session,
  { probe, ping, kept, sps, read, difference, doubts }: Verification<Session, State>,
  context: PlatformContext,
): Promise<(fresh: Session) => Promise<Verified<State>>> {
  const unreachable = await failedProbes(session, kept, ping);
  for (const { title } of unreachable)
    context.log.warn(`${session.object}: ${title} did not answer before the changes either`);
  const mustAnswer = kept.filter((one) => !unreachable.includes(one));
  return async (fresh) => {
    const after = await read(fresh);
    const differing = difference(after);
    if (differing) throw new NotConfirmed(`the configuration read back differs: ${differenceText(differing)}`);
    const [lost] = await failedProbes(fresh, mustAnswer, ping);
    if (lost) throw new NotConfirmed(`${lost.title} does not answer any more`);
    if (probe.path === "off") return { after, unproven: [] };
    const silent = await failedProbes(fresh, sps, ping);
    const unproven = [
      ...silent.map(({ title }) => `${title} does not answer a ping`),
      ...((await doubts?.(fresh, after)) ?? []),
    ];
    if (unproven[0] !== undefined && probe.path === "required") throw new NotConfirmed(unproven[0]);
    return { after, unproven };
  };
}

function differenceText({ wanted, found }: ReadBack): string {
  const missing = wanted.find((line) => !found.includes(line));
  if (missing) return `"${missing}" is missing`;
  const extra = found.find((line) => !wanted.includes(line));
  return extra ? `"${extra}" was not planned` : "old parts are left";
}

/** What previews say of each SPS: that it answers, or that this is not proved. */
export async function spsAnswers(
  session: CommandLine,
  sps: readonly Probe[],
  ping: Ping,
): Promise<{ answers: string[]; unproven: Note[] }> {
  const silent = await failedProbes(session, sps, ping);
  const answers = sps.filter((one) => !silent.includes(one)).map(({ title }) => `${title} answers`);
  const unproven = silent.map(({ title }): Note => {
    const text = `${session.object}: not proved: ${title} does not answer a ping`;
    return { severity: "warning", text, topic: "path" };
  });
  return { answers, unproven };
}

/** Logs what a confirmed change has proved, and gives it for the outputs. A removal has nothing to prove about SPS. */
export function confirmationOf(
  unproven: string[],
  isRemoval: boolean,
  object: string,
  { log }: PlatformContext,
): Confirmation {
  const notProved = isRemoval ? "" : "; not proved: that clients reach SPS, and that SPS records a session";
  log.result(
    `${object}: confirmed; proved: a new SSH login works, the configuration reads back as planned${notProved}`,
  );
  for (const text of unproven) log.warn(`${object}: not proved: ${text}`);
  return { confirmedAt: new Date().toISOString(), confirmedUnproven: unproven, confirmedTraffic: [] };
}
