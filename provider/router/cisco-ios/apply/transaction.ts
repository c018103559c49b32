import { messageOf, SafeguardError } from "../../../core/errors";
import { CommandRefused } from "../../terminal/session/command-line";
import type { Procedure } from "../../terminal/session/transaction";
import { undoCommands } from "../../terminal/steps";
import type { ProtectionKind } from "../model/status";
import type { IosSession } from "./ios-session";
import { type RouterState, readRunning } from "./router-state";

const NOT_PENDING = /No Rollback Confirmed Change pending/;

/** The commit window in the whole minutes that timers of IOS know. */
export function windowMinutes(windowSeconds: number): number {
  return Math.ceil(windowSeconds / 60);
}

/** How a Cisco router makes changes under a protection. */
export function iosProcedure(
  session: IosSession,
  protection: ProtectionKind,
  windowSeconds: number,
  before: RouterState,
): Procedure<IosSession> {
  return {
    isRollingBackAlone: protection !== "provider",
    async begin() {
      await requireUnchanged(session, before);
      await enterProtected(session, protection, windowMinutes(windowSeconds));
    },
    finish: async () => void (await session.exec("end", "leave configuration mode")),
    async confirm(fresh, check) {
      const checked = await check(fresh);
      if (protection === "reload") await fresh.exec("reload cancel", "confirm the changes");
      if (protection !== "revert-timer") return checked;
      const output = await fresh.exec("configure confirm", "confirm the changes");
      // A repeated attempt finds the confirmation of the one before, or the router as it was.
      return NOT_PENDING.test(output) ? await check(fresh) : checked;
    },
    async restore(one, begun) {
      const step = "roll the changes back";
      const isAsBefore = async () => (await readRunning(one)).text === before.text;
      // Refused where the session is in no configuration mode.
      await one.execIfKnown("end", step);
      if (protection === "revert-timer") await one.execIfKnown("configure revert now", step);
      let isBack = await isAsBefore();
      if (!isBack) {
        await one.enterConfiguration();
        // A step that was executed in part refuses the undo of its other part.
        for (const command of undoCommands(begun)) await one.execIfKnown(command, step);
        await one.execIfKnown("end", step);
        isBack = await isAsBefore();
      }
      if (isBack && protection === "reload") await one.execIfKnown("reload cancel", step);
      return isBack;
    },
  };
}

/** The plan is right only for the configuration that it was made from. @throws SafeguardError SG3010 */
async function requireUnchanged(session: IosSession, before: RouterState): Promise<void> {
  if ((await readRunning(session)).text === before.text) return;
  throw new SafeguardError({
    code: "SG3010",
    object: session.object,
    step: "check the router",
    cause: "another session has changed the configuration since it was read; nothing was changed by this run",
    remedy: "run pulumi up again when the other session has ended",
  });
}

/** Starts the protection and enters configuration mode. @throws SafeguardError SG3305 when the router refuses it */
async function enterProtected(session: IosSession, protection: ProtectionKind, minutes: number): Promise<void> {
  const step = "protect the changes";
  try {
    if (protection === "reload") {
      // Saving would make the changes survive the reload that is to undo them.
      await session.exec(`reload in ${minutes}`, step, { answers: { Save: "no", confirm: "" } });
    }
    const timer = protection === "revert-timer" ? ` revert timer ${minutes}` : "";
    await session.enterConfiguration(`configure terminal${timer}`);
  } catch (error) {
    if (!(error instanceof CommandRefused)) throw error;
    const remedy =
      "correct the configuration archive of the router, or let the user run this command, and run pulumi up again; nothing was changed";
    throw new SafeguardError(
      { code: "SG3305", object: session.object, step, cause: messageOf(error), remedy },
      { cause: error },
    );
  }
}
