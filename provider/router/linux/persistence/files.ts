import { createHash } from "node:crypto";
import { commandText, quoteWord } from "../../guard/scripts/shell-text";
import { backendOf } from "../backends/backends";
import type { BackendName } from "../model/backend-names";
import type { Chain } from "../model/desired";
import { policyRuleChange, policyRuleOf, routesOf } from "../model/routing";
import type { Decision } from "../plan/decision";
import { putRoute } from "../plan/steps";
import { startingText } from "../watchdog/steps";
import { settingsOf } from "../watchdog/watch";
import type { FoundFile } from "./found-files";
import { ALL_MEANS, MARKER, PERSISTENCE_FOLDER, type PersistedFile, RUNNER, redirectionPath } from "./means";
import { REDIRECTION_END, RUNNER_TEXT } from "./runner";

/** Every file that has to be on a router so that the wanted redirections outlive a restart; none where they shall not. */
export function persistedFiles({ desired, found, backend: { name } }: Decision): PersistedFile[] {
  if (!desired.isPersistent || desired.chains.length === 0 || name === undefined) return [];
  const { means } = found.persistence;
  return [
    { path: PERSISTENCE_FOLDER, looks: "drwx------" },
    { path: RUNNER, looks: "-rwx------", content: RUNNER_TEXT },
    ...desired.chains.map((chain) => redirectionFile(chain, name)),
    ...ALL_MEANS.filter((one) => means.includes(one.name)).flatMap((one) => one.files),
  ];
}

/** Tells whether a file on the router is as wanted. */
export function isFileRight({ looks, content, target }: PersistedFile, found: FoundFile | undefined): boolean {
  if (found?.looks !== looks || found.owner !== 0 || found.target !== target) return false;
  return content === undefined || found.digest === digestOf(content);
}

/** What `sha256sum` says of a file with this text. */
function digestOf(content: string): string {
  return createHash("sha256").update(`${content}\n`).digest("hex");
}

/** What brings one redirection, whatever of it is there, in the words of the runner. A layer that fails stops no other. */
function redirectionFile(chain: Chain, backend: BackendName): PersistedFile {
  const { hop, redirection } = chain;
  const watchdog = settingsOf(hop);
  const layers = [
    `sps_source_check ${quoteWord(hop.device)}`,
    // The refusal comes first: from then on nothing passes directly.
    ...[...routesOf(hop)].reverse().map((route) => putRoute(route, hop, undefined).run),
    ...(hop.isMarked
      ? [commandText({ words: ["sps_policy_rules"], input: [policyRuleChange("add", policyRuleOf(hop))] })]
      : []),
    backendOf(backend).bringingText(chain),
    ...(watchdog === undefined ? [] : [`[ "$sps_what" = early ] || {\n${startingText(hop.table, watchdog)}\n}`]),
  ];
  const content = [
    `# ${MARKER}: redirection ${redirection.name}`,
    `# device ${hop.device}`,
    ...layers.map((text) => `{\n${text}\n} || sps_bad=1`),
    REDIRECTION_END,
  ].join("\n");
  return { path: redirectionPath(redirection.name), looks: "-rw-------", content };
}
