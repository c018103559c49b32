import { foldTexts } from "../machine/survey";
import type { RolloutSummary, SiteSummary } from "./summary";
import { listText, phaseText, siteCount } from "./words";

/** Causes that are listed; of more, the JSON form has all. */
const LISTED = 20;

/** The sites that did not get what they should: each cause once with its sites, most sites first. */
export function attentionLines({ sites }: Pick<RolloutSummary, "sites">): string[] {
  const attention = sites.filter(({ status }) => ["failed", "unknown", "unreachable"].includes(status));
  const causes = foldTexts(
    attention.map(({ name, stack, status, phase, message = "" }) => ({
      site: { name, stack },
      text: `${status} in ${phaseText(phase)}: ${message}`,
    })),
  );
  const byName = new Map(attention.map((site) => [site.name, site]));
  const rest = causes.slice(LISTED).reduce((sum, cause) => sum + cause.sites.length, 0);
  return [
    ...causes.slice(0, LISTED).map((cause) => {
      const [name = ""] = cause.sites;
      const only = cause.sites.length === 1 ? byName.get(name) : undefined;
      return only ? siteLine(only) : `${siteCount(cause.sites.length)} ${cause.value} (${listText(cause.sites)})`;
    }),
    ...(rest > 0 ? [`… and ${siteCount(rest)} more; status --json lists all`] : []),
  ];
}

const siteLine = ({ name, status, phase, attempt, message }: SiteSummary) =>
  `${name}: ${status} in ${phaseText(phase)}, attempt ${attempt}: ${message}`;
