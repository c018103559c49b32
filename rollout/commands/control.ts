import type { Command } from "commander";
import { carriedOut, command as send } from "../engine/client";
import type { Approval } from "../machine/events";
import { approvalId } from "../report/approval-id";
import { type CommonOptions, currentUser, reasonOf, withRollout, withRolloutOption } from "./options";
import { printResult, type Session } from "./session";

const COMMANDS = [
  { name: "approve", type: "approved", what: "Approves the wave, or the changed program, that waits." },
  { name: "pause", type: "paused", what: "Starts no further site; sites in work finish." },
  { name: "cancel", type: "cancelled", what: "Ends the rollout after the sites in work." },
  { name: "retry", type: "retried", what: "Runs a site again that failed." },
  { name: "skip", type: "skipped", what: "Goes on without a site." },
  { name: "freeze", type: "frozen", what: "Never touches a site in this rollout, until it is unfrozen." },
  { name: "unfreeze", type: "unfrozen", what: "Takes a frozen site back into the rollout, beginning with its check." },
] as const;

const SITE_COMMANDS: ReadonlySet<string> = new Set(["retried", "skipped", "frozen", "unfrozen"]);

/** Commands of an operator, each with a reason that is kept. A worker carries them out, and refuses what comes too late. */
export function addControlCommands(program: Command, session: Session): void {
  for (const { name, type, what } of COMMANDS) {
    const command = withRolloutOption(program.command(name))
      .description(what)
      .requiredOption("--reason <text>", "why; is kept", reasonOf);
    if (SITE_COMMANDS.has(type)) command.argument("<site>", "the name of the site");
    if (type === "approved") command.argument("[id]", "the id that status shows; anything else is refused");
    command.action(async (...given: unknown[]) => {
      const [argument, options] = (given.length > 2 ? given : [undefined, ...given]) as [
        string | undefined,
        CommonOptions & { reason: string },
      ];
      const site = type === "approved" ? undefined : argument;
      await withRollout(options, async (database, record) => {
        const { reason } = options;
        const hasSeen = (awaited: Approval) => argument === undefined || approvalId(record.id, awaited) === argument;
        const sent = await send(database.pool, record, { type, by: currentUser(), reason, site, hasSeen });
        const isCarriedOut = await carriedOut(database.pool, record, sent);
        // A pause is carried out by the next worker, and resume would end it.
        const remedy = type === "paused" ? "" : "; run: rollout resume";
        const later = isCarriedOut ? "" : `; sent, and no worker has carried it out yet${remedy}`;
        const result = { rollout: record.id, command: name, ...(site !== undefined && { site }), reason, isCarriedOut };
        printResult(session, result, `rollout ${record.id}: ${type}${site ? ` ${site}` : ""}${later}`);
      });
    });
  }
}
