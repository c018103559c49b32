import { readFileSync } from "node:fs";
import { join } from "node:path";
import { APPLIANCE_ERRORS } from "../../provider/core/errors/appliances";
import { CLUSTER_ERRORS } from "../../provider/core/errors/cluster";
import { DIAGNOSIS_ERRORS } from "../../provider/core/errors/diagnosis";
import { ERROR_KINDS, type ErrorEntries, type ErrorEntry, type ErrorKind } from "../../provider/core/errors/entry";
import { JOIN_ERRORS, JOIN_REQUEST_ERRORS } from "../../provider/core/errors/join";
import { PREFLIGHT_ERRORS } from "../../provider/core/errors/preflight";
import {
  ROUTER_CHANGE_ERRORS,
  ROUTER_CONFLICT_ERRORS,
  ROUTER_CONNECTION_ERRORS,
  ROUTER_REQUIREMENT_ERRORS,
} from "../../provider/core/errors/router";
import { SPP_ERRORS } from "../../provider/core/errors/spp";

interface Subject {
  title: string;
  entries: ErrorEntries;
  /** The page that explains more, below docs, and what it is about. */
  more: [page: string, about: string];
}

const SUBJECTS: readonly Subject[] = [
  { title: "Connections to SPS and SPP", entries: APPLIANCE_ERRORS, more: ["preflight.md", "the preflight"] },
  { title: "SPS clusters", entries: CLUSTER_ERRORS, more: ["resources/sps-cluster.md", "SpsCluster"] },
  { title: "Answers of SPP", entries: SPP_ERRORS, more: ["resources/spp-join.md", "SppJoin"] },
  { title: "Failed join requests", entries: JOIN_REQUEST_ERRORS, more: ["join.md", "the join"] },
  { title: "The join, before and after its request", entries: JOIN_ERRORS, more: ["join.md", "the join"] },
  { title: "Preflight of a join", entries: PREFLIGHT_ERRORS, more: ["preflight.md", "the preflight"] },
  { title: "Diagnosis of a site", entries: DIAGNOSIS_ERRORS, more: ["doctor.md", "the diagnosis"] },
  {
    title: "Connections to routers",
    entries: ROUTER_CONNECTION_ERRORS,
    more: ["router-linux/guide.md#connect-to-the-router", "connections to Linux routers"],
  },
  {
    title: "Requirements of a router",
    entries: ROUTER_REQUIREMENT_ERRORS,
    more: ["router-linux/guide.md", "Linux routers"],
  },
  {
    title: "Conflicts on a router",
    entries: ROUTER_CONFLICT_ERRORS,
    more: ["router-linux/reference.md", "what is added to Linux routers"],
  },
  {
    title: "Changes of a router",
    entries: ROUTER_CHANGE_ERRORS,
    more: ["router-linux/runbook.md", "what to do when something fails on a router"],
  },
];

/** The committed messages, one a code; `npm test` fails when the code no longer produces one of them. */
const examples: Partial<Record<string, string>> = JSON.parse(
  readFileSync(join(__dirname, "error-examples.json"), "utf8"),
);

/** Errors of Cisco routers only. */
const CISCO_CODES = ["SG3208", "SG3209", "SG3211"];
const CISCO: Subject["more"] = ["router-cisco-ios.md", "Cisco routers"];

/** A page for each code of the catalogue, and an index by subject and by kind. */
export function errorPages(): Record<string, string> {
  const pages = SUBJECTS.flatMap(({ entries, more }) =>
    Object.entries(entries).map(([code, entry]) => [
      `errors/${code}.md`,
      page(code, entry, CISCO_CODES.includes(code) ? CISCO : more),
    ]),
  );
  return { ...Object.fromEntries(pages), "errors/README.md": index() };
}

const NOTICE = "<!-- Written by `npm run docs` from provider/core/errors; change the catalogue, not this page. -->";

function page(code: string, entry: ErrorEntry, [file, about]: Subject["more"]): string {
  const { kind, title, cause, remedy, retryAfterSeconds, symptom } = entry;
  const example = examples[code];
  return [
    `# ${code}: ${title}`,
    "",
    NOTICE,
    "",
    ...(example ? ["```", example, "```", ""] : []),
    `**Kind.** \`${kind}\`: ${sentence(ERROR_KINDS[kind])}`,
    "",
    `**Cause.** ${sentence(cause)}`,
    "",
    `**What to do.** ${sentence(remedy)} Where the message names another remedy, follow the message.`,
    "",
    ...(symptom ? [`**How it shows.** ${symptom}`, ""] : []),
    `**When to try again.** ${whenToRetry(retryAfterSeconds)}`,
    "",
    `**More.** [${sentence(about).slice(0, -1)}](../${file}), [all errors](README.md)`,
    "",
  ].join("\n");
}

function whenToRetry(seconds: number | undefined): string {
  if (seconds === undefined) return "As soon as the cause is fixed.";
  return `Not before ${seconds / 60} minutes have passed: an unfinished join blocks the next one for about that long.`;
}

function index(): string {
  return [
    "# Errors",
    "",
    NOTICE,
    "",
    "Every message ends with its code, such as `[SG1203]`. To find out what to do, open the page of the code.",
    "The command `pulumi-safeguard` prints the code as a link to its page where the terminal shows links;",
    "`FORCE_HYPERLINK=1` or `0` overrides that. Pulumi prints the plain code: its output passes through the engine.",
    "",
    ...SUBJECTS.flatMap(({ title, entries }) => [
      `## ${title}`,
      "",
      "| code | title | kind | cause |",
      "| --- | --- | --- | --- |",
      ...Object.entries(entries).map(
        ([code, { title, kind, cause }]) => `| ${link(code)} | ${title} | ${kind} | ${cause} |`,
      ),
      "",
    ]),
    "## By kind",
    "",
    "| kind | meaning | codes |",
    "| --- | --- | --- |",
    ...Object.entries(ERROR_KINDS).map(
      ([kind, meaning]) =>
        `| ${kind} | ${meaning} | ${codesOf(kind as ErrorKind)
          .map(link)
          .join(", ")} |`,
    ),
    "",
  ].join("\n");
}

function codesOf(kind: ErrorKind): string[] {
  return SUBJECTS.flatMap(({ entries }) => Object.entries(entries))
    .filter(([, entry]) => entry.kind === kind)
    .map(([code]) => code);
}

const link = (code: string) => `[${code}](${code}.md)`;
const sentence = (text: string) => `${text[0]?.toUpperCase()}${text.slice(1)}.`;
