import type { OperationContext } from "../../../core/context";
import { messageOf, type SafeguardError } from "../../../core/errors";
import type { Confirmation } from "../../../resources/router-redirection/schema";
import { routerError } from "../../failures";
import type { Protection, SettledRun } from "../../guard/scripts/guard-scripts";
import { managementProbes, type Probe, type ProbeResult } from "../../guard/scripts/probes";
import { beginConfirming, confirm } from "../../guard/session/confirm";
import type { Trial } from "../../guard/session/trial";
import type { ProbeOptions } from "../../protection";
import type { RemovalOptions } from "../../removal";
import { chooseBackend } from "../backends/backends";
import { withRemains } from "../drain/draining";
import type { Desired } from "../model/desired";
import type { Found } from "../model/found";
import type { NextHop } from "../model/next-hops";
import { persistedText, settlePersistence } from "../persistence/outcome";
import { planPersistence } from "../persistence/plan";
import { persistScript } from "../persistence/script";
import { examine } from "../plan/decision";
import type { Claim } from "../plan/in-the-way";
import { desiredRules, foundRules, isChainAbsent } from "../plan/lines";
import { planChanges } from "../plan/plan";
import { reservations } from "../plan/preconditions";
import { notingText } from "../proof/traffic-probes";
import { readScope } from "../read/read-script";
import { awaitedHops } from "./await-sessions";
import { isAsWanted } from "./holdings";
import type { LinuxSession } from "./linux-session";

/** How changes are protected and proved. */
export interface Manner {
  /** Time for the confirmation, in seconds. */
  windowSeconds: number;
  probe: ProbeOptions;
  /** What becomes of sessions through an SPS that is given up. */
  removal: RemovalOptions;
}

/** What a resource wants on its router, and what it has there. */
export interface Wish extends Manner {
  desired: Desired;
  owned: Desired;
  isAdopting: boolean;
}

/** A wish, and the protection of the changes that fulfil it. */
export interface GuardedWish extends Wish {
  protection: Protection;
  /** The protection of an attempt before whose outcome is unknown. */
  lost?: Protection;
}

/** What is on the router in the end. */
export interface Reached {
  found: Found;
  /** Absent when there was nothing to change. */
  confirmation?: Confirmation | undefined;
  /** The ways to SPS that are still there for sessions whose end is to be awaited; empty or absent when there are none. */
  awaited?: NextHop[];
}

/** What is needed of a session on the router. */
export type Session = Pick<
  LinuxSession,
  "object" | "settleAndRead" | "apply" | "persist" | "ask" | "judge" | "judgeAnew"
>;

/** A failure after which the router may hold part of the changes. */
export class HalfDone extends Error {
  constructor(
    readonly failure: SafeguardError,
    /** True when reading again may tell that all is well. */
    readonly isOutcomeUnknown: boolean,
    /** What is known to be there. */
    readonly found?: Found,
    /** How far the changes were confirmed, where they were. */
    readonly confirmation?: Confirmation,
  ) {
    super(failure.message, { cause: failure });
    this.name = "HalfDone";
  }
}

/**
 * Brings the router to what is wanted and verifies it. Reads first and changes only what differs, so that it may be
 * repeated after any interruption. Everything that can be known to fail is found before the first change.
 * @throws SafeguardError when nothing was changed, or everything was put back; HalfDone otherwise.
 */
export async function bringTo(session: Session, wish: GuardedWish, context: OperationContext): Promise<Reached> {
  const { owned } = wish;
  const { object } = session;
  const scope = readScope(wish.desired, owned);
  context.log.status(`${object}: reading rules and routes`);
  const { found, settled } = await session.settleAndRead(scope);
  reportSettled(settled, wish, object, context);
  const { desired, claim } = examine(found, wish, object);
  for (const text of reservations(desired, found)) context.log.warn(`${object}: ${text}`);
  const awaited = await awaitedHops(session, wish.removal, desired, claim, context);
  const steps = planChanges(withRemains(desired, owned, awaited), claim);
  reportBackend(desired, found, object, context);
  if (steps.length === 0) {
    if (isFoundThere(desired, claim)) context.log.warn(`${object}: ${thereBefore(desired)}`);
    return { found: await bringFiles(session, desired, claim, context), awaited };
  }
  context.log.status(`${object}: making ${steps.length} changes as one transaction`);
  const probes = managementProbes(wish.probe);
  const armedAt = performance.now();
  const onApplied = () => beginConfirming(object, { ...wish, armedAt }, context);
  const noting = wish.probe.traffic === "off" ? undefined : notingText(desired);
  const work = session.apply(steps, scope, wish.protection, probes, onApplied, noting);
  const applied = await work.catch((error: unknown) => {
    throw unknownOutcome(wish, object, messageOf(error));
  });
  const { outcome } = applied;
  if (outcome.kind === "unclear") throw unknownOutcome(wish, object, "the router's answer is incomplete");
  if (outcome.kind === "unprotected") {
    const cause = `the timer that would take changes back cannot be armed: ${outcome.message}`;
    throw routerError("unprotected", { object, step: "protect the changes", cause });
  }
  if (outcome.kind === "failed") {
    const text = { object, step: outcome.step, cause: outcome.message };
    if (outcome.isUndone) throw routerError("applyUndone", text);
    throw new HalfDone(routerError("applyNotUndone", text), false);
  }
  if (!("found" in applied)) throw unknownOutcome(wish, object, "the router was not read back");
  const mustPass = passedOf(applied.before, wish.probe, object, context);
  const problem = problemOf(withRemains(wish.desired, owned, awaited), owned, applied.found, object);
  const made: Claim = { ...claim, found: applied.found };
  // Last of all, and only what is as wanted: until then a restart leaves what was confirmed before.
  const plan = problem ? undefined : planPersistence(desired, made);
  const then = plan && persistScript(plan);
  const trial: Trial = { ...wish, desired, armedAt, mustPass, found: applied.found, ...(then && { then }) };
  const ending = await confirm(session, trial, context).catch((error: unknown) => {
    throw unknownOutcome(wish, object, messageOf(error));
  });
  if ("failure" in ending) {
    if (ending.verdict === "back") throw ending.failure;
    throw new HalfDone(ending.failure, false);
  }
  const { confirmation } = ending;
  if (problem) throw new HalfDone(problem, false, applied.found, confirmation);
  const persisted = plan && settlePersistence(ending, plan, desired, made);
  if (persisted?.failure) throw new HalfDone(persisted.failure, false, persisted.found, confirmation);
  context.log.info(`${object}: made and verified ${steps.length} ${steps.length === 1 ? "change" : "changes"}`);
  if (plan && persisted) context.log.info(`${object}: ${persistedText(plan, desired, persisted.found)}`);
  return { found: persisted?.found ?? applied.found, confirmation, awaited };
}

