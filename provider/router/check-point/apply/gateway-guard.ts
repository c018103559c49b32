import { SafeguardError } from "../../../core/errors";
import { GUARD_FOLDERS, guardFolder, UNDO } from "../../guard/scripts/guard-folder";
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
import type { CommandStep } from "../../terminal/steps";
import { changedLines, changedObjects } from "../plan/steps";
import { ExpertShell, type NoShell } from "./expert-shell";

const ARMED = "@@armed";
const RECORDED = "@@recorded";
const FOUND = "@@found";
const UNFINISHED = "@@unfinished";
const END_OF_FILE = "SPS-END-OF-CONFIGURATION";

/** The numbers of the steps that were begun, in the folder of a run. */
const BEGUN = "begun";

const OVERRIDE = "lock database override";

/**
 * How each try of a rollback takes the lock. The first one must take it from a lost session. After that another session may
 * have taken it, or Clish may be busy: the rollback waits, and insists only at the end.
 */
const LOCK_TRIES = [OVERRIDE, "set config-lock on", "set config-lock on", "set config-lock on", OVERRIDE];

/** Shell text that prints the configuration. */
const SHOW = `clish -c "show configuration" </dev/null 2>/dev/null`;

/** Shell text that prints the configuration of policy-based routing, one command a line. */
const CONFIGURATION = `${SHOW} | sed -n 's/[[:space:]]*$//; /^set pbr /p'`;

/** What rolls back unconfirmed changes, for previews and warnings. */
export function protectionText(shell: ExpertShell | NoShell): string {
  if (shell instanceof ExpertShell) return "a timer on the gateway rolls back unconfirmed changes";
  return `only this program rolls back unconfirmed changes, while it runs and reaches the gateway: ${shell.reason}`;
}

/**
 * The change of a gateway for the guard: its commands are entered in Clish, so the shell only undoes them. It undoes the
 * steps that were begun, and compares only what the steps change: the rest may be changed by others.
 */
function undoText(steps: readonly CommandStep[], before: string): string {
  const file = (name: string, lines: readonly string[]) =>
    `cat >"$sps_guard/${name}" <<'${END_OF_FILE}'\n${lines.map((line) => `${line}\n`).join("")}${END_OF_FILE}`;
  const numbered = (linesOf: (step: CommandStep) => readonly string[]) =>
    steps.map((step, index) => linesOf(step).map((line) => `${index + 1} ${line}`));
  const pattern = (start: string) => `/^${start.replace(/[.*[\]^$\\/]/g, "\\$&")}/p`;
  return `sps_begun=" $(echo $(cat "$sps_guard/${BEGUN}")) "
case "$sps_begun" in *[0-9]*) ;; *) return 0 ;; esac
${file(
  "undo.steps",
  numbered(({ undo }) => undo)
    .reverse()
    .flat(),
)}
${file("changed.steps", numbered((step) => changedObjects([step]).map(pattern)).flat())}
${file("before.shown", changedLines(before, steps))}
sps_of_begun() {
while read -r sps_number sps_line; do
case "$sps_begun" in *" $sps_number "*) printf '%s\\n' "$sps_line" ;; esac
done <"$sps_guard/$1"
}
{ echo 's/[[:space:]]*$//'; sps_of_begun changed.steps; } >"$sps_guard/changed.sed"
sed -n -f "$sps_guard/changed.sed" "$sps_guard/before.shown" >"$sps_guard/before"
for sps_lock in ${LOCK_TRIES.map((command) => `"${command}"`).join(" ")}; do
{ echo "$sps_lock"; sps_of_begun undo.steps; } >"$sps_guard/undo.clish"
clish -i -f "$sps_guard/undo.clish" </dev/null
${SHOW} >"$sps_guard/shown"
sed -n -f "$sps_guard/changed.sed" "$sps_guard/shown" >"$sps_guard/after"
grep -q '^set ' "$sps_guard/shown" && cmp "$sps_guard/before" "$sps_guard/after" && return 0
sleep 1
done
return 1`;
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
true >"$sps_guard/${BEGUN}" && echo "begun 1" >>"$sps_guard/progress" && echo "done 1" >>"$sps_guard/progress" && echo ${ARMED}`;
  const output = await shell.run(script, "protect the changes");
  if (output.includes(ARMED)) return;
  const reason = output.trim().split("\n").at(-1) || "no reason given";
  const cause = `the timer that would roll changes back cannot be armed: ${reason}`;
  throw new SafeguardError({ code: "SG3305", object: shell.object, step: "protect the changes", cause });
}

/** Records that steps begin. @returns false when the run is rolled back already */
export async function recordBegun(
  shell: ExpertShell,
  numbers: readonly number[],
  { token }: Protection,
): Promise<boolean> {
  // A rollback that begins in between finds the record.
  const script = `${ENVIRONMENT}
sps_guard=${guardFolder(token)}
echo ${numbers.join(" ")} >>"$sps_guard/${BEGUN}" && [ -e "$sps_guard/${UNDO.armed}" ] && echo ${RECORDED}`;
  return (await shell.run(script, "protect the changes")).includes(RECORDED);
}

/** Confirms the changes of a run unless they are rolled back already. @returns undefined without a clear answer */
export async function confirmRun(shell: ExpertShell, protection: Protection): Promise<Verdict | undefined> {
  return parseVerdict(`\n${await shell.run(confirmingScript(protection), "confirm the changes")}\n`);
}

/**
 * Rolls back the changes of a run at once: those of the steps with these numbers. The others that are recorded were not
 * entered. @returns undefined without a clear answer
 */
export async function rejectRun(
  shell: ExpertShell,
  numbers: readonly number[],
  protection: Protection,
): Promise<Verdict | undefined> {
  // A rollback that runs already reads a whole record, before or after.
  const script = `${ENVIRONMENT}
sps_guard=${guardFolder(protection.token)}
if [ -e "$sps_guard/${UNDO.armed}" ]; then
echo ${numbers.join(" ")} >"$sps_guard/${BEGUN}.new" && mv "$sps_guard/${BEGUN}.new" "$sps_guard/${BEGUN}"
fi
${rejectingScript(protection)}`;
  return parseVerdict(`\n${await shell.run(script, "roll the changes back")}\n`);
}

/** What a gateway holds of earlier runs: nothing, only what their timers have ended, or changes that still wait. */
export type EarlierRuns = "none" | "ended" | "unfinished";

/**
 * Looks for the files of earlier runs. Unfinished is a run whose timer or rollback still works: the rest waits for nothing
 * but the next run.
 */
export async function lookForRuns(shell: ExpertShell): Promise<EarlierRuns> {
  const unfinished = [UNDO.prepared, UNDO.armed, UNDO.running].map((name) => `[ -e "$sps_folder/${name}" ]`);
  const script = `${ENVIRONMENT}
for sps_folder in ${GUARD_FOLDERS}; do
[ -d "$sps_folder" ] || continue
echo ${FOUND}
if ${unfinished.join(" || ")}; then
# The name of the folder tells its processes from others; the pattern does not match itself.
grep -qs "$sps_folder[/]" /proc/[0-9]*/cmdline && echo ${UNFINISHED}
fi
done`;
  const output = await shell.run(script, "look for earlier changes");
  if (output.includes(UNFINISHED)) return "unfinished";
  return output.includes(FOUND) ? "ended" : "none";
}

/** Rolls back what earlier runs did not confirm. */
export async function settle(shell: ExpertShell): Promise<SettledRun[]> {
  return parseSettled(await shell.run(`${ENVIRONMENT}\n${SETTLING_SCRIPT}`, "roll back earlier changes"));
}
