import type { Note } from "../../../core/note";
import type { Confirmation } from "../../outputs";
import type { PlatformContext } from "../../platform";
import type { ProbeOptions } from "../../protection";
import type { Probe } from "../probes";
import type { CommandLine } from "./command-line";
import { type FailedProbe, failedProbes, type ProbeTools } from "./probing";
import { NotConfirmed } from "./transaction";

/** The wanted lines, and those that were read back instead. */
export interface ReadBack {
  wanted: readonly string[];
  found: readonly string[];
}

/** What a change of a router must leave behind. */
export interface Verification<Session, State> {
  probe: ProbeOptions;
  tools: ProbeTools<Session>;
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
  { probe, tools, kept, sps, read, difference, doubts }: Verification<Session, State>,
  context: PlatformContext,
): Promise<(fresh: Session) => Promise<Verified<State>>> {
  const failed = await failedProbes(session, kept, tools);
  for (const one of failed) context.log.warn(`${session.object}: ${beforeText(one)}`);
  const mustAnswer = kept.filter((one) => !failed.some(({ probe }) => probe === one));
  return async (fresh) => {
    const after = await read(fresh);
    const differing = difference(after);
    if (differing) throw new NotConfirmed(`the configuration read back differs: ${differenceText(differing)}`);
    const [lost] = await failedProbes(fresh, mustAnswer, tools);
    if (lost) throw new NotConfirmed(afterText(lost));
    if (probe.path === "off") return { after, unproven: [] };
    const silent = await failedProbes(fresh, sps, tools);
    const unproven = [
      ...silent.map(({ probe: { title } }) => `${title} does not answer a ping`),
      ...((await doubts?.(fresh, after)) ?? []),
    ];
    if (unproven[0] !== undefined && probe.path === "required") throw new NotConfirmed(unproven[0]);
    return { after, unproven };
  };
}

function beforeText({ probe: { title }, isTried, detail }: FailedProbe): string {
  return withDetail(isTried ? `${title} did not answer before the changes either` : `${title} is not checked`, detail);
}

function afterText({ probe: { title }, isTried, detail }: FailedProbe): string {
  return withDetail(isTried ? `${title} does not answer any more` : `${title} cannot be checked any more`, detail);
}

const withDetail = (text: string, detail: string | undefined) => (detail === undefined ? text : `${text}: ${detail}`);

function differenceText({ wanted, found }: ReadBack): string {
  const missing = wanted.find((line) => !found.includes(line));
  if (missing) return `"${missing}" is missing`;
  const extra = found.find((line) => !wanted.includes(line));
  return extra ? `"${extra}" was not planned` : "old parts are left";
}

/** What previews say of each SPS: that it answers, or that this is not proved. */
export async function spsAnswers<Session extends CommandLine>(
  session: Session,
  sps: readonly Probe[],
  tools: ProbeTools<Session>,
): Promise<{ answers: string[]; unproven: Note[] }> {
  const silent = (await failedProbes(session, sps, tools)).map(({ probe }) => probe);
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
