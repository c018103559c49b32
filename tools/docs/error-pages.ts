import { CATALOGUE, type ErrorEntry } from "../../provider/core/errors";

/** A page for each code of the catalogue, and an index. */
export function errorPages(): Record<string, string> {
  const entries: [code: string, entry: ErrorEntry][] = Object.entries(CATALOGUE);
  const all = Object.fromEntries(entries.map(([code, entry]) => [`errors/${code}.md`, render(code, entry)]));
  return { ...all, "errors/README.md": index(entries) };
}

const NOTICE = "<!-- Written by `npm run docs` from provider/core/errors; change the catalogue, not this page. -->";

function render(code: string, { kind, title, cause, remedy, retryAfterSeconds, symptom }: ErrorEntry): string {
  return [
    `# ${code}: ${title}`,
    "",
    NOTICE,
    "",
    `**Kind.** ${sentence(kind)}`,
    "",
    `**Cause.** ${sentence(cause)}`,
    "",
    `**What to do.** ${sentence(remedy)}`,
    "",
    ...(symptom ? [`**How it shows.** ${symptom}`, ""] : []),
    `**When to try again.** ${whenToRetry(retryAfterSeconds)}`,
    "",
  ].join("\n");
}

function whenToRetry(seconds: number | undefined): string {
  if (seconds === undefined) return "As soon as the cause is fixed.";
  return `Not before ${seconds / 60} minutes have passed: an unfinished join blocks the next one for about that long.`;
}

function index(entries: [code: string, entry: ErrorEntry][]): string {
  const rows = entries.map(
    ([code, { title, kind, cause }]) => `| [${code}](${code}.md) | ${title} | ${kind} | ${cause} |`,
  );
  return ["# Errors", "", NOTICE, "", "| code | title | kind | cause |", "| --- | --- | --- | --- |", ...rows, ""].join(
    "\n",
  );
}

const sentence = (text: string) => `${text[0]?.toUpperCase()}${text.slice(1)}.`;