/** Where the rules are as wanted: brings the files that keep them over restarts to what is wanted, if they are not. */
async function bringFiles(session: Session, desired: Desired, claim: Claim, context: OperationContext): Promise<Found> {
  const { object, found } = claim;
  const plan = planPersistence(desired, claim);
  if (!plan) {
    context.log.info(`${object}: everything is as wanted, nothing to change`);
    return found;
  }
  context.log.status(`${object}: changing what is kept over restarts`);
  const output = await session.persist(persistScript(plan));
  const persisted = settlePersistence(output, plan, desired, claim);
  if (persisted.failure) throw new HalfDone(persisted.failure, false, persisted.found);
  context.log.info(`${object}: ${persistedText(plan, desired, persisted.found)}`);
  return persisted.found;
}

/** Tells whether a router without changes to make has what this resource never held, nor was told to take over. */
function isFoundThere({ chains }: Desired, { owned, isAdopting }: Claim): boolean {
  return chains.length > 0 && owned.chains.length === 0 && !isAdopting;
}

/** Says that somebody made what is wanted: whether that was an earlier run of the same resource the router does not tell. */
function thereBefore({ chains }: Desired): string {
  const names = chains.map(({ redirection }) => redirection.name).join(", ");
  return `what redirects ${names} was there already, as wanted: an interrupted run made it, or another resource or stack has it, and takes it away when that is deleted; a resource that was renamed needs the option aliases`;
}

/** Says which backend keeps the classification, and why where the program leaves the choice. */
function reportBackend(desired: Desired, found: Found, object: string, context: OperationContext): void {
  const { name, reason } = chooseBackend(desired, found);
  if (desired.backend === "auto" && desired.chains.length > 0 && name !== undefined) {
    context.log.info(`${object}: backend ${name}: ${reason}`);
  }
}

/** Says what became of earlier runs. Changes of our own that expired must not be made again: they locked us out. */
function reportSettled(
  settled: readonly SettledRun[],
  { lost }: GuardedWish,
  object: string,
  context: OperationContext,
): void {
  for (const { token, isExpired, verdict } of settled) {
    const isLost = token === lost?.token;
    if (verdict === "bad") {
      const cause = "changes of an earlier run were not confirmed, and part of them could not be taken back";
      context.log.warn(`${object}: ${cause}; look at its rules and routes`);
    } else if (isLost && isExpired) {
      const cause = "there was no way in until the window was over; everything was taken back by the router";
      throw routerError("rolledBack", { object, step: "confirm the changes", cause });
    } else if (verdict === "back") {
      context.log.warn(
        `${object}: took back changes of ${isLost ? "the lost attempt" : "an earlier run"} that nobody had confirmed`,
      );
    }
  }
}

/** The probes that passed before the changes; of the others it says so. */
function passedOf(
  before: readonly ProbeResult[],
  options: ProbeOptions,
  object: string,
  context: OperationContext,
): Probe[] {
  for (const { probe, result, detail } of before) {
    const isAsked = options.hosts.length > 0 && probe.title.startsWith("host ");
    if (result === "failed")
      context.log.warn(`${object}: ${probe.title} did not answer before the changes either: ${detail}`);
    else if (result === "unchecked" && isAsked) context.log.warn(`${object}: ${probe.title} is not checked: ${detail}`);
  }
  return before.filter(({ result }) => result === "passed").map(({ probe }) => probe);
}

/** What is not as it was to be, where the changes were made without an error. */
function problemOf(desired: Desired, owned: Desired, found: Found, object: string): SafeguardError | undefined {
  const step = "verify the changes";
  if (!isAsWanted(desired, found)) {
    const wanted = desiredRules(desired);
    const there = foundRules(desired, found);
    const missing = wanted.find((line) => !there.includes(line));
    const extra = there.find((line) => !wanted.includes(line));
    const cause = missing
      ? `"${missing}" is not there`
      : `"${extra ?? "the order of rules"}" is there and was not wanted`;
    return routerError("notAsWanted", { object, step, cause });
  }
  const names = desired.chains.map((chain) => chain.name);
  const left = owned.chains.find((chain) => !names.includes(chain.name) && !isChainAbsent(chain, found));
  if (left) {
    const cause = `chain ${left.name} is still there`;
    return routerError("notAsWanted", { object, step, cause });
  }
  return undefined;
}

function unknownOutcome({ windowSeconds }: Wish, object: string, cause: string): HalfDone {
  const text = {
    object,
    step: "change the router",
    cause: `the outcome is unknown: ${cause}; changes are taken back by the router ${windowSeconds} s after they were made`,
  };
  return new HalfDone(routerError("outcomeUnknown", text), true);
}
