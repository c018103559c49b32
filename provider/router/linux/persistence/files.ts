import { createHash } from "node:crypto";
import { quoteWord } from "../../../core/shell-word";
import { commandText } from "../../guard/scripts/shell-text";
import type { Owner } from "../../owner";
import { backendOf } from "../backends/backends";
import type { BackendName } from "../model/backend-names";
import type { Chain } from "../model/desired";
import { policyRuleChange, policyRuleOf, routesOf } from "../model/routing";
import type { Decision } from "../plan/decision";
import { ownerRecord, ownersText, putRoute } from "../plan/steps";
import { startingText } from "../watchdog/steps";
import { settingsOf } from "../watchdog/watch";
import type { FoundFile } from "./found-files";
import { REDIRECTION_END, RUNNER_TEXT } from "./runner";
import {
  MARKER,
  OWNER_COMMENT,
  PERSISTENCE_FOLDER,
  type PersistedFile,
  RUNNER,
  redirectionPath,
  SERVICES,
} from "./services";

/** Every file that the router needs to restore the wanted redirections at boot; empty without persistence. */
export function persistedFiles({ desired, found, backend: { name } }: Decision): PersistedFile[] {
  if (!desired.isPersistent || desired.chains.length === 0 || name === undefined) return [];
  const { services } = found.persistence;
  return [
    { path: PERSISTENCE_FOLDER, mode: "drwx------" },
    { path: RUNNER, mode: "-rwx------", content: RUNNER_TEXT },
    ...desired.chains.map((chain) => redirectionFile(chain, name, desired.owner)),
    ...SERVICES.filter((one) => services.includes(one.name)).flatMap((one) => one.files),
  ];
}

/** Whether a file on the router is in sync. */
export function isFileRight({ mode, content, target }: PersistedFile, found: FoundFile | undefined): boolean {
  if (found?.mode !== mode || found.owner !== 0 || found.target !== target) return false;
  return content === undefined || found.digest === digestOf(content);
}

/** The SHA-256 digest of a file with this text, as `sha256sum` prints it. */
function digestOf(content: string): string {
  return createHash("sha256").update(`${content}\n`).digest("hex");
}

/**
 * The file that restores one redirection, whatever part of it exists, with the functions of the runner. A failure in
 * one layer does not stop the others.
 */
function redirectionFile(chain: Chain, backend: BackendName, owner: Owner | undefined): PersistedFile {
  const { hop, redirection } = chain;
  const watchdog = settingsOf(hop);
  const layers = [
    `sps_source_check ${quoteWord(hop.device)}`,
    // Add the unreachable route first: from then on no traffic passes directly.
    ...[...routesOf(hop)].reverse().map((route) => putRoute(route, hop, undefined).run),
    ...(hop.isMarked
      ? [commandText({ words: ["sps_policy_rules"], input: [policyRuleChange("add", policyRuleOf(hop))] })]
      : []),
    backendOf(backend).restoreText(chain),
    ...(owner ? [`sps_record_owner() {\n${ownersText([redirection.name], () => owner)}\n}\nsps_record_owner`] : []),
    ...(watchdog === undefined ? [] : [`[ "$sps_mode" = early ] || {\n${startingText(hop.table, watchdog)}\n}`]),
  ];
  const content = [
    `# ${MARKER}: redirection ${redirection.name}`,
    `# device ${hop.device}`,
    ...(owner ? [`${OWNER_COMMENT}${ownerRecord(owner)}`] : []),
    ...layers.map((text) => `{\n${text}\n} || sps_bad=1`),
    REDIRECTION_END,
  ].join("\n");
  return { path: redirectionPath(redirection.name), mode: "-rw-------", content };
}
