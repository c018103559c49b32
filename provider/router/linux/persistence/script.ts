import { quoteWord } from "../../../core/shell-word";
import { ENVIRONMENT } from "../../guard/scripts/opening-script";
import { SECTION_FUNCTION } from "../../guard/scripts/sections";
import { PERSISTED_FUNCTION } from "./found-files";
import type { PersistencePlan } from "./plan";
import { isUnitFile, PERSISTENCE_FOLDER, type PersistedFile, UNIT } from "./services";

/** The outcome of writing and removing files. */
export type PersistOutcome =
  | { kind: "done" }
  /** The old files are unchanged, or part of the new ones are in place. */
  | { kind: "failed"; message: string }
  /** The output does not show the outcome. */
  | { kind: "unclear" };

const MARK = "@@persist";
const END_OF_FILE = "SPS-END-OF-FILE";
const STAGING = `${PERSISTENCE_FOLDER}/.new`;

/**
 * Shell text that first writes the files of a plan to temporary names, so that a full disk changes nothing. Then it
 * moves each file into place, removes files no longer wanted, and reads all of them back.
 */
export function persistScript({ write, remove }: PersistencePlan): string {
  const files = write.filter(({ mode }) => !mode.startsWith("d"));
  const folders = remove.filter((path) => path === PERSISTENCE_FOLDER);
  const gone = remove.filter((path) => path !== PERSISTENCE_FOLDER).map(quoteWord);
  const isUnitWritten = write.some(({ path }) => isUnitFile(path));
  const isUnitRemoved = remove.some(isUnitFile);
  return `${ENVIRONMENT}
${SECTION_FUNCTION}
${PERSISTED_FUNCTION}
sps_stage() {
${write.length === 0 ? "return 0" : `mkdir -p ${PERSISTENCE_FOLDER} && chown 0 ${PERSISTENCE_FOLDER} && chmod 700 ${PERSISTENCE_FOLDER} && rm -rf ${STAGING} && mkdir ${STAGING} || return 1`}
${files.map(staging).join("\n")}
${write.length === 0 ? "" : `if command -v sync >/dev/null 2>&1; then { sync ${STAGING}/* || sync; } 2>/dev/null; fi`}
}
sps_place() {
${files.map(({ path }, index) => `mkdir -p ${parentOf(path)} && mv -f ${STAGING}/${index} ${quoteWord(path)} || return 1`).join("\n")}
${gone.length === 0 ? "" : `rm -f ${gone.join(" ")} || return 1`}
rm -rf ${STAGING}
${folders.length === 0 ? "" : `rmdir ${PERSISTENCE_FOLDER} 2>/dev/null`}
${files.length === 0 ? "" : `if command -v restorecon >/dev/null 2>&1; then restorecon ${files.map(({ path }) => quoteWord(path)).join(" ")} 2>/dev/null; fi`}
${isUnitWritten || isUnitRemoved ? systemctlText(isUnitWritten ? "start" : "stop") : ""}
return 0
}
printf '\\n${MARK} begin\\n' >&2
if sps_stage && sps_place; then sps_persist=done; else sps_persist=failed; rm -rf ${STAGING}; fi
printf '\\n${MARK} end\\n' >&2
printf '\\n${MARK} %s\\n' "$sps_persist"
section persistence sps_persisted`;
}

/** Parses the outcome from the output. */
export function parsePersistOutcome(output: { stdout: string; stderr: string }): PersistOutcome {
  if (output.stdout.includes(`\n${MARK} done\n`)) return { kind: "done" };
  if (!output.stdout.includes(`\n${MARK} failed\n`)) return { kind: "unclear" };
  const [, said = ""] = output.stderr.split(`\n${MARK} begin\n`);
  const lines = (said.split(`\n${MARK} end\n`)[0] ?? "").split("\n").filter((line) => line.trim() !== "");
  return { kind: "failed", message: lines.join(", ") || "no reason given" };
}

function staging({ mode, content, target }: PersistedFile, index: number): string {
  const place = `${STAGING}/${index}`;
  if (target !== undefined) return `ln -s ${quoteWord(target)} ${place} || return 1`;
  const lines = (content ?? "").split("\n");
  if (lines.includes(END_OF_FILE)) throw new Error("a file holds the end mark");
  return `cat >${place} <<'${END_OF_FILE}' || return 1\n${lines.join("\n")}\n${END_OF_FILE}\nchmod ${modeOf(mode)} ${place} || return 1`;
}

/**
 * Starts or stops our unit. `PartOf` restarts it together with the firewall services only while it is active. The start
 * does not block, because the unit waits for our lock.
 */
function systemctlText(verb: "start" | "stop"): string {
  return `if [ -d /run/systemd/system ]; then
  systemctl daemon-reload </dev/null >/dev/null 2>&1 9>&-
  systemctl --no-block ${verb} ${UNIT} </dev/null >/dev/null 2>&1 9>&-
fi`;
}

/** The permissions of `ls -l` as digits for `chmod`. */
function modeOf(mode: string): string {
  const digits = [1, 4, 7].map((start) =>
    [...mode.slice(start, start + 3)].reduce((sum, letter, index) => sum + (letter === "-" ? 0 : 4 >> index), 0),
  );
  return digits.join("");
}

function parentOf(path: string): string {
  return quoteWord(path.slice(0, path.lastIndexOf("/")));
}
