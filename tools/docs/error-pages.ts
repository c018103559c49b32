import { JOIN_FAILURES, type JoinFailure, OTHER } from "../../provider/join/catalogue";

/** A page for each failure of the join, from its entry in the catalogue. */
export function errorPages(): Record<string, string> {
  const failures = [...JOIN_FAILURES, OTHER];
  const all = Object.fromEntries(failures.map((failure) => [`errors/${failure.code}.md`, render(failure)]));
  return { ...all, "errors/README.md": index(failures) };
}

const NOTICE =
  "<!-- Written by `npm run docs` from provider/join/catalogue.ts; change the catalogue, not this page. -->";

function render(failure: JoinFailure): string {
  const wait =
    failure.retryAfterSeconds === 0
      ? "At once, when the cause is mended."
      : `Not before ${failure.retryAfterSeconds / 60} minutes have passed: an unfinished join blocks the next one for about that long.`;
  return [
    `# ${failure.code}: ${failure.name}`,
    "",
    NOTICE,
    "",
    `**Cause.** ${sentence(failure.cause)}`,
    "",
    `**What to do.** ${sentence(failure.remedy)}`,
    "",
    `**How it shows.** ${failure.symptom}`,
    "",
    `**Another try.** ${wait}`,
    "",
    "Source: SPS Administration Guide, resolution of errors when joining SPP.",
    "",
  ].join("\n");
}

function index(failures: readonly JoinFailure[]): string {
  const rows = failures.map(({ code, name, cause }) => `| [${code}](${code}.md) | ${name} | ${cause} |`);
  return ["# Failures of a join", "", NOTICE, "", "| code | name | cause |", "| --- | --- | --- |", ...rows, ""].join(
    "\n",
  );
}

const sentence = (text: string) => `${text[0]?.toUpperCase()}${text.slice(1)}.`;
