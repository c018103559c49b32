import { SafeguardError } from "../../../core/errors";
import {
  armingText,
  confirmingScript,
  type Protection,
  parseSettled,
  parseVerdict,
  rejectingScript,
  SETTLING_SCRIPT,
  type SettledRun,
  type Verdict,
} from "../../guard/scripts/guard-scripts";
import { ENVIRONMENT } from "../../guard/scripts/opening-script";
import { type CommandStep, undoCommands } from "../../terminal/steps";
import { ExpertShell, type NoShell } from "./expert-shell";

const ARMED = "@@armed";
const END_OF_FILE = "SPS-END-OF-CONFIGURATION";

/** How often a rollback is tried: Clish may be busy, or another session may take the lock again. */
const UNDO_TRIES = 5;

/** Shell text that prints the configuration of policy-based routing, one command a line. */
const CONFIGURATION = `clish -c "show configuration" </dev/null 2>/dev/null | sed -n 's/[[:space:]]*$//; /^set pbr /p'`;

/** What rolls back unconfirmed changes, for previews and warnings. */
export function protectionText(shell: ExpertShell | NoShell): string {
  if (shell instanceof ExpertShell) return "a timer on the gateway rolls back unconfirmed changes";
  return `only this program rolls back unconfirmed changes, while it runs and reaches the gateway: ${shell.reason}`;
}

/** The change of a gateway for the guard: its commands are entered in Clish, so the shell only undoes them. */
function undoText(steps: readonly CommandStep[], before: string): string {
  const file = (name: string, lines: readonly string[]) =>
    `cat >"$sps_guard/${name}" <<'${END_OF_FILE}'\n${lines.map((line) => `${line}\n`).join("")}${END_OF_FILE}`;
  return `${file("undo.clish", ["lock database override", ...undoCommands(steps)])}
${file("before", before === "" ? [] : before.split("\n"))}
sps_tries_left=${UNDO_TRIES}
while :; do
clish -i -f "$sps_guard/undo.clish" </dev/null
${CONFIGURATION} >"$sps_guard/after"
cmp "$sps_guard/before" "$sps_guard/after" && return 0
sps_tries_left=$((sps_tries_left - 1))
[ "$sps_tries_left" -gt 0 ] || return 1
sleep 1
done`;
}

/**
 * Arms the timer of `router/guard` on a gateway before its commands are entered in Clish.
 * @throws SafeguardError SG3305 when it cannot be armed; nothing was changed then
 */
export async function arm(
  shell: ExpertShell,
  steps: readonly CommandStep[],
  before: string,
  protection: Protection,
): Promise<void> {
  const step = { title: "change policy-based routing", run: "return 0", undo: undoText(steps, before) };
  // A shell that reads another configuration could not tell whether it has rolled back.
  const script = `${ENVIRONMENT}
${armingText(protection, [step])}
sps_found=$(${CONFIGURATION})
sps_wanted=$(cat <<'${END_OF_FILE}'
${before}
${END_OF_FILE}
)
if [ "$sps_found" != "$sps_wanted" ]; then echo "clish -c shows another configuration than Clish"; exit 1; fi
sps_arm "" || exit 1
echo "begun 1" >>"$sps_guard/progress" && echo "done 1" >>"$sps_guard/progress" && echo ${ARMED}`;
  const output = await shell.run(script, "protect the changes");
  if (output.includes(ARMED)) return;
  const reason = output.trim().split("\n").at(-1) || "no reason given";
  const cause = `the timer that would roll changes back cannot be armed: ${reason}`;
  throw new SafeguardError({ code: "SG3305", object: shell.object, step: "protect the changes", cause });
}

/** Confirms the changes of a run unless they are rolled back already. @returns undefined without a clear answer */
export async function confirmRun(shell: ExpertShell, protection: Protection): Promise<Verdict | undefined> {
  return parseVerdict(`\n${await shell.run(confirmingScript(protection), "confirm the changes")}\n`);
}

/** Rolls back the changes of a run at once. @returns undefined without a clear answer */
export async function rejectRun(shell: ExpertShell, protection: Protection): Promise<Verdict | undefined> {
  return parseVerdict(`\n${await shell.run(rejectingScript(protection), "roll the changes back")}\n`);
}

/** Rolls back what earlier runs did not confirm. */
export async function settle(shell: ExpertShell): Promise<SettledRun[]> {
  return parseSettled(await shell.run(`${ENVIRONMENT}\n${SETTLING_SCRIPT}`, "roll back earlier changes"));
}
