import { type Command, InvalidArgumentError } from "commander";
import type { SurveyedSite } from "../machine/survey";
import { DefinitionError } from "../plan/load";
import type { Plan, PlannedSite } from "../plan/plan";
import { type SurveyKind, surveyJson, surveyLine, surveyLines } from "../report/survey-text";
import { withFileOption } from "./options";
import { EXIT, printResult, type Session, showProgress } from "./session";
import { loadWithDistinctSpps } from "./spp-names";

interface SurveyValues {
  file: string;
  site?: string[];
  parallel?: number;
}

const MOST_AT_A_TIME = 500;

/** Commands that read all sites and change nothing. They need no database. */
export function addSurveyCommands(program: Command, session: Session): void {
  const add = (kind: SurveyKind, description: string) =>
    withFileOption(program.command(kind))
      .description(description)
      .option("--site <name...>", "only these sites; default: all that are not frozen")
      .option(
        "--parallel <n>",
        `how many sites at a time, 1 to ${MOST_AT_A_TIME}; default: parallelism of the file`,
        atATime,
      )
      .action(async (values: SurveyValues) => {
        await survey(kind, values, session);
      });
  add("preview", "Previews all sites in one report. Changes nothing, neither sites nor stacks.");
  add("refresh", "Compares all sites with their recorded state, and reports drift by site. Changes nothing.");
}

async function survey(kind: SurveyKind, values: SurveyValues, session: Session): Promise<void> {
  const { signal } = session;
  const rollout = await loadWithDistinctSpps(values.file);
  const { plan } = rollout;
  const sites = chosenSites(plan, values);
  const frozen = values.site === undefined ? plan.frozen : [];
  const { parallel: parallelism = plan.parallelism } = values;
  // The Automation API takes longer to load than other commands to run.
  const { surveySites } = require("../step/survey") as typeof import("../step/survey");
  const surveyed = await surveySites(rollout, sites, {
    kind,
    parallelism,
    signal,
    onSite: (one) => showProgress(session, surveyLine(kind, one)),
  });
  if (signal.aborted) {
    throw new Error(
      `${kind} of ${plan.name}: interrupted after ${surveyed.length} of ${sites.length} sites; run it again`,
    );
  }
  const text = `\n${surveyLines(kind, plan.name, surveyed, frozen, plan.frozenReasons).join("\n")}`;
  printResult(session, surveyJson(plan.name, surveyed, frozen), text);
  session.exitCode = exitCodeOf(kind, surveyed);
}

/** The exit code of a survey. A refresh says nothing good about a site that is not rolled out yet. */
export function exitCodeOf(kind: SurveyKind, surveyed: readonly SurveyedSite[]): Session["exitCode"] {
  if (surveyed.some(({ outcome }) => outcome !== "done" && outcome !== "absent")) return EXIT.failed;
  if (surveyed.some(({ outcome }) => outcome === "absent")) return EXIT.attention;
  const hasDrift = kind === "refresh" && surveyed.some(({ changes }) => changes.length > 0);
  return hasDrift ? EXIT.attention : EXIT.fine;
}

/** @throws DefinitionError when a name is none of an active site */
function chosenSites({ sites, frozen }: Plan, { file, site: names }: SurveyValues): PlannedSite[] {
  if (names === undefined) return Object.values(sites);
  const problems = names
    .filter((name) => !sites[name])
    .map((name) => `--site: ${name} ${frozen.includes(name) ? "is frozen" : "is not in sites"}; correct its name.`);
  if (problems.length > 0) throw new DefinitionError(file, problems);
  return [...new Set(names)].flatMap((name) => sites[name] ?? []);
}

/** @throws InvalidArgumentError when it is no number of sites */
function atATime(text: string): number {
  const number = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= MOST_AT_A_TIME) return number;
  throw new InvalidArgumentError(`Allowed values are: 1 to ${MOST_AT_A_TIME}.`);
}
